"""Projection keeps exactly what is named, and a wider recording serves a narrower question."""

from __future__ import annotations

import random
from typing import Any

import pytest

from lambda_proxy.core import covers, project

POD = {
    "metadata": {"name": "web-0", "labels": {"app.kubernetes.io/name": "web"}},
    "spec": {"containers": [{"name": "a", "image": "x:1"}, {"name": "b"}], "nodeName": None},
    "status": {"containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "ready": False}]},
}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["metadata.name"], {"metadata": {"name": "web-0"}}),
        (["metadata.labels"], {"metadata": {"labels": {"app.kubernetes.io/name": "web"}}}),
        (["spec.containers.image"], {"spec": {"containers": [{"image": "x:1"}, {}]}}),
        (
            ["status.containerStatuses.state", "metadata.uid"],
            {
                "metadata": {},
                "status": {"containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}}]},
            },
        ),
        (["metadata.name", "metadata"], {"metadata": POD["metadata"]}),
        (["metadata", "metadata.name"], {"metadata": POD["metadata"]}),
        (["spec.nodeName"], {"spec": {}}),
        (["spec.nodeName.x", "metadata.name.x"], {"metadata": {}, "spec": {}}),
        (["absent", "spec.absent.x"], {"spec": {}}),
        ([], {}),
    ],
)
def test_only_what_is_named_is_kept(fields: list[str], expected: object) -> None:
    assert project(POD, fields) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [([{"a": 1, "b": 2}, 3, [{"a": 4}]], [{"a": 1}, [{"a": 4}]]), (5, {})]
)
def test_lists_are_passed_through_and_scalars_hold_no_fields(value: object, expected: object) -> None:
    assert project(value, ["a"]) == expected


@pytest.mark.parametrize(
    ("have", "want", "expected"),
    [
        (["metadata"], ["metadata.name", "metadata"], True),
        (["metadata.name"], ["metadata.name"], True),
        (["metadata.name"], ["metadata"], False),
        (["metadata.name"], ["metadata.names"], False),
        (["meta"], ["metadata"], False),
        (["metadata", "spec.nodeName"], ["spec.nodeName", "status"], False),
        ([], ["metadata"], False),
        (["metadata"], [], True),
    ],
)
def test_coverage_goes_by_whole_names(have: list[str], want: list[str], expected: bool) -> None:
    assert covers(have, want) is expected


def _value(source: random.Random, depth: int) -> Any:
    if depth == 0 or source.random() < 0.2:
        return source.choice([1, "x", None, True])
    if source.random() < 0.3:
        return [_value(source, depth - 1) for _ in range(source.randint(0, 3))]
    return {key: _value(source, depth - 1) for key in source.sample("abc", source.randint(0, 3))}


def _fields(source: random.Random) -> list[str]:
    return [".".join(source.choices("abc", k=source.randint(1, 3))) for _ in range(source.randint(1, 3))]


def test_what_is_covered_is_the_same_from_the_wider_projection() -> None:
    source = random.Random(2)  # noqa: S311 - a fixed sequence of trees, not a secret
    covered = 0
    for _ in range(5000):
        value, have, want = _value(source, 4), _fields(source), _fields(source)
        held = project(value, have)
        assert project(held, have) == held
        assert covers(have, have)
        if covers(have, want):
            covered += 1
            assert project(held, want) == project(value, want)
    assert covered > 200
