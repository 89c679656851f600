"""A report for people and machines: text, Markdown, HTML and JSON from one dict.

The dict has the shape of `schema.json`. Whatever form it takes, every string in it is made harmless first.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from importlib import resources
from typing import Any, Literal

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template, select_autoescape

from runbook.report import html, markdown, text
from runbook.report.harmless import harmless
from runbook.report.view import view

Form = Literal["text", "md", "html", "json"]
__all__ = ["Form", "render", "schema"]


def render(report: dict[str, Any], form: Form, *, width: int = 100, color: bool = False) -> str:
    """The report in one form. `width` (columns) and `color` (ANSI) concern text only."""
    safe = harmless(report)
    match form:
        case "json":
            return json.dumps(safe, indent=2, ensure_ascii=False) + "\n"
        case "text":
            return _text(width, color).render(report=view(safe))
        case "md":
            return _markdown().render(report=view(safe))
        case "html":
            return _html().render(report=view(safe), page=html.page(_read))


def schema() -> dict[str, Any]:
    """The JSON Schema that every report keeps to."""
    return dict(json.loads(_read("schema.json")))


@functools.cache
def _text(width: int, color: bool) -> Template:
    return _template("report.txt", text.filters(width, color))


@functools.cache
def _markdown() -> Template:
    return _template("report.md", markdown.FILTERS)


@functools.cache
def _html() -> Template:
    return _template("report.html", html.FILTERS)


def _template(name: str, filters: dict[str, Callable[..., Any]]) -> Template:
    environment = Environment(
        loader=FunctionLoader(_read),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= filters
    return environment.get_template(name)


def _read(name: str) -> str:
    return resources.files("runbook.report").joinpath(name).read_text(encoding="utf-8")
