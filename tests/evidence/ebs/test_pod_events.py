from __future__ import annotations

from typing import Any

from runbook.evidence.ebs.pod_events import pod_events
from runbook.evidence.events import Event
from runbook.model import Resource, Seen
from runbook.recording import Answer
from tests.given.ports import Table, provided
from tests.given.target import asked, pod


def said(uid: str) -> dict[str, Any]:
    about = {"kind": "Pod", "namespace": "shop", "name": uid, "uid": uid}
    return {"metadata": {"name": f"e-{uid}", "namespace": "shop"}, "involvedObject": about, "reason": uid}


def test_of_many_pods_the_events_are_listed_once_and_a_cut_list_is_a_gap() -> None:
    items = [said("a"), said("b")]
    table = Table({"k8s:list events": Answer(outcome="ok", body={"items": items}, cut="only 2 were read")})
    resources = [Resource(kind="Pod", namespace="shop", name=uid, uid=uid) for uid in "ac"]
    about = asked(*(pod(resource=one) for one in resources), named=False)
    given = {"ApplicationPodName": "", "ApplicationNamespace": "shop"}
    found: Seen[Event] = provided(pod_events, table, parameters=given, asked=about)
    assert [event.reason for event in found] == ["a"]
    assert [gap.reason for gap in found.gaps] == ["only 2 were read"]
    assert len(table.asked) == 1
