"""`make bench`: what a run costs, on a real API server with few and with many nodes and pods.

Seconds are of the whole process, wall clock, the best and the median of several; memory is the process's peak.
"""

from __future__ import annotations

import base64
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from runbook.documents import documents
from runbook.documents.render import rendered
from runbook.local.aws import EmbeddedAws
from runbook.local.functions import FunctionRuntime
from runbook.local.healthy import pod_spec
from runbook.local.scenarios import scenarios
from runbook.local.walker.limits import document_bytes
from runbook.local.world import DRIVER, World
from runbook.local.zips import function_zip, host_site_packages, steps_zip
from runbook.permissions import cluster_role, declared
from runbook.registry import load
from tests.cluster.control_plane import ControlPlane
from tests.cluster.lay import lay, lay_access
from tests.cluster.reading import eventually, read
from tests.documents.deployed_account import account_of
from tests.documents.deployed_account import run as execute

TIMES = 5
SCENARIO = "wrong_audience"
MANY_NODES = 300
PODS_PER_NODE = 10
RUNBOOK = (sys.executable, "-m", "runbook")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Several runs of one command: seconds each, the highest peak in MB, the last output."""

    seconds: tuple[float, ...]
    megabytes: float
    output: str

    def __str__(self) -> str:
        best, median = min(self.seconds), statistics.median(self.seconds)
        return f"{best:5.2f} s best, {median:5.2f} s median, {self.megabytes:4.0f} MB peak"


#: A small process between us and what is measured: a child's peak counts what its parent held when it forked.
_SHIM = """
import os, subprocess, sys, time
began = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stderr=subprocess.DEVNULL)
_, _, usage = os.wait4(child.pid, 0)
print(time.monotonic() - began, usage.ru_maxrss, file=sys.stderr)
"""


def measure(*command: str, environment: dict[str, str] | None = None) -> Measured:
    """Run a command several times."""
    seconds, peak, output = [], 0, ""
    for _ in range(TIMES):
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _SHIM, *command],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, **(environment or {})},
        )
        taken, kilobytes = done.stderr.split()
        seconds.append(float(taken))
        peak = max(peak, int(kilobytes))
        output = done.stdout
    return Measured(seconds=tuple(seconds), megabytes=peak / 1024, output=output)


def crowd(world: World) -> None:
    """300 nodes with the driver's node plugin, and 3,000 pods on them, run by kwok."""
    plugin = world.get("DaemonSet", "ebs-csi-node", "kube-system")
    for n in range(MANY_NODES):
        name = f"ip-10-9-{n // 250}-{n % 250 + 1}.ec2.internal"
        zone = f"us-east-1{'abc'[n % 3]}"
        world.add(
            "Node",
            name,
            metadata={"labels": {"kwok": "yes", "topology.kubernetes.io/zone": zone}},
            spec={"providerID": f"aws:///{zone}/i-0{n:016x}"},
            status={"capacity": {"cpu": "8", "memory": "32Gi", "pods": "110"}},
        )
        drivers = [
            {"name": DRIVER, "nodeID": f"i-0{n:016x}", "topologyKeys": [], "allocatable": {"count": 25}}
        ]
        world.add("CSINode", name, spec={"drivers": drivers})
        labels = {"app": "ebs-csi-node", "kwok": "yes"}
        _running(
            world, f"ebs-csi-node-{n:05}", "kube-system", name, labels, plugin["spec"]["template"]["spec"]
        )
        for m in range(PODS_PER_NODE - 1):
            _running(
                world,
                f"web-{n}-{m}",
                "shop",
                name,
                {"app": "web", "kwok": "yes"},
                pod_spec("default", ("web",)),
            )


def _running(
    world: World, name: str, namespace: str, node: str, labels: dict[str, str], spec: dict[str, Any]
) -> None:
    world.add("Pod", name, namespace, metadata={"labels": labels}, spec={**spec, "nodeName": node})


