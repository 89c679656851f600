"""What the written pages tell to type is what the aws command line and make take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from awscli.clidriver import create_clidriver  # type: ignore[import-untyped]

from tests.test_docs import ROOT, WRITTEN

PAGES = [*WRITTEN, *(ROOT / "docs").glob("*.yaml"), *(ROOT / "docs").rglob("*.sh")]
#: A command in a line of its own (with its continuations), in a script, or in a text.
_COMMAND = re.compile(
    r"(?:^[ #+]*(?:run )?|`|\$\(|\| )(aws [a-z0-9-]+ [a-z0-9-]+(?:[^\n\\]|\\\n)*)", re.MULTILINE
)


def commands(path: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Service, operation and options of every aws command of a page."""
    for found in _COMMAND.findall(path.read_text(encoding="utf-8")):
        _, service, operation, *_ = found.split()
        # A second command in the same text is found by itself.
        yield (
            service,
            operation.rstrip("`"),
            re.findall(r"(?<!\S)--[a-z][\w-]*", re.split(r"(?<=\S)` |\) ?\|", found)[0]),
        )


TOLD = [(path.name, *told) for path in PAGES for told in commands(path)]


@pytest.fixture(scope="module")
def aws() -> Any:
    return create_clidriver().create_help_command()


@pytest.mark.parametrize(("page", "service", "operation", "options"), TOLD)
def test_the_aws_command_line_takes_it(
    aws: Any, page: str, service: str, operation: str, options: list[str]
) -> None:
    command = aws.command_table[service].create_help_command().command_table[operation]
    taken = {f"--{name}" for name in (*command.arg_table, *aws.arg_table)}
    assert [option for option in options if option not in taken] == []


def test_commands_are_found_in_the_pages() -> None:
    assert {"deploy.md", "run.md", "what-stays-behind.md", "plant.sh", "remove.sh"} <= {
        page for page, *_ in TOLD
    }


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_make_has_the_targets_that_pages_name(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    rules = re.findall(r"^([a-z][\w -]*):(?!=)", makefile, re.MULTILINE)
    targets = {target for rule in rules for target in rule.split()}
    named = set(re.findall(r"(?:^    |`)make ([a-z][\w-]*)", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets
