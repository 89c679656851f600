"""The walker over small documents: declarations, and the graph of the steps."""

from __future__ import annotations

import pytest

from runbook.local.walker import defects, flow
from tests.documents.small import FILES, Change, broken, document, inputs, parameter, sound, step, without


def found(*changes: Change) -> list[str]:
    return defects(broken(*changes), files=FILES)


def test_a_sound_document_has_no_defect() -> None:
    assert defects(sound(), files=FILES, allowed=lambda _: True) == []


def test_the_flow_tells_what_follows_each_outcome() -> None:
    assert flow(sound()) == [
        ("Plan", "Choose", "Tell", "Tell"),
        ("Choose", "Deploy or Tell", "end", "end"),
        ("Deploy", "Wait", "Remove", "Remove"),
        ("Wait", "Look", "Remove", "Remove"),
        ("Look", "Remove", "Remove", "Remove"),
        ("Remove", "Tell", "Tell", "Tell"),
        ("Tell", "Finish", "Finish", "Finish"),
        ("Finish", "end", "end", "end"),
    ]


DECLARATIONS: dict[str, tuple[Change, str]] = {
    "schema": (document(schemaVersion="2.2"), "The document: schemaVersion is not '0.3'."),
    "no steps": (document(mainSteps=[]), "The document: has no 'mainSteps'."),
    "no role": (document(assumeRole=None), "The document: has no 'assumeRole'."),
    "unknown field": (document(variables={}), "The document: SSM knows no field 'variables'."),
    "parameter field": (parameter("Cluster", pattern="a"), "Parameter 'Cluster': SSM knows no field 'pattern'."),
    "no description": (parameter("Cluster", description=None), "Parameter 'Cluster': has no description."),
    "type": (parameter("Cluster", type="Text"), "Parameter 'Cluster': SSM has no type 'Text'."),
    "type of default": (parameter("Cluster", type="StringList", default="a"), "Parameter 'Cluster': the default is no StringList."),
    "no pattern": (parameter("Cluster", allowedPattern=None), "Parameter 'Cluster': has neither allowedPattern nor allowedValues."),
    "no expression": (parameter("Cluster", allowedPattern="^(a$"), "Parameter 'Cluster': allowedPattern is no regular expression: missing ), unterminated subpattern."),
    "named group": (parameter("Cluster", allowedPattern="^(?P<a>b)$"), "Parameter 'Cluster': allowedPattern holds '(?P', which Java reads otherwise than Python."),
    "Python's end": (parameter("Cluster", allowedPattern=r"^a\Z"), r"Parameter 'Cluster': allowedPattern holds '\Z', which Java reads otherwise than Python."),
    "Java's union": (parameter("Cluster", allowedPattern="^[a-z[]$"), "Parameter 'Cluster': allowedPattern holds '[a-z[', which Java reads otherwise than Python."),
    "Java's intersection": (parameter("Cluster", allowedPattern="^[a&&b]$"), "Parameter 'Cluster': allowedPattern holds '[a&&', which Java reads otherwise than Python."),
    "not anchored": (parameter("Cluster", allowedPattern="[a-z]+"), "Parameter 'Cluster': allowedPattern must begin with ^ and end with $."),
    "default": (parameter("Cluster", default="A"), "Parameter 'Cluster': the default 'A' does not match allowedPattern."),
    "default value": (parameter("Cluster", allowedPattern=None, allowedValues=["a"], default="b"), "Parameter 'Cluster': the default 'b' is not among allowedValues."),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), DECLARATIONS.values(), ids=DECLARATIONS)
def test_declarations(change: Change, message: str) -> None:
    assert found(change) == [message]


def test_brackets_that_are_escaped_are_no_class_within_a_class() -> None:
    assert found(parameter("Cluster", allowedPattern=r"^\[[a-z\[\]]+]?$")) == []


STRUCTURES: dict[str, tuple[Change, list[str]]] = {
    "two of one name": (step("Wait", name="Look"), ["Step 'Look': more than one step has this name."]),
    "action": (step("Wait", action="aws:nope"), ["Step 'Wait': action 'aws:nope' is none that our documents use."]),
    "field": (step("Wait", timeout=5), ["Step 'Wait': SSM knows no field 'timeout'."]),
    "no inputs": (step("Wait", inputs=None), ["Step 'Wait': has no 'inputs'."]),
    "no name": (step("Wait", name=None), ["Step '#4': has no 'name'."]),
    "no such handler": (step("Plan", onFailure="Tell"), ["Step 'Plan': onFailure is 'Tell', not Abort, Continue or step:NAME."]),
    "continue on cancel": (step("Plan", onCancel="Continue"), ["Step 'Plan': onCancel is 'Continue', not Abort or step:NAME."]),
    "continue": (step("Look", onFailure="Continue"), ["Step 'Look': onFailure Continue hides failures; name a step or say isCritical false."]),
    "next": (step("Wait", nextStep="Nowhere"), ["Step 'Wait': leads on success to 'Nowhere', which does not exist.", "Step 'Look': no way leads to it."]),
    "failure": (step("Wait", onFailure="step:Nowhere"), ["Step 'Wait': leads on failure to 'Nowhere', which does not exist."]),
    "cancel": (step("Wait", onCancel="step:Nowhere"), ["Step 'Wait': leads on cancel to 'Nowhere', which does not exist."]),
    "choice": (inputs("Choose", Choices=[{"NextStep": "Nowhere"}, {"NextStep": "Deploy"}]), ["Step 'Choose': leads on success to 'Nowhere', which does not exist."]),
    "default": (inputs("Choose", Default=None), ["Step 'Choose': the branch has no Default."]),
    "cancel to a creation": (step("Plan", onCancel="step:Deploy"), ["Step 'Plan': onCancel may not lead to aws:createStack ('Deploy')."]),
    "unreachable": (step("Deploy", nextStep="Look"), ["Step 'Wait': no way leads to it."]),
    "loop": (step("Look", onFailure="step:Wait"), ["Step 'Wait': is in a loop, which SSM refuses: Wait, Look, Wait."]),
    "loop of one": (step("Tell", onCancel="step:Tell"), ["Step 'Tell': is in a loop, which SSM refuses: Tell, Tell."]),
    "no end": (step("Finish", isEnd=None), ["Step 'Finish': is the last, but does not say isEnd."]),
    "early end": (step("Look", isEnd=True), ["Step 'Look': says isEnd, but 'Finish' is the last."]),
}  # fmt: skip


