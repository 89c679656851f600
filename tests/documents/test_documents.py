"""The walker over every document that is rendered."""

from __future__ import annotations

import copy
import json
from importlib.resources import files

import pytest

from runbook.deployment import SWEEPER, role_name
from runbook.documents.render import calls, rendered
from runbook.iam.actions import action
from runbook.local.deployed import TEMPLATE
from runbook.local.walker import defects
from runbook.local.walker.limits import document_bytes
from runbook.local.walker.permits import permits, role_policies
from runbook.local.zips import steps_zip

EBS = "TroubleshootEbsCsiDriversForEks"
REMOVING = [one["name"] for one in rendered()[EBS]["mainSteps"] if one.get("onCancel") == "step:RemoveProxy"]
EACH_DOCUMENT = pytest.mark.parametrize("name", rendered())


@EACH_DOCUMENT
def test_no_document_has_a_defect(name: str) -> None:
    assert defects(rendered()[name], files={"steps.zip": steps_zip()}) == []


@pytest.mark.parametrize(("name", "role"), [(EBS, "automation"), (SWEEPER, "sweeper")])
def test_the_role_of_each_document_may_make_its_calls(name: str, role: str) -> None:
    template = json.loads((files("runbook.local") / TEMPLATE).read_text(encoding="utf-8"))
    allowed = permits(role_policies(template, role_name(role, "")))
    assert defects(rendered()[name], files={"steps.zip": steps_zip()}, allowed=allowed) == []
    assert [call for call in sorted(calls(rendered()[name])) if not allowed(action(call))] == []
    assert not allowed("iam:CreateRole")


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
