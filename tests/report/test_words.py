from __future__ import annotations

import pytest

from runbook.report import words


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("TroubleshootEbsCsiDriversForEks", "EBS CSI drivers"),
        ("TroubleshootEksWorkload", "EKS workload"),
        ("TroubleshootEksNodes", "EKS nodes"),
        ("TroubleshootEksPodNetworking", "EKS pod networking"),
        ("TroubleshootEksControlPlane", "EKS control plane"),
        ("TroubleshootEksClusterAccess", "EKS cluster access"),
    ],
)
def test_a_runbook_is_called_by_what_it_is_about(name: str, title: str) -> None:
    assert words.runbook_title(name) == title


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("Pod", "pod"),
        ("PersistentVolumeClaim", "claim"),
        ("PersistentVolume", "persistent volume"),
        ("IAMRole", "IAM role"),
        ("OIDCProvider", "OIDC provider"),
        ("EC2Volume", "EC2 volume"),
        ("EC2 volume", "EC2 volume"),
        ("VPCEndpoint", "VPC endpoint"),
        ("CSINode", "CSINode"),
        ("role", "role"),
    ],
)
def test_a_kind_is_called_by_its_word(kind: str, label: str) -> None:
    assert words.kind_label(kind) == label


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (3120, "52 min"), (7200, "2 h"), (172800, "2 days")],
)
def test_a_duration_has_one_unit(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


def test_times_are_said_in_utc() -> None:
    assert words.clock("2026-11-21T07:30:00+01:00") == "2026-11-21 06:30 UTC"
    assert words.clock("2026-11-21T06:30:09Z", seconds=True) == "2026-11-21 06:30:09 UTC"


def test_what_is_not_a_time_stays_what_it_is() -> None:
    assert words.clock("yesterday") == "yesterday"
    assert words.ago("yesterday", "2026-11-21T06:30:00Z") == "yesterday"
    assert words.took("", "2026-11-21T06:30:00Z") == ""


def test_ago_is_seen_from_the_first_question() -> None:
    assert words.ago("2026-11-21T06:29:19Z", "2026-11-21T06:30:00Z") == "41 s ago"
    assert words.ago("2026-11-21T06:30:10Z", "2026-11-21T06:30:00Z") == "during the run"
