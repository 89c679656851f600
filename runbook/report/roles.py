"""What each problem is in the story: the cause, what follows from it, or something beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A problem's place in the story, by name and in words: "follows from cause 2"."""

    name: Literal["obstacle", "cause", "unexplained", "consequence", "also seen"]
    says: str


#: Within a check, what matters most comes first.
ROLES = ("obstacle", "cause", "unexplained", "consequence", "also seen")


def roles_of(report: Mapping[str, Any]) -> dict[str, Role]:
    """What each failed finding is in the story, by id."""
    several = len(report["causes"]) > 1
    causes = {
        cause["finding"]: f"cause {place}" if several else "the cause"
        for place, cause in enumerate(report["causes"], 1)
    }
    obstacles = {obstacle["finding"] for obstacle in report["obstacles"]}
    summaries = {finding["id"]: finding["summary"] for finding in report["findings"]}
    return {
        finding["id"]: Role(name="obstacle", says="what stopped the run")
        if finding["id"] in obstacles
        else _role(finding, causes, report["also_seen"], summaries)
        for finding in report["findings"]
    }


def _role(
    finding: Mapping[str, Any],
    causes: Mapping[str, str],
    also_seen: Sequence[str],
    summaries: Mapping[str, str],
) -> Role:
    origins = finding["caused_by"]
    named = [causes[origin] for origin in origins if origin in causes]
    if finding["id"] in causes:
        return Role(name="cause", says=causes[finding["id"]])
    if finding["id"] in also_seen:
        return Role(name="also seen", says="not the cause")
    if named:
        return Role(name="consequence", says=f"follows from {' and '.join(named)}")
    if origins:
        return Role(name="consequence", says=f"follows from: {summaries[origins[0]]}")
    return Role(name="unexplained", says="")
