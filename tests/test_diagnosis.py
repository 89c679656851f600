"""The verdict and the sentence, on findings of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from runbook.diagnosis import EMPTY_GRAPH, Diagnosis, diagnose
from runbook.documents import Document
from runbook.graph import Graph, GraphBuilder
from runbook.model import Finding, Problem, ProblemKind, Resource, Severity, Status
from runbook.registry import Check, Registry
from runbook.telling import chain, sentence

POD = Resource(kind="Pod", namespace="shop", name="orders-0")
ROLE = Resource(kind="Role", name="driver")
CLASS = Resource(kind="StorageClass", name="gp3")
OTHER = Resource(kind="Role", name="other")
DOCUMENT = Document(
    name="Test",
    family="f",
    question="",
    parameters=(),
    steps=(),
    graph="",
    asked="",
    proof=("f.pod.ready",),
    logs=(),
    logs_after="",
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    resources: tuple[Resource, ...] = (POD,)
    driver: tuple[Resource, ...] = ()
    state: str = "pod shop/orders-0 waits"
    suffering: bool = True


def check(
    name: str, kind: ProblemKind = "cause", severity: Severity = "high", after: tuple[str, ...] = ()
) -> Check:
    return Check(
        id=name, title="", why="", severity=severity, kind=kind, about="", covers=(), after=after, docs="",
        function=lambda: iter(()), needs=(), tolerates={},
    )  # fmt: skip


REGISTRY = Registry(
    evidence={},
    checks={
        c.id: c
        for c in (
            check("f.role.trust", severity="critical"),
            check("f.role.policy"),
            check("f.role.tidy", kind="advisory"),
            check("deployment.validation.room", kind="obstacle"),
            check("deployment.validation.entry", kind="obstacle", severity="critical"),
            check("f.pod.ready", kind="symptom", after=("f.role",)),
            check("f.pod.strange", kind="symptom", after=("f.role.policy",)),
        )
    },
)


def graph() -> Graph:
    build = GraphBuilder()
    build.add(POD, "Pending for 52 minutes")
    build.add(CLASS, "ok", of=POD)
    build.add(ROLE, "ok", of=POD)
    build.add(OTHER, "ok")
    return build.build()


def fail(name: str, resource: Resource, summary: str = "it is wrong") -> Finding:
    return Finding(
        id=f"{name}#1",
        check=name,
        status="FAIL",
        summary=summary,
        problem=Problem(resource=resource, summary=summary),
    )


def plain(name: str, status: Status) -> Finding:
    return Finding(id=name, check=name, status=status, summary="timed out")


def judged(*findings: Finding, asked: Asked | None = Asked(), graph: Graph = graph()) -> Diagnosis:  # noqa: B008 - frozen
    return diagnose(DOCUMENT, REGISTRY, findings, graph, asked)


READY = plain("f.pod.ready", "PASS")
WAITS = fail("f.pod.ready", POD, "pod shop/orders-0 has been Pending for 52 minutes")
TRUST = fail("f.role.trust", ROLE, "role driver trusts nobody")


@pytest.mark.parametrize(
    ("findings", "verdict", "text"),
    [
        ([WAITS, TRUST], "faulty", "pod shop/orders-0 waits because role driver trusts nobody."),
        (
            [WAITS, TRUST, fail("f.role.policy", ROLE, "it may do nothing")],
            "faulty",
            "pod shop/orders-0 waits because role driver trusts nobody (1 more below).",
        ),
        (
            [WAITS, plain("f.role.trust", "UNKNOWN")],
            "inconclusive",
            "pod shop/orders-0 waits, and no cause was seen; the nearest sign is that pod shop/orders-0 has been "
            "Pending for 52 minutes; 1 of 2 checks could not be made.",
        ),
        (
            [WAITS, fail("f.role.trust", OTHER)],
            "inconclusive",
            "pod shop/orders-0 waits, and no cause was seen; the nearest sign is that pod shop/orders-0 has been "
            "Pending for 52 minutes.",
        ),
        (
            [plain("f.pod.ready", "UNKNOWN"), plain("f.role.trust", "PASS")],
            "inconclusive",
            "pod shop/orders-0 waits, and could not be seen working: 1 of 2 checks could not be made.",
        ),
        (
            [plain("f.pod.ready", "SKIPPED"), plain("f.role.trust", "PASS")],
            "inconclusive",
            "pod shop/orders-0 waits, and could not be seen working: nothing that could be looked at tells.",
        ),
        (
            [WAITS, fail("f.pod.strange", ROLE), TRUST],
            "faulty",
            "pod shop/orders-0 waits because role driver trusts nobody.",
        ),
    ],
)  # fmt: skip
def test_verdict_and_sentence(findings: list[Finding], verdict: str, text: str) -> None:
    diagnosis = judged(*findings)
    assert (diagnosis.verdict, sentence(diagnosis, "shop")) == (verdict, text)


WELL = Asked(state="pod shop/orders-0 is ready", suffering=False)


@pytest.mark.parametrize(
    ("findings", "verdict", "text"),
    [
        ([READY], "healthy", "pod shop/orders-0 is ready, and this runbook sees no fault."),
        ([READY, plain("f.role.trust", "UNKNOWN")], "healthy", "pod shop/orders-0 is ready, and this runbook sees no fault, but 1 of 2 checks could not be made."),
        ([READY, fail("f.role.tidy", ROLE)], "healthy", "pod shop/orders-0 is ready, and this runbook sees no fault."),
        ([READY, fail("f.role.trust", OTHER)], "healthy", "pod shop/orders-0 is ready, and this runbook sees no fault."),
        ([READY, fail("f.pod.strange", OTHER)], "healthy", "pod shop/orders-0 is ready, and this runbook sees no fault."),
        ([READY, TRUST], "faulty", "pod shop/orders-0 is ready; nothing suffers from it yet, but role driver trusts nobody."),
    ],
)  # fmt: skip
def test_what_is_seen_working_is_healthy_unless_a_cause_is_on_its_chain(
    findings: list[Finding], verdict: str, text: str
) -> None:
    diagnosis = judged(*findings, asked=WELL)
    assert (diagnosis.verdict, sentence(diagnosis, "shop")) == (verdict, text)


def test_a_cause_beside_a_symptom_that_it_does_not_explain_says_so() -> None:
    alone = GraphBuilder()
    alone.add(POD, "")
    alone.add(ROLE, "")
    diagnosis = judged(WAITS, TRUST, asked=Asked(driver=(ROLE,)), graph=alone.build())
    assert sentence(diagnosis, "shop") == (
        "pod shop/orders-0 waits, which nothing seen explains; also at fault: role driver trusts nobody."
    )


def test_a_workload_suffers_through_its_pods() -> None:
    build = GraphBuilder()
    workload = build.add(Resource(kind="StatefulSet", namespace="shop", name="orders"), "0 of 1 ready")
    build.add(POD, "Pending", of=workload)
    build.add(ROLE, "ok", of=POD)
    asked = Asked(resources=(workload,), state="StatefulSet shop/orders waits")
    assert sentence(judged(WAITS, TRUST, asked=asked, graph=build.build()), "shop") == (
        "StatefulSet shop/orders waits because role driver trusts nobody."
    )


def test_causes_are_told_worst_first_with_their_consequences() -> None:
    diagnosis = judged(WAITS, fail("f.role.policy", ROLE), TRUST)
    assert [(c.check, [f.check for f in diagnosis.consequences(c)]) for c in diagnosis.causes] == [
        ("f.role.trust", ["f.pod.ready"]),
        ("f.role.policy", ["f.pod.ready"]),
    ]


def test_what_is_off_the_chain_is_also_seen() -> None:
    diagnosis = judged(WAITS, TRUST, fail("f.role.policy", OTHER, "off"), fail("f.role.tidy", ROLE))
    assert [f.summary for f in diagnosis.also_seen] == ["off", "it is wrong"]


def test_a_consequence_of_an_unexplained_symptom_is_not_seen_beside_it() -> None:
    checks = {
        c.id: c
        for c in (check("f.pod.ready", kind="symptom", after=("f.node",)), check("f.node.known", after=("f.node.up",)),
                  check("f.node.up", kind="symptom", after=("f.role",)))
    }  # fmt: skip
    found = [WAITS, fail("f.node.known", ROLE), fail("f.node.up", ROLE, "the node is down")]
    diagnosis = diagnose(DOCUMENT, Registry(evidence={}, checks=checks), found, graph(), Asked())
    assert (diagnosis.verdict, diagnosis.also_seen) == ("inconclusive", ())
    assert sentence(diagnosis, "shop") == (
        "pod shop/orders-0 waits, and no cause was seen; the nearest sign is that the node is down."
    )


def test_without_a_graph_a_cause_still_counts() -> None:
    assert judged(TRUST, graph=EMPTY_GRAPH, asked=None).verdict == "faulty"


def test_the_chain_leads_to_the_break_and_shows_what_is_well_beside_it() -> None:
    rows: list[dict[str, Any]] = chain(judged(WAITS, TRUST))
    assert [(row["resource"].name, row["status"], row["depth"], row["finding"]) for row in rows] == [
        ("orders-0", "broken", 0, "f.pod.ready#1"),
        ("gp3", "ok", 1, None),
        ("driver", "cause", 1, "f.role.trust#1"),
    ]


def test_what_stops_a_run_is_no_cause_and_comes_first() -> None:
    bucket = Resource(kind="Bucket", name="reports")
    validation = (
        fail("deployment.validation.room", bucket, "there is no room"),
        fail("deployment.validation.entry", bucket, "nobody lets it in"),
    )
    diagnosis = diagnose(DOCUMENT, REGISTRY, (), EMPTY_GRAPH, None, validation)
    assert (diagnosis.verdict, diagnosis.causes, diagnosis.also_seen) == ("inconclusive", (), ())
    assert diagnosis.obstacles == (validation[1], validation[0])
    assert sentence(diagnosis, "shop") == (
        "nothing was looked at in cluster shop, because nobody lets it in (1 more below)."
    )


def test_what_could_not_be_validated_stops_nothing() -> None:
    unknown = plain("deployment.validation.room", "UNKNOWN")
    diagnosis = diagnose(DOCUMENT, REGISTRY, (READY,), graph(), Asked(state="all is well"), (unknown,))
    assert (diagnosis.obstacles, diagnosis.verdict) == ((), "healthy")
    assert sentence(diagnosis, "shop") == "all is well, and this runbook sees no fault."
