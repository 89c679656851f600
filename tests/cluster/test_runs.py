"""The command line against a real Kubernetes control plane: it must say what it says of the embedded one.

The runbook's identity holds exactly the shipped ClusterRole. AWS is the embedded account in both.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from runbook import cli
from runbook.local.aws import EmbeddedAws
from runbook.local.demonstration import deviation
from runbook.local.scenarios import Scenario, scenarios
from runbook.permissions import cluster_role, declared
from runbook.registry import load
from runbook.subcommands import output
from tests.cluster.control_plane import ControlPlane
from tests.cluster.lay import lay, lay_access
from tests.scenarios.test_scenarios import demonstrated

DOCUMENTS = {"ebs": "EbsCsiDrivers"}


def run(
    scenario: Scenario, plane: ControlPlane, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> tuple[int, dict[str, Any]]:
    """Lay the scenario's world and run the command line against it."""
    world = scenario.world()
    lay_access(plane, cluster_role(declared(load())))
    lay(world, plane)
    world.aws["cluster"]["endpoint"] = plane.url
    world.aws["cluster"]["certificateAuthority"] = {"data": base64.b64encode(plane.ca_pem.encode()).decode()}
    report = tmp_path / "report.json"
    given = [f"{name}={value}" for name, value in scenario.given.items() if value]
    with EmbeddedAws(world.aws) as aws:
        for name, value in aws.environment().items():
            monkeypatch.setenv(name, value)
        status = cli.main(
            [
                *("run", DOCUMENTS[scenario.family], *given),
                *("--kubeconfig", str(plane.kubeconfig("runbook"))),
                *("--output", "json", "--output-file", str(report)),
            ]
        )
    return status, json.loads(report.read_text())


def told(report: dict[str, Any]) -> dict[str, Any]:
    """What must be the same on a real and on the embedded cluster."""
    return {
        "verdict": report["verdict"],
        "sentence": report["sentence"],
        "causes": report["causes"],
        "fix": [f["fix"] for f in report["findings"] if f["id"] in {c["finding"] for c in report["causes"]}],
        "statuses": sorted({(f["check"], f["status"]) for f in report["findings"]}),
        "chain": [
            (row["resource"]["kind"], row["resource"]["name"], row["status"]) for row in report["chain"]
        ],
        "notices": report["notices"],
    }


#: What stops a deployed run does not show from a laptop.
ON_A_LAPTOP = {name: one for name, one in scenarios().items() if not one.stops}


@pytest.mark.parametrize("scenario", ON_A_LAPTOP.values(), ids=ON_A_LAPTOP)
def test_the_real_cluster_and_the_embedded_one_get_the_same_answer(
    scenario: Scenario, plane: ControlPlane, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    status, report = run(scenario, plane, monkeypatch, tmp_path)
    assert deviation(scenario, report) == ""
    assert told(report) == told(demonstrated(scenario.name).report)
    assert (
        status
        == {
            "healthy": output.HEALTHY,
            "faulty": output.FAULTY,
            "inconclusive": output.INCONCLUSIVE,
        }[report["verdict"]]
    )
