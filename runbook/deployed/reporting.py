"""The report of a deployed run, and the logs that are kept beside it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from runbook.deployed.asking import Step
from runbook.deployed.execution import NONE
from runbook.deployed.store import Store, StoreError
from runbook.recording import Recording
from runbook.report import render
from runbook.report.build import Report
from runbook.report.harmless import harmless
from runbook.run import judge
from runbook.wording import count

FORMS = {"report.txt": "text", "report.md": "md", "report.html": "html", "report.json": "json"}
RECORDING = "recording.json.gz"
#: Characters of a text in the execution's outputs, where the console shows it.
_MOST_IN_OUTPUT = 20_000


async def collect_logs(step: Step) -> str:
    """Ask for the logs that no check has asked for, and write all of them; says how many."""
    engine = step.engine(with_cluster=True)
    await asyncio.gather(*(engine.known(name) for name in step.event.document.logs))
    files = dict(_logs(step.recording))
    try:
        step.store.write(files)
    except StoreError as error:
        return str(error)
    return f"{count(len(files), 'log')} kept"


def _logs(recording: Recording) -> list[tuple[str, bytes]]:
    """`logs/NAMESPACE/POD/CONTAINER.log` with its text, for every log in the recording."""
    found = []
    for request, answer in recording.of("kubernetes"):
        if request.operation == "get pods/log" and answer.outcome == "ok":
            asked = request.parameters
            name = asked["container"] + (".previous" if asked.get("previous") else "")
            text = str(answer.body).encode()
            found.append((f"logs/{asked['namespace']}/{asked['name']}/{name}.log", text))
    return found


async def report(step: Step) -> dict[str, Any]:
    """Judge the merged recording, write recording and report, and give the outputs of the step."""
    step.recording.header = replace(step.recording.header, finished=datetime.now(UTC))
    try:
        step.store.write({RECORDING: step.recording.dump()})
        made = await judge(step.event.document, step.recording, step.store.address(RECORDING))
        write_report(step.store, made)
    except StoreError as error:
        made = await judge(step.event.document, step.recording)
        return outputs(made, f"{NONE}: {error}")
    return outputs(made, step.store.address("report.html"))


def write_report(store: Store, made: Report) -> None:
    """Write a report in every form. Raises StoreError."""
    store.write({name: render(made, form).encode() for name, form in FORMS.items()})  # type: ignore[arg-type]


def outputs(made: Report, address: str) -> dict[str, Any]:
    """What the execution shows of a report, harmless as every form of it."""
    safe = harmless(made)
    return {
        "diagnosis": json.dumps(_summary(safe, address), ensure_ascii=False),
        "report": _cut(render(made, "text"), address),
        "verdict": safe["verdict"],
        "cause": safe["sentence"],
        "uri": address,
    }


def _summary(safe: Report, address: str) -> dict[str, Any]:
    """The report with fewer keys, to be passed on by machines: of the findings the problems alone."""
    told = {one["finding"] for one in (*safe["causes"], *safe["obstacles"])}
    findings = [
        {key: finding[key] for key in ("id", "check", "status", "summary")}
        | ({"fix": finding["fix"]} if finding["id"] in told else {})
        for finding in safe["findings"]
        if finding["status"] in ("FAIL", "ERROR")
    ]
    kept = ("schema", "runbook", "cluster", "execution", "verdict", "sentence", "causes", "obstacles")
    return {**{key: safe[key] for key in kept}, "findings": findings, "report": address}


def _cut(text: str, address: str) -> str:
    if len(text) <= _MOST_IN_OUTPUT:
        return text
    whole = text[:_MOST_IN_OUTPUT].rpartition("\n")[0]
    return f"{whole}\n… cut here; the whole report: {address}\n"
