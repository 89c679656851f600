"""The walker over every document that is rendered."""

from __future__ import annotations

import copy

import pytest

from runbook.documents.render import rendered
from runbook.local.walker import defects
from runbook.local.walker.limits import document_bytes
from runbook.local.zips import steps_zip

EBS = "TroubleshootEbsCsiDriversForEks"
REMOVING = [one["name"] for one in rendered()[EBS]["mainSteps"] if one.get("onCancel") == "step:RemoveProxy"]
EACH_DOCUMENT = pytest.mark.parametrize("name", rendered())


@EACH_DOCUMENT
def test_no_document_has_a_defect(name: str) -> None:
    assert defects(rendered()[name], files={"steps.zip": steps_zip()}) == []


@EACH_DOCUMENT
def test_no_document_has_more_than_60_kb(name: str) -> None:
    assert document_bytes(rendered()[name]) < 60_000


@pytest.mark.parametrize("handler", ["onFailure", "onCancel"])
@pytest.mark.parametrize("name", REMOVING)
def test_a_handler_taken_from_a_step_leaves_the_stack_behind(name: str, handler: str) -> None:
    content = copy.deepcopy(rendered()[EBS])
    next(one for one in content["mainSteps"] if one["name"] == name).pop(handler)
    told = defects(content, files={"steps.zip": steps_zip()})
    verb = {"onFailure": "fails", "onCancel": "is cancelled"}[handler]
    assert told
    assert all(one.endswith(f"{name} {verb}.") for one in told)
