"""Whole reports, as people and machines get them. `UPDATE_GOLDEN=1` writes the files anew."""

from __future__ import annotations

import os
from pathlib import Path

import jsonschema
import pytest

from runbook.report import Form, render, schema
from tests.report.given import Json
from tests.report.samples import SAMPLES

GOLDEN = Path(__file__).parents[1] / "golden" / "report"
FORMS: dict[str, Form] = {"txt": "text", "md": "md", "html": "html", "json": "json"}


@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_report_in_one_form_is_the_golden_file(name: str, suffix: str) -> None:
    path = GOLDEN / f"{name}.{suffix}"
    rendered = render(SAMPLES[name], FORMS[suffix])
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rendered, encoding="utf-8")
    assert rendered == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("report", SAMPLES.values(), ids=SAMPLES)
def test_a_report_keeps_to_the_schema(report: Json) -> None:
    jsonschema.Draft202012Validator(schema()).validate(report)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("key", schema()["properties"])
def test_the_schema_refuses_a_report_with_a_wrong_part(key: str) -> None:
    wrong = {**SAMPLES["faulty"], key: 7}
    assert not jsonschema.Draft202012Validator(schema()).is_valid(wrong)


def test_the_schema_refuses_a_part_it_does_not_know() -> None:
    assert not jsonschema.Draft202012Validator(schema()).is_valid({**SAMPLES["faulty"], "score": 7})
