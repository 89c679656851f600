"""What the reader is told first, counted and left out."""

from __future__ import annotations

import re

from runbook.report.chain import Branch, branches, links
from runbook.report.sections import sections
from runbook.report.view import view
from tests.report.given import POD, Json, finding, link, step
from tests.report.samples import SAMPLES
from tests.report.seed import AUDIENCE, FAULTY, READY

FINDINGS = {one["id"]: one for one in FAULTY["findings"]}


def lines(branch: Branch) -> tuple[list[str], list[object]]:
    return [one.says for one in branch.links], [lines(fork) for fork in branch.forks]


def test_the_chain_is_drawn_straight_and_forks_where_it_forks() -> None:
    chain = [
        link(POD, depth, "ok", says) for says, depth in (("a", 0), ("b", 3), ("c", 5), ("d", 5), ("e", 6))
    ]
    drawn = branches(links({**FAULTY, "chain": chain}, FINDINGS))
    assert [lines(branch) for branch in drawn] == [(["a", "b"], [(["c"], []), (["d", "e"], [])])]


def test_an_empty_chain_is_drawn_as_nothing() -> None:
    assert branches(()) == ()


def test_the_quotation_is_the_one_nearest_to_the_first_cause() -> None:
    quoted = [one for one in links(FAULTY, FINDINGS) if one.quote]
    assert [one.name for one in quoted] == ["kube-system/ebs-csi-controller"]
    assert quoted[0].quote
    assert quoted[0].quote.source == "log kube-system/ebs-csi-controller-6d9f7c5b8-x2v4q ebs-plugin, 41 s ago"
    assert re.fullmatch(r"E1121 06:29:19.* … .*sts:AssumeRoleWithWebIdentity\"", quoted[0].quote.text)


def test_only_the_way_to_a_cause_leads() -> None:
    leads = [one.kind for one in links(FAULTY, FINDINGS) if one.leads]
    assert leads == ["pod", "claim", "deployment", "service account", "IAM role"]


def test_steps_are_numbered_through_all_causes() -> None:
    remedies = view(SAMPLES["two-causes"]).remedies
    assert [[one.number for one in remedy.steps] for remedy in remedies] == [[1, 2, 3], [4, 5], []]


def test_a_step_that_verifies_says_so_once() -> None:
    fixes = [
        step("This says Bound.", "get", verifies=True),
        step("It worked when this says Bound:", "get", verifies=True),
        step("By hand."),
    ]
    report = {**FAULTY, "findings": [{**AUDIENCE, "fix": fixes}], "chain": [], "also_seen": []}
    assert [one.text for one in view(report).remedies[0].steps] == [
        "It worked when this says Bound:",
        "It worked when this says Bound:",
        "By hand.",
    ]


def counted(*findings: Json) -> str:
    return sections({**FAULTY, "sections": ["identity"], "findings": list(findings)})[0].counts


def test_a_section_counts_checks_not_problems() -> None:
    again = {**AUDIENCE, "id": "ebs.identity.web_identity_audience#2", "caused_by": [READY["id"]]}
    passed = finding("ebs.identity.role", "t")
    unknown = finding("ebs.identity.kms", "t", "UNKNOWN")
    error = finding("ebs.identity.x", "t", "ERROR")
    skipped = finding("ebs.identity.y", "t", "SKIPPED")
    ready = {**READY, "topic": "identity"}
    assert counted(AUDIENCE, again, ready, passed, unknown, error, skipped) == (
        "3 checked, 1 consequence, 1 failed, 1 crashed, 1 not checked, 1 not applicable"
    )
    assert counted(unknown) == "1 not checked"
    assert counted() == "nothing asked"


def test_many_problems_of_one_check_are_counted() -> None:
    many = [{**READY, "id": f"{READY['check']}#{number}"} for number in range(1, 38)]
    entry = sections({**FAULTY, "findings": many})[0].entries[0]
    assert (len(entry.problems), entry.more) == (10, 27)


def test_what_mends_a_cause_stands_only_at_the_top() -> None:
    entries = [entry for section in sections(FAULTY) for entry in section.entries]
    mended = [p.summary for entry in entries for p in entry.problems if p.mend]
    assert mended == ["StorageClass gp2 and gp3 are both marked default"]


def test_a_symptom_of_a_symptom_says_which() -> None:
    late = finding("ebs.provisioning.late", "t", "FAIL", resource=POD, caused_by=[READY["id"]])
    findings = [{**READY, "caused_by": []}, late]
    told = sections({**FAULTY, "causes": [], "also_seen": [], "findings": findings})
    roles = [problem.role.says for section in told for entry in section.entries for problem in entry.problems]
    assert roles == ["", f"follows from: {READY['summary']}"]


def test_excluded_is_what_passed() -> None:
    inconclusive = SAMPLES["inconclusive"]
    assert view(inconclusive).excluded[0] == "The controller is installed."
    assert (len(view(inconclusive).excluded), view(inconclusive).excluded_more) == (8, 2)


def test_what_could_not_be_checked_is_grouped_by_its_reason() -> None:
    groups = view(SAMPLES["inconclusive"]).unchecked
    assert [(len(group.titles), group.more, group.reason) for group in groups] == [
        (8, 1, "k8s:get nodes was refused: nodes is forbidden for group eks-runbooks"),
        (1, 0, "KeyError: 'Statement'"),
    ]
