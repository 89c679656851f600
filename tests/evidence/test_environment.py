from __future__ import annotations

from runbook.evidence.environment import environment

KEY = {"name": "aws-secret", "key": "key_id"}


def test_variables_and_where_they_come_from() -> None:
    plugin = {
        "name": "ebs-plugin",
        "envFrom": [{"secretRef": {"name": "aws-keys"}}],
        "env": [
            {"name": "AWS_REGION", "value": "us-east-1"},
            {"name": "AWS_ACCESS_KEY_ID", "valueFrom": {"secretKeyRef": KEY}},
            {"name": "AWS_SECRET_ACCESS_KEY", "valueFrom": {"secretKeyRef": {**KEY, "optional": True}}},
            {"name": "CSI_NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
        ],
    }
    assert [*environment([plugin, {"name": "liveness-probe"}])] == [
        ("ebs-plugin", "envFrom", "all"),
        ("ebs-plugin", "AWS_REGION", "us-east-1"),
        ("ebs-plugin", "AWS_ACCESS_KEY_ID", "secret:aws-secret"),
        ("ebs-plugin", "AWS_SECRET_ACCESS_KEY", "optional secret:aws-secret"),
    ]