@pytest.mark.parametrize(("change", "messages"), STRUCTURES.values(), ids=STRUCTURES)
def test_structures(change: Change, messages: list[str]) -> None:
    assert found(change) == messages


def test_an_uncritical_step_may_continue() -> None:
    assert found(step("Look", onFailure="Continue", isCritical=False)) == []


REFERENCES: dict[str, tuple[Change, str]] = {
    "role": (document(assumeRole="{{ Roll }}"), "The document: assumeRole uses 'Roll', which is no parameter."),
    "given out": (document(outputs=["Tell.Nothing"]), "The document: gives out 'Tell.Nothing', which no step has."),
    "unknown": (inputs("Tell", InputPayload={"a": ["{{global:PLANET}}"]}), "Step 'Tell': uses 'global:PLANET', which is neither parameter nor variable nor output of a step."),
    "not declared": (inputs("Look", StackName="{{ Deploy.Topic }}"), "Step 'Look': uses 'Deploy.Topic', which is neither parameter nor variable nor output of a step."),
    "of itself": (inputs("Look", StackName="{{ Look.Status }}"), "Step 'Look': uses 'Look.Status', which is not set when Plan succeeds, Choose succeeds, Deploy succeeds, Wait succeeds."),
    "after a failure": (inputs("Tell", InputPayload={"a": "{{ Look.Status }}"}), "Step 'Tell': uses 'Look.Status', which is not set when Plan fails."),
    "before it": (inputs("Plan", InputPayload={"a": "{{ Look.Status }}"}), "Step 'Plan': uses 'Look.Status', which is not set when the execution starts."),
    "skipped by a branch": (
        lambda content: [step("Plan", onFailure="Abort", onCancel="Abort")(content), inputs("Finish", InputPayload={"a": "{{ Remove.Id }}"})(content), step("Remove", outputs=[{"Name": "Id", "Selector": "$", "Type": "StringMap"}], onFailure="Abort", onCancel="Abort")(content)],
        "Step 'Finish': uses 'Remove.Id', which is not set when Plan succeeds, Choose succeeds, Tell succeeds.",
    ),
    "only when cancelled": (
        lambda content: [step("Plan", onFailure="Abort")(content), inputs("Tell", InputPayload={"a": "{{ Plan.Endpoint }}"})(content)],
        "Step 'Tell': uses 'Plan.Endpoint', which is not set when Plan is cancelled.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), REFERENCES.values(), ids=REFERENCES)
def test_references(change: Change, message: str) -> None:
    assert [one for one in found(change) if " uses " in one or " gives out " in one] == [message]


def test_an_output_is_set_where_only_its_success_leads() -> None:
    assert (
        found(
            step("Plan", onFailure="Abort", onCancel="Abort"),
            inputs("Tell", InputPayload={"a": "{{ Plan.Endpoint }}"}),
        )
        == []
    )


def test_a_step_that_goes_before_is_not_one_that_succeeded() -> None:
    assert found(
        step("Wait", onFailure="step:Look"),
        step("Wait", outputs=[{"Name": "State", "Selector": "$.State", "Type": "String"}]),
        inputs("Look", StackName="{{ Wait.State }}"),
    ) == [
        "Step 'Look': uses 'Wait.State', which is not set when Plan succeeds, Choose succeeds, Deploy succeeds, Wait fails."
    ]


def test_a_step_taken_away_is_missed_by_all_who_named_it() -> None:
    assert found(without("Remove")) == [
        "Step 'Deploy': leads on failure to 'Remove', which does not exist.",
        "Step 'Deploy': leads on cancel to 'Remove', which does not exist.",
        "Step 'Wait': leads on failure to 'Remove', which does not exist.",
        "Step 'Wait': leads on cancel to 'Remove', which does not exist.",
        "Step 'Look': leads on failure to 'Remove', which does not exist.",
        "Step 'Look': leads on cancel to 'Remove', which does not exist.",
    ]