def settle(plane: ControlPlane) -> None:
    """Wait until kwok runs what it is to run: before that the API server is busy with it."""
    waiting = "/api/v1/pods?limit=1&labelSelector=kwok%3Dyes&fieldSelector=status.phase%3DPending"
    eventually(lambda: not read(plane, waiting)["items"], seconds=180)


def run(world: World, plane: ControlPlane) -> tuple[Measured, dict[str, Any]]:
    """Measure a run for one named pod."""
    lay_access(plane, cluster_role(declared(load())))
    lay(world, plane)
    settle(plane)
    world.aws["cluster"]["endpoint"] = plane.url
    world.aws["cluster"]["certificateAuthority"] = {"data": base64.b64encode(plane.ca_pem.encode()).decode()}
    given = scenarios()[SCENARIO].given
    with EmbeddedAws(world.aws) as aws:
        measured = measure(
            *RUNBOOK, "run", "EbsCsiDrivers", *(f"{name}={value}" for name, value in given.items()),
            "--kubeconfig", str(plane.kubeconfig("runbook")), "--output", "json",
            environment=aws.environment(),
        )  # fmt: skip
    return measured, json.loads(measured.output)


def tell(name: str, measured: Measured, report: dict[str, Any] | None = None) -> None:
    """One line."""
    calls = report["calls"] if report else {}
    asked = (
        f"; {calls['kubernetes']} Kubernetes requests, {calls['logs']} logs, {calls['aws']} AWS calls"
        if calls
        else ""
    )
    print(f"{name:34} {measured}{asked}", flush=True)


def tell_zips() -> None:
    """How large both zips are; how long the function takes to its first answer, and to each later one."""
    steps, function = steps_zip(), function_zip(host_site_packages())
    print(f"{'steps.zip':34} {len(steps) / 1e6:5.2f} MB")
    cold: list[float] = []
    warm: list[float] = []
    for _ in range(TIMES):
        runtime = FunctionRuntime(function, "lambda_proxy.handler.handler", {}, timeout=30)
        for taken in (cold, warm):
            began = time.monotonic()
            runtime.invoke(b'{"token": "of-no-cluster-at-all", "requests": []}')
            taken.append(time.monotonic() - began)
        runtime.close()
    seconds = f"{statistics.median(cold):.2f} s cold, {statistics.median(warm) * 1000:.1f} ms warm (medians)"
    print(f"{'function.zip, here':34} {len(function) / 1e6:5.2f} MB; {seconds}", flush=True)


def tell_document() -> None:
    """How large the document is, and what a run of it asks."""
    name = documents()[0].name
    print(f"{name:34} {document_bytes(rendered()[name]) / 1000:5.1f} KB", flush=True)
    with account_of(SCENARIO) as servers:
        _, ended = execute(servers, SCENARIO)
        invocations = servers.aws.calls.count("lambda:Invoke")
    assert ended.report, ended.told
    calls = ended.report["calls"]
    asked = f"{calls['kubernetes']} Kubernetes requests, {calls['logs']} logs, {calls['aws']} AWS calls"
    print(f"{'a run of it':34} {invocations} invocations, {asked}", flush=True)


def main() -> int:
    """Measure and print; the sentence of the report is checked, so that a broken run is no fast run."""
    now = datetime.now(UTC)
    scenario = scenarios()[SCENARIO]
    tell_zips()
    tell_document()
    tell("checks (start-up)", measure(*RUNBOOK, "checks"))
    tell("demo, the whole document", measure(*RUNBOOK, "demo", SCENARIO))
    for name, crowded in (("run, 3 nodes", False), ("run, 303 nodes and 3,006 pods", True)):
        world = scenario.world(now)
        if crowded:
            crowd(world)
        with ControlPlane(with_kwok=crowded) as plane:
            measured, report = run(world, plane)
        assert report["causes"][0]["finding"] == f"{scenario.causes[0]}#1", report["sentence"]
        tell(name, measured, report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
