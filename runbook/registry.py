"""The two decorators, and the table of everything that they decorate.

A check's id is the path of its file: `runbook/checks/ebs/identity/web_identity_audience.py` holds
`ebs.identity.web_identity_audience`. Evidence is named by its function; a parameter of that name
receives its result.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from runbook.model import NotApplicable, Problem, ProblemKind, Severity, Unavailable

Function = TypeVar("Function", bound=Callable[..., Any])

#: What the engine itself hands out, beside the results of providers.
GIVEN = ("kubernetes", "aws", "parameters", "now", "deployment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A provider: a coroutine that asks through the ports, and the calls it may make."""

    name: str
    calls: frozenset[str]
    function: Callable[..., Any]
    needs: tuple[str, ...]
    tolerates: dict[str, tuple[type[Exception], ...]]
    """By parameter what it accepts in place of a result: `Unavailable`, `NotApplicable` or both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A pure function from evidence to problems, with what must be known about it beforehand."""

    id: str
    title: str
    why: str
    severity: Severity
    kind: ProblemKind
    about: str
    covers: tuple[str, ...]
    after: tuple[str, ...]
    docs: str
    function: Callable[..., Iterator[Problem]]
    needs: tuple[str, ...]
    tolerates: dict[str, tuple[type[Exception], ...]]

    @property
    def family(self) -> str:
        """The runbook it belongs to."""
        return self.id.split(".")[0]

    @property
    def topic(self) -> str:
        """The section of the report, which is the step of the document."""
        return self.id.split(".")[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """All evidence by name and all checks by id, in a stable order."""

    evidence: dict[str, Evidence]
    checks: dict[str, Check]

    def family(self, name: str) -> tuple[Check, ...]:
        """The checks of one runbook."""
        return tuple(check for check in self.checks.values() if check.family == name)

    def topic(self, family: str, topic: str) -> tuple[Check, ...]:
        """The checks of one section of a runbook's report."""
        return tuple(check for check in self.family(family) if check.topic == topic)

    def upstream(self, check: Check) -> frozenset[str]:
        """The ids of all checks whose fault can produce what `check` sees: the closure of `after`.

        Its own is among them only where checks follow from each other in a circle.
        """
        seen: set[str] = set()
        todo = [*self._direct(check)]
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo.extend(self._direct(self.checks[name]))
        return frozenset(seen)

    def _direct(self, check: Check) -> set[str]:
        """What `after` names; a topic stands for its other checks."""
        return {one for name in check.after for one in self.named(name)} - {check.id}

    def named(self, name: str) -> list[str]:
        """A check by its id, or all checks of a topic."""
        return [check for check in self.checks if check == name or check.startswith(name + ".")]


def evidence(*calls: str) -> Callable[[Function], Function]:
    """Mark a coroutine as provider; `calls` are all it may ask ("k8s:get pods", "iam:GetRole")."""

    def mark(function: Function) -> Function:
        function.__dict__["evidence_calls"] = frozenset(calls)
        return function

    return mark


def check(
    *,
    severity: Severity,
    about: str,
    docs: str,
    kind: ProblemKind = "cause",
    covers: Sequence[str] = (),
    after: Sequence[str] = (),
) -> Callable[[Function], Function]:
    """Mark a generator of problems as check.

    `about` is the kind of resource its problems speak of; `after` names checks or topics whose
    fault can produce such a problem (none for a check that reads configuration).
    """
    facts = {
        "severity": severity,
        "about": about,
        "docs": docs,
        "kind": kind,
        "covers": tuple(covers),
        "after": tuple(after),
    }

    def mark(function: Function) -> Function:
        function.__dict__["check_facts"] = facts
        return function

    return mark


@functools.cache
def load() -> Registry:
    """Import every module below `runbook.evidence` and `runbook.checks` and list what they hold."""
    providers = sorted(
        (e for m in _modules("runbook.evidence") for e in _evidence_in(m)), key=lambda e: e.name
    )
    checks = sorted((c for m in _modules("runbook.checks") for c in _checks_in(m)), key=lambda c: c.id)
    return Registry(evidence={e.name: e for e in providers}, checks={c.id: c for c in checks})


def _modules(package: str) -> Iterator[Any]:
    root = importlib.import_module(package)
    for info in pkgutil.walk_packages(root.__path__, package + "."):
        yield importlib.import_module(info.name)


def _functions(module: Any, marker: str) -> Iterator[Any]:
    for function in vars(module).values():
        if (
            inspect.isfunction(function)
            and function.__module__ == module.__name__
            and marker in function.__dict__
        ):
            yield function


def _evidence_in(module: Any) -> Iterator[Evidence]:
    for function in _functions(module, "evidence_calls"):
        needs, tolerates = _needs(function)
        yield Evidence(
            name=function.__name__,
            calls=function.evidence_calls,
            function=function,
            needs=needs,
            tolerates=tolerates,
        )


def _checks_in(module: Any) -> Iterator[Check]:
    for function in _functions(module, "check_facts"):
        title, _, why = inspect.cleandoc(function.__doc__ or "").partition("\n\n")
        needs, tolerates = _needs(function)
        yield Check(
            id=module.__name__.removeprefix("runbook.checks."),
            title=" ".join(title.split()),
            why=" ".join(why.split()),
            function=function,
            needs=needs,
            tolerates=tolerates,
            **function.check_facts,
        )


def _needs(function: Any) -> tuple[tuple[str, ...], dict[str, tuple[type[Exception], ...]]]:
    hints = typing.get_type_hints(function)
    needs = tuple(inspect.signature(function).parameters)
    alternatives = {name: set(typing.get_args(hints[name])) for name in needs}
    return needs, {
        name: tuple(kind for kind in (NotApplicable, Unavailable) if kind in alternatives[name])
        for name in needs
    }
