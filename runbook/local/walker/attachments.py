"""Whether each attachment is the file that was meant, and holds the scripts that the steps name."""

from __future__ import annotations

import ast
import functools
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping

from runbook.local.walker.graph import Document, Step

RUNTIME = "python3.11"
#: https://docs.aws.amazon.com/general/latest/gr/ssm.html
ATTACHMENTS = 5


def attachment_defects(document: Document, files: Mapping[str, bytes]) -> Iterator[str]:
    """Attachments by their checksum, scripts by their names."""
    declared = document.content.get("files", {})
    if len(declared) > ATTACHMENTS:
        yield f"The document: has {len(declared)} attachments; SSM takes {ATTACHMENTS}."
    for name, one in declared.items():
        yield from _file(name, one.get("checksums", {}).get("sha256"), files.get(name))
    for step in document.steps.values():
        if step.action == "aws:executeScript":
            name = step.inputs.get("Attachment", "")
            found = files.get(name) if name in declared else None
            yield from (f"Step '{step.name}': {wrong}." for wrong in _script(step, name, found))


def _file(name: str, checksum: str | None, found: bytes | None) -> Iterator[str]:
    if not re.fullmatch(r"[a-zA-Z0-9_\-.]{3,128}", name):
        yield f"The document: SSM takes no attachment called '{name}'."
    if found is None:
        yield f"The document: there is no file '{name}' to attach."
    elif hashlib.sha256(found).hexdigest() != checksum:
        yield f"The document: the sha256 of '{name}' is not that of the file."


def _script(step: Step, name: str, found: bytes | None) -> Iterator[str]:
    if (runtime := step.inputs.get("Runtime")) != RUNTIME:
        yield f"Runtime is {runtime}, not {RUNTIME}"
    if not isinstance(step.inputs.get("InputPayload"), dict):
        yield "has no InputPayload"
    handler = str(step.inputs.get("Handler"))
    if found is None:
        yield f"Attachment '{name}' is not among the document's files"
    elif not re.fullmatch(r"\w+\.\w+", handler):
        yield f"Handler is '{handler}', not file.function"
    else:
        module, function = handler.split(".")
        if function not in _functions(found, f"{module}.py"):
            yield f"'{name}' defines no {handler} that takes an event and a context"


@functools.cache
def _functions(archive: bytes, path: str) -> frozenset[str]:
    """The functions of a file at the top of a zip that SSM could call, with an event and a context."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        if path not in packed.namelist():
            return frozenset()
        tree = ast.parse(packed.read(path))
    found = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return frozenset(node.name for node in found if len(node.args.posonlyargs + node.args.args) == 2)
