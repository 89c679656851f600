from __future__ import annotations

from typing import Any

import pytest

from runbook.evidence.selectors import selector_text


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        ({}, ""),
        ({"matchLabels": {"b": "2", "a": "1"}}, "a=1,b=2"),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "b"]}]}, "app in (a,b)"),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["a"]}]}, "app notin (a)"),
        (
            {
                "matchLabels": {"a": "1"},
                "matchExpressions": [
                    {"key": "b", "operator": "Exists"},
                    {"key": "c", "operator": "DoesNotExist"},
                ],
            },
            "a=1,b,!c",
        ),
    ],
)
def test_a_selector_as_lists_take_it(selector: dict[str, Any], text: str) -> None:
    assert selector_text(selector) == text
