"""Every scenario's report, with a real control plane in the place of the embedded API."""

from __future__ import annotations

import asyncio
import base64
import time
from datetime import UTC, datetime

import boto3
import pytest

from runbook.documents import documents
from runbook.laptop import connect
from runbook.local.aws import EmbeddedAws
from runbook.local.demonstration import deviation
from runbook.local.scenarios import Scenario, scenarios
from runbook.parameters import complete
from runbook.permissions import cluster_role, declared
from runbook.recording import Header, Recording
from runbook.registry import load
from runbook.report.build import Report
from runbook.run import ask, judge
from tests.cluster.agreement import contradictions
from tests.cluster.control_plane import ControlPlane
from tests.cluster.lay import lay, lay_access

SETTLING = 1.0  # seconds in which scheduler and volume controllers have said what they have to say


@pytest.mark.parametrize("scenario", [pytest.param(one, id=name) for name, one in scenarios().items()])
def test_scenario(plane: ControlPlane, scenario: Scenario) -> None:
    world = scenario.world(datetime.now(UTC))
    world.aws["cluster"]["endpoint"] = plane.url
    world.aws["cluster"]["certificateAuthority"] = {"data": base64.b64encode(plane.ca_pem.encode()).decode()}
    lay_access(plane, cluster_role(declared(load())))
    shift = lay(world, plane)
    time.sleep(SETTLING)
    with EmbeddedAws(world.aws) as aws:
        report = asyncio.run(_report(scenario, plane, aws))
    assert contradictions(world, plane, shift) == []
    assert deviation(scenario, report) == ""


async def _report(scenario: Scenario, plane: ControlPlane, aws: EmbeddedAws) -> Report:
    document = next(one for one in documents() if one.family == scenario.family)
    parameters = complete(document, {"EksClusterName": "shop", **scenario.parameters})
    header = Header(runbook=document.name, parameters=parameters, cluster={"name": "shop"}, now=_now())
    recording = Recording(header=header)
    environment = aws.environment()
    session = boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )
    kubeconfig = plane.kubeconfig("runbook")
    sources = await connect(
        recording, session=session, kubeconfig=kubeconfig, endpoint_url=aws.endpoint_url
    )
    await ask(document, recording, sources, _now, None)
    return await judge(document, recording)


def _now() -> datetime:
    return datetime.now(UTC)
