"""One run: ask step by step, remember, and judge everything again from what was remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from runbook.diagnosis import EMPTY_GRAPH, diagnose
from runbook.documents import Document, Step
from runbook.engine import Engine, Sources
from runbook.model import Finding
from runbook.recording import Recording
from runbook.registry import Registry, load
from runbook.report.build import Report, build

#: Called before and after each step, with its findings so far (None before).
Progress = Callable[[Step, "list[Finding] | None"], None]
Clock = Callable[[], datetime]
#: The family of checks that every deployed run begins with.
VALIDATION = "deployment"


async def ask(
    document: Document, recording: Recording, sources: Sources, clock: Clock, progress: Progress | None = None
) -> Recording:
    """Run the document's checking steps against live sources and remember every answer."""
    registry = load()
    engine = Engine(registry, recording, sources)
    # All steps ask at once, so that questions of equal depth share a round trip; they are told in order.
    judging = [
        asyncio.create_task(engine.judge(registry.topic(document.family, step.topic)))
        for step in document.steps
    ]
    for step, findings in zip(document.steps, judging, strict=True):
        if progress:
            progress(step, None)
        await findings
        if progress:
            progress(step, findings.result())
    for name in (document.graph, document.asked, *_ABOUT_CLUSTER):
        await engine.known(name)
    recording.header = replace(recording.header, finished=clock())
    return recording


async def judge(document: Document, recording: Recording, location: str | None = None) -> Report:
    """The report of a recording; nothing is asked, so that a replay gives the same."""
    registry = load()
    engine = Engine(registry, recording)
    deployed = recording.header.deployment is not None
    validation = await engine.judge(registry.family(VALIDATION)) if deployed else []
    if stops(registry, validation):
        diagnosis = diagnose(document, registry, (), EMPTY_GRAPH, None, validation)
    else:
        findings = await engine.judge(registry.family(document.family))
        graph = await engine.known(document.graph)
        asked = await engine.known(document.asked)
        diagnosis = diagnose(document, registry, findings, graph or EMPTY_GRAPH, asked, validation)
    return build(diagnosis, recording, await _cluster(engine, recording), location)


def stops(registry: Registry, validation: Iterable[Finding]) -> bool:
    """Whether a deployed run must stop before it deploys anything."""
    return any(finding.failed and registry.checks[finding.check].kind == "obstacle" for finding in validation)


def replay(document: Document, recording: Recording, location: str | None = None) -> Report:
    """`judge`, for callers without an event loop."""
    return asyncio.run(judge(document, recording, location))


_ABOUT_CLUSTER = ("cluster", "kubernetes_version")


async def _cluster(engine: Engine, recording: Recording) -> dict[str, str]:
    known, deployment = recording.header.cluster, recording.header.deployment
    cluster, version = [await engine.known(name) for name in _ABOUT_CLUSTER]
    return {
        "name": known["name"],
        "region": cluster.region if cluster else known.get("region", ""),
        "version": version or (cluster.version if cluster else ""),
        "account": cluster.account if cluster else (deployment.account if deployment else ""),
    }
