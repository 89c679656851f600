"""`start` and `serve` on the command line, against the embedded account."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook import cli, starting
from runbook.local.aws import Fault
from runbook.local.embedded import Embedded
from runbook.subcommands import output
from tests.documents.deployed_account import account_of, stack_is_there

pytestmark = pytest.mark.xdist_group("deployed")
ASK = ["EbsCsiDrivers", "EksClusterName=shop", "ApplicationPodName=orders-0", "ApplicationNamespace=shop"]


@pytest.fixture(scope="module")
def account() -> Iterator[Embedded]:
    with account_of("wrong_audience") as made:
        yield made


@pytest.fixture
def servers(account: Embedded, monkeypatch: pytest.MonkeyPatch) -> Iterator[Embedded]:
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in account.aws.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(starting, "_PAUSE", 0.2)
    yield account
    account.aws.faults.clear()


def latest(servers: Embedded) -> str:
    found = servers.client("ssm").describe_automation_executions()["AutomationExecutionMetadataList"]
    ours = [one for one in found if one["DocumentName"].startswith("Troubleshoot")]
    return str(max(ours, key=lambda one: one["ExecutionStartTime"])["AutomationExecutionId"])


def test_it_follows_the_steps_and_prints_the_report(
    servers: Embedded, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "report.json"
    status = cli.main(["start", *ASK, "--output", "json", "--output-file", str(file)])
    report = json.loads(file.read_text(encoding="utf-8"))
    assert (status, report["verdict"]) == (output.FAULTY, "faulty")
    told = capsys.readouterr().err.splitlines()
    execution = latest(servers)
    assert told[0] == f"EBS CSI drivers · execution {execution}"
    assert "  CheckIdentity: 10 checks, 1 problem" in told
    assert told[-2:] == [
        "eks-runbook: the execution ended with Success",
        f"eks-runbook: the report is in {file}",
    ]
    again = cli.main(["start", "EbsCsiDrivers", "--execution", execution])
    assert again == output.FAULTY
    assert "FAULTY: pod shop/orders-0 waits" in capsys.readouterr().out


def test_what_s3_does_not_give_comes_from_the_outputs(
    servers: Embedded, capsys: pytest.CaptureFixture[str]
) -> None:
    servers.aws.faults["s3:PutObject"] = Fault(kind="refused")
    assert cli.main(["start", *ASK]) == output.FAULTY
    told = capsys.readouterr()
    assert "FAULTY: pod shop/orders-0 waits" in told.out
    assert "eks-runbook: the report is not in S3: bucket eks-runbook-reports-" in told.err
    assert (
        cli.main(["start", "EbsCsiDrivers", "--execution", latest(servers), "--output", "md"])
        == output.FAILURE
    )
    assert "the report exists as text alone; leave --output md out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["start", "EbsCsiDrivers"], "parameter EksClusterName is missing: give EksClusterName=VALUE"),
        (["start", *ASK, "--execution", "x"], "--execution follows what was started already; leave the parameters out"),
        (["start", *ASK, "--region", ""], "--region is given as empty; leave it out"),
        (["start", "EbsCsiDrivers", "--execution", "5f1c2d3e-0a1b-4c2d-8e3f-a1b2c3d4e5f6"], "execution 5f1c2d3e-0a1b-4c2d-8e3f-a1b2c3d4e5f6 cannot be followed: An error occurred (AutomationExecutionNotFoundException)"),
        (["start", *ASK, "--region", "eu-central-1"], "TroubleshootEbsCsiDriversForEks could not be started: An error occurred"),
        (["serve", "wrong_audienc"], "there is no scenario 'wrong_audienc'; did you mean wrong_audience?"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("servers")
def test_bad_input_gets_one_sentence(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == output.FAILURE
    told = capsys.readouterr()
    assert told.out == ""
    # Before it an execution's name may stand, which is looked for then.
    assert told.err.splitlines()[-1].startswith(f"eks-runbook: {said}")
    assert told.err.count("eks-runbook:") == 1


@pytest.mark.parametrize("stopping", [False, True])
def test_interrupted_it_says_how_to_go_on_or_stops(
    servers: Embedded,
    stopping: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(starting, "follow", interrupt)
        status = cli.main(["start", *ASK, *(["--stop-when-interrupted"] if stopping else [])])
    execution = latest(servers)
    assert status == output.INTERRUPTED
    told = capsys.readouterr().err.splitlines()
    if stopping:
        assert told[-1] == (
            f"eks-runbook: interrupted; execution {execution} is being cancelled, and removes its proxy before it ends"
        )
    else:
        assert told[-3:] == [
            f"eks-runbook: interrupted; execution {execution} goes on by itself",
            "eks-runbook: follow it again: eks-runbook start TroubleshootEbsCsiDriversForEks "
            f"--execution {execution} --region us-east-1",
            "eks-runbook: or stop it: aws ssm stop-automation-execution "
            f"--automation-execution-id {execution} --region us-east-1",
        ]
    again = cli.main(["start", "EbsCsiDrivers", "--execution", execution])
    ended = f"the execution ended with {'Cancelled' if stopping else 'Success'}"
    assert ended in capsys.readouterr().err
    assert again in ((output.INCONCLUSIVE, output.FAULTY) if stopping else (output.FAULTY,))
    assert not stack_is_there(servers, execution)


def test_serve_keeps_the_account_up_until_interrupted() -> None:
    serving = subprocess.Popen(
        [sys.executable, "-m", "runbook", "serve", "volume_deleted"], stdout=subprocess.PIPE, text=True
    )
    assert serving.stdout
    lines = [serving.stdout.readline() for _ in range(5)]
    assert "aws ssm start-automation-execution" in lines[-1]
    exported = dict(word.split("=", 1) for word in lines[3].split()[1:])
    done = subprocess.run(
        [Path(sys.executable).with_name("aws"), "eks", "list-clusters"],
        env={**os.environ, **exported}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == {"clusters": ["shop"]}
    serving.send_signal(signal.SIGINT)
    assert serving.wait(20) == 0
    serving.stdout.close()
