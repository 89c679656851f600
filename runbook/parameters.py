"""Parameters as a user gives them: checked as SSM would, with a sentence for each mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from runbook.documents import Document, documents
from runbook.model import UsageError
from runbook.wording import names, near


def find_document(given: str) -> Document:
    """A runbook by its name, in any case, with or without "Troubleshoot" and "ForEks". Raises UsageError."""
    known = {_short(document.name): document for document in documents()}
    if _short(given) in known:
        return known[_short(given)]
    likely = near(_short(given), known)
    hint = f"; did you mean {known[likely[0]].name}?" if likely else ""
    raise UsageError(
        f"there is no runbook '{given}'; built are {names(d.name for d in known.values())}{hint}"
    )


def _short(name: str) -> str:
    return name.lower().removeprefix("troubleshoot").removesuffix("foreks")


def read(document: Document, words: Iterable[str]) -> dict[str, str]:
    """NAME=VALUE words as parameters, completed by defaults. Raises UsageError."""
    return complete(document, read_given(document, words))


def read_given(document: Document, words: Iterable[str]) -> dict[str, str]:
    """NAME=VALUE words as parameters, those alone that are given. Raises UsageError."""
    given: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise UsageError(f"'{word}' is not NAME=VALUE")
        _check_value(document, name, value)
        if name in given:
            raise UsageError(f"parameter {name} is given twice")
        given[name] = value
    return given


def _check_value(document: Document, name: str, value: str) -> None:
    parameter = document.parameter(name)
    if parameter is None:
        known = [p.name for p in document.parameters]
        alike = [k.lower() for k in known if k.lower() == name.lower()] or near(
            name.lower(), [k.lower() for k in known]
        )
        hint = next((f"; did you mean {k}?" for k in known if alike and k.lower() == alike[0]), "")
        raise UsageError(f"{document.name} has no parameter '{name}'{hint or f'; it has {names(known, 10)}'}")
    if not value:
        raise UsageError(f"parameter {name} is given as empty; leave it out" + _default(parameter.default))
    if not parameter.accepts(value):
        raise UsageError(f"parameter {name} cannot be '{value}'; allowed is {parameter.allowed}")


def _default(default: str | None) -> str:
    if default is None:
        return " only when you know what it should be: it has no default"
    return f" for its default, '{default}'" if default else " for its default"


def complete(document: Document, given: Mapping[str, str]) -> dict[str, str]:
    """All parameters, with defaults for those not given. Raises UsageError."""
    for parameter in document.parameters:
        if parameter.default is None and parameter.name not in given:
            raise UsageError(f"parameter {parameter.name} is missing: give {parameter.name}=VALUE")
    if given.get("ApplicationPodName") and not given.get("ApplicationNamespace"):
        raise UsageError(
            "ApplicationPodName needs ApplicationNamespace: a pod's name is unique in its namespace only"
        )
    return {p.name: given.get(p.name, p.default or "") for p in document.parameters}
