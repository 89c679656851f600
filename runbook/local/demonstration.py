"""The demonstration: a broken cluster and its account on this machine, diagnosed as anywhere else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from runbook.laptop import connect
from runbook.local.embedded import Embedded, embedded
from runbook.local.scenarios import Scenario
from runbook.local.validated import install, validated
from runbook.parameters import complete
from runbook.recording import Header, Recording
from runbook.report.build import Report
from runbook.run import Clock, Progress, ask, judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstrated:
    """A scenario's run: its report and recording, and what came over the wire.

    `violations` are requests that only the embedded API server refuses, such as writes and watches.
    """

    report: Report
    recording: Recording
    violations: tuple[tuple[str, str, str], ...]
    aws_calls: tuple[str, ...]


def demonstrate(scenario: Scenario, clock: Clock, progress: Progress | None = None) -> Demonstrated:
    """Run a scenario through real HTTPS and AWS protocols against the embedded servers."""
    world = scenario.world(clock())
    if scenario.stops:
        install(world)
    with embedded(world) as servers:
        return asyncio.run(_run(scenario, servers, clock, progress))


async def _run(
    scenario: Scenario, servers: Embedded, clock: Clock, progress: Progress | None
) -> Demonstrated:
    if scenario.stops:
        recording = await validated(scenario, servers, clock)
        return await _demonstrated(scenario, recording, servers)
    document = scenario.document
    parameters = complete(document, scenario.given)
    cluster = {"name": parameters["EksClusterName"]}
    header = Header(runbook=document.name, parameters=parameters, cluster=cluster, now=clock())
    recording = Recording(header=header)
    sources = await connect(
        recording,
        session=servers.session,
        kubeconfig=servers.kubeconfig,
        endpoint_url=servers.aws.endpoint_url,
    )
    await ask(document, recording, sources, clock, progress)
    return await _demonstrated(scenario, recording, servers)


async def _demonstrated(scenario: Scenario, recording: Recording, servers: Embedded) -> Demonstrated:
    return Demonstrated(
        report=await judge(scenario.document, recording),
        recording=recording,
        violations=tuple(servers.kubernetes.violations),
        aws_calls=tuple(servers.aws.calls),
    )


def deviation(scenario: Scenario, report: Report) -> str:
    """How the report differs from what the scenario expects; empty when it does not."""
    causes = [cause["finding"].partition("#")[0] for cause in report["causes"]]
    fails = {f["check"] for f in report["findings"] if f["status"] == "FAIL"}
    errors = [f"{f['check']}: {f['summary']}" for f in report["findings"] if f["status"] == "ERROR"]
    expected = [*dict.fromkeys(scenario.causes)]
    obstacles = [obstacle["finding"].partition("#")[0] for obstacle in report["obstacles"]]
    told = []
    if obstacles != [*scenario.stops]:
        told.append(f"obstacles {obstacles}, not {[*scenario.stops]}")
    if report["verdict"] != scenario.verdict:
        told.append(f"verdict {report['verdict']}, not {scenario.verdict}")
    if [*dict.fromkeys(causes)] != expected:
        told.append(f"causes {causes}, not {expected}")
    if missing := sorted(scenario.fails - fails):
        told.append(f"not seen: {', '.join(missing)}")
    if extra := sorted(fails - scenario.fails):
        told.append(f"seen beside: {', '.join(extra)}")
    return "; ".join([*told, *errors])
