"""Cause, consequence and symptom on a graph of one's own."""

from __future__ import annotations

from runbook.graph import Graph, GraphBuilder, explain
from runbook.model import Finding, Problem, Resource
from runbook.registry import Check, Registry


def thing(name: str) -> Resource:
    return Resource(kind="Thing", name=name)


def check(name: str, *after: str) -> Check:
    return Check(
        id=name,
        title="",
        why="",
        severity="high",
        kind="cause",
        about="Thing",
        covers=(),
        after=after,
        docs="",
        function=lambda: iter(()),
        needs=(),
        tolerates={},
    )


def finding(check: str, name: str) -> Finding:
    problem = Problem(resource=thing(name), summary="")
    return Finding(id=f"{check}#{name}", check=check, status="FAIL", summary="", problem=problem)


def graph(*edges: tuple[str, str]) -> Graph:
    build = GraphBuilder()
    for dependent, dependency in edges:
        build.add(thing(dependent), "")
        build.add(thing(dependency), "", of=thing(dependent))
    return build.build()


REGISTRY = Registry(
    evidence={},
    checks={
        c.id: c
        for c in (
            check("f.node.ready"),
            check("f.policy.right"),
            check("f.pod.runs", "f.node"),
            check("f.pod.ready", "f.pod.runs", "f.policy.right"),
        )
    },
)


def test_a_consequence_needs_both_the_order_of_checks_and_a_way_between_resources() -> None:
    ways = graph(("pod-a", "node-1"), ("pod-b", "node-2"))
    failures = [
        finding("f.node.ready", "node-1"),
        finding("f.pod.runs", "pod-a"),
        finding("f.pod.runs", "pod-b"),
    ]
    assert explain(failures, ways, REGISTRY) == {
        "f.node.ready#node-1": (),
        "f.pod.runs#pod-a": ("f.node.ready#node-1",),
        "f.pod.runs#pod-b": (),
    }


def test_the_order_of_checks_is_transitive_and_topics_stand_for_their_checks() -> None:
    assert REGISTRY.upstream(REGISTRY.checks["f.pod.ready"]) == {
        "f.pod.runs",
        "f.policy.right",
        "f.node.ready",
    }
    assert REGISTRY.upstream(REGISTRY.checks["f.node.ready"]) == frozenset()


def test_two_independent_faults_explain_the_same_symptom_and_not_each_other() -> None:
    ways = graph(("pod", "node"), ("pod", "policy"))
    failures = [
        finding("f.node.ready", "node"),
        finding("f.policy.right", "policy"),
        finding("f.pod.ready", "pod"),
    ]
    assert explain(failures, ways, REGISTRY) == {
        "f.node.ready#node": (),
        "f.policy.right#policy": (),
        "f.pod.ready#pod": ("f.node.ready#node", "f.policy.right#policy"),
    }


def test_a_walk_goes_deep_first_and_meets_each_thing_once() -> None:
    ways = graph(
        ("pod", "claim"), ("claim", "class"), ("class", "controller"), ("pod", "node"), ("node", "controller")
    )
    assert [(r.name, depth) for r, depth in ways.walk([thing("pod")])] == [
        ("pod", 0),
        ("claim", 1),
        ("class", 2),
        ("controller", 3),
        ("node", 1),
    ]


def test_an_edge_to_what_was_never_added_is_dropped() -> None:
    build = GraphBuilder()
    build.add(thing("a"), "")
    build.connect(thing("a"), thing("nowhere"))
    assert build.build().edges == {thing("a"): ()}
