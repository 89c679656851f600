"""The command line on good and bad input, against the embedded cluster and account."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook import cli
from runbook.local.aws import Fault as AwsFault
from runbook.local.embedded import Embedded, embedded
from runbook.local.kubernetes import Fault
from runbook.local.scenarios import scenarios
from runbook.subcommands import output

ASK = ["EksClusterName=shop", "ApplicationPodName=orders-0", "ApplicationNamespace=shop"]
RUN = ["run", "EbsCsiDrivers", *ASK]


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Embedded]:
    """The seed story, with the account in the environment as a user has it."""
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with embedded(scenarios()["wrong_audience"].world()) as made:
        for name, value in made.aws.environment().items():
            monkeypatch.setenv(name, value)
        yield made


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        status = cli.main(arguments)
    except SystemExit as stop:
        status = int(stop.code or 0)
    said = capsys.readouterr()
    return status, said.out, said.err


def with_cluster(servers: Embedded, *more: str) -> list[str]:
    return [*RUN, "--kubeconfig", str(servers.kubeconfig), *more]


def report(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> tuple[int, dict[str, Any]]:
    status, out, _ = run(capsys, *arguments, "--output", "json")
    return status, json.loads(out)


def test_a_run_and_its_replay_print_the_same_report(
    servers: Embedded, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    kept = tmp_path / "recording.json.gz"
    status, out, err = run(capsys, *with_cluster(servers, "--record", str(kept), "--output", "json"))
    assert status == output.FAULTY
    assert "CheckIdentity" in err
    again, replayed, _ = run(capsys, "replay", str(kept), "--output", "json")
    assert (again, replayed) == (status, out)
    assert json.loads(out)["sentence"] == (
        "pod shop/orders-0 waits for its volume because IAM role shop-ebs-csi accepts only tokens for "
        "'www.sts.amazonaws.com', while Kubernetes issues them for 'sts.amazonaws.com'."
    )


def test_without_a_kubeconfig_the_cluster_that_aws_describes_is_asked_with_a_token_of_its_own(
    servers: Embedded, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    class Tokens(dict[str, Any]):
        def get(self, token: str, default: Any = None) -> Any:
            seen.append(token)
            return super().get("demonstration", default)

    monkeypatch.setattr(servers.kubernetes, "_tokens", Tokens(servers.kubernetes._tokens))
    status, told = report(capsys, RUN)
    assert (status, told["verdict"]) == (output.FAULTY, "faulty")
    (token,) = set(seen)
    assert token.startswith("k8s-aws-v1.")
    address = base64.urlsafe_b64decode(token.removeprefix("k8s-aws-v1.") + "==").decode()
    assert "Action=GetCallerIdentity" in address
    assert "x-k8s-aws-id" in address


def test_the_report_goes_to_a_file_in_every_form(
    servers: Embedded, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for form, beginning in (
        ("text", "EBS CSI drivers"),
        ("md", "EBS CSI drivers"),
        ("html", "<!doctype html>"),
        ("json", "{"),
    ):
        path = tmp_path / f"report.{form}"
        status, out, _ = run(capsys, *with_cluster(servers, "--output", form, "--output-file", str(path)))
        assert (status, out) == (output.FAULTY, "")
        assert path.read_text().lower().startswith(beginning.lower())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "Ebs", *ASK], "there is no runbook 'Ebs'; built are TroubleshootEbsCsiDriversForEks"),
        (
            ["run", "TroubleshootEbsCsiDriver", *ASK],
            "there is no runbook 'TroubleshootEbsCsiDriver'; built are TroubleshootEbsCsiDriversForEks; "
            "did you mean TroubleshootEbsCsiDriversForEks?",
        ),
        (
            [*RUN, "EksClustername=shop"],
            "TroubleshootEbsCsiDriversForEks has no parameter 'EksClustername'; did you mean EksClusterName?",
        ),
        ([*RUN, "shop"], "'shop' is not NAME=VALUE"),
        ([*RUN, "EksClusterName=shop"], "parameter EksClusterName is given twice"),
        (["run", "ebscsidrivers"], "parameter EksClusterName is missing: give EksClusterName=VALUE"),
        (
            ["run", "ebscsidrivers", "EksClusterName="],
            "parameter EksClusterName is given as empty; leave it out only when you know what it should be: "
            "it has no default",
        ),
        (
            [*RUN, "EbsCsiControllerNamespace="],
            "parameter EbsCsiControllerNamespace is given as empty; leave it out for its default, 'kube-system'",
        ),
        (
            ["run", "ebscsidrivers", "EksClusterName=my cluster"],
            "parameter EksClusterName cannot be 'my cluster'; allowed is 1 to 100 letters, digits, hyphens and "
            "underscores, beginning with a letter or digit",
        ),
        (
            ["run", "ebscsidrivers", "EksClusterName=shop", "ApplicationPodName=orders-0"],
            "ApplicationPodName needs ApplicationNamespace: a pod's name is unique in its namespace only",
        ),
        (
            ["run", "ebscsidrivers", "EksClusterName=shop", "ApplicationPodName=../etc", "ApplicationNamespace=shop"],
            "parameter ApplicationPodName cannot be '../etc'; allowed is a pod's name, statefulset/NAME, "
            "deployment/NAME or a label selector such as app=web,tier=db",
        ),
        (
            [*RUN, "--kubeconfig", "/nonexistent/config"],
            "kubeconfig /nonexistent/config cannot be read: there is no such file",
        ),
        (["replay", "/nonexistent"], "recording /nonexistent cannot be read: there is no such file or folder"),
        (
            [*RUN, "--output-file", "/nonexistent/report.txt"],
            "/nonexistent/report.txt cannot be written: No such file or directory",
        ),
        ([*RUN, "--record", "/"], "/ cannot be written: it is no file"),
        ([*RUN, "--profile", "nobody"], "The config profile (nobody) could not be found; known are: none"),
        (
            ["explain", "ebs.identity.audience"],
            "there is no check 'ebs.identity.audience'; did you mean ebs.identity.web_identity_audience?; "
            "'checks' lists them",
        ),
        (["checks", "--family", "efs"], "there is no family 'efs'; built are deployment, ebs"),
        (["demo", "wrong_audiance"], "there is no scenario 'wrong_audiance'; did you mean wrong_audience?; demo --list names them"),
        (["frobnicate"], "argument COMMAND: invalid choice: 'frobnicate' (choose from"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_sentence_and_status_3(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str], servers: Embedded
) -> None:
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (output.FAILURE, "")
    assert err.startswith(f"eks-runbook: {sentence}")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "cannot be used: Invalid kube-config"),
        ("{", "cannot be read: while parsing a flow"),
        ("just text", "cannot be"),
        ("clusters: 7", "cannot be"),
    ],
)
def test_an_unreadable_kubeconfig_is_said(
    text: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], servers: Embedded
) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    status, out, err = run(capsys, *RUN, "--kubeconfig", str(path))
    assert (status, out) == (output.FAILURE, "")
    assert err.startswith(f"eks-runbook: kubeconfig {path} {sentence}")


def test_a_secret_in_a_malformed_kubeconfig_is_not_quoted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], servers: Embedded
) -> None:
    config = json.loads(servers.kubeconfig.read_text())
    config["users"] = [{"name": "embedded", "token": "hunter2secret"}]
    path = tmp_path / "config"
    path.write_text(json.dumps(config))
    status, _, err = run(capsys, *RUN, "--kubeconfig", str(path))
    assert (status, err) == (
        output.FAILURE,
        f"eks-runbook: kubeconfig {path} cannot be used: Invalid kube-config file. Expected key user\n",
    )


def test_a_credential_plugin_that_fails_is_said_without_what_it_wrote(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], servers: Embedded
) -> None:
    config = json.loads(servers.kubeconfig.read_text())
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "sh",
        "args": ["-c", "echo password=hunter2 >&2; exit 1"],
        "interactiveMode": "Never",
    }
    config["users"] = [{"name": "embedded", "user": {"exec": plugin}}]
    path = tmp_path / "config"
    path.write_text(json.dumps(config))
    status, _, err = run(capsys, *RUN, "--kubeconfig", str(path))
    assert status == output.FAILURE
    assert err.startswith(f"eks-runbook: kubeconfig {path}: its credential plugin gave no token")
    assert "hunter2" not in err


def test_a_token_with_a_line_break_does_not_hang(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], servers: Embedded
) -> None:
    config = json.loads(servers.kubeconfig.read_text())
    config["users"][0]["user"]["token"] += "\n"
    path = tmp_path / "config"
    path.write_text(json.dumps(config))
    assert report(capsys, [*RUN, "--kubeconfig", str(path)])[0] == output.FAULTY


@pytest.mark.parametrize("address", ["foo", "http://", "http://127.0.0.1:99999"])
def test_an_address_of_aws_that_is_none_leaves_kubernetes_judged(
    address: str, capsys: pytest.CaptureFixture[str], servers: Embedded
) -> None:
    status, told = report(capsys, with_cluster(servers, "--endpoint-url", address))
    assert (status, told["verdict"]) == (output.INCONCLUSIVE, "inconclusive")
    assert told["notices"][0].startswith("AWS gave no answer: eks:")


@pytest.mark.parametrize("body", ["{}", "null", "[]", "<html>", '{"kind":"Status"}'])
def test_an_api_server_that_answers_anything_else_is_survived(
    body: str, capsys: pytest.CaptureFixture[str], servers: Embedded
) -> None:
    servers.kubernetes.faults["/"] = Fault(200, body=body)
    status, told = report(capsys, with_cluster(servers))
    assert (status, told["verdict"]) in [
        (output.INCONCLUSIVE, "inconclusive"),
        (output.FAULTY, "faulty"),
    ]
    assert told["verdict"] != "healthy"


def test_the_report_never_overwrites_the_recording(
    servers: Embedded, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    kept = str(tmp_path / "kept")
    status, _, err = run(capsys, *with_cluster(servers, "--record", kept, "--output-file", kept))
    assert (status, err) == (
        output.FAILURE,
        "eks-runbook: the report would overwrite the recording; give them different names\n",
    )


def test_a_failed_run_leaves_no_empty_files(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, servers: Embedded
) -> None:
    run(
        capsys,
        *RUN,
        "--kubeconfig",
        "/nonexistent",
        "--record",
        str(tmp_path / "r"),
        "--output-file",
        str(tmp_path / "o"),
    )
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_context_is_said_with_those_there_are(
    servers: Embedded, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = run(capsys, *with_cluster(servers, "--context", "prod"))
    assert status == output.FAILURE
    assert err == f"eks-runbook: kubeconfig {servers.kubeconfig} has no context 'prod'; it has embedded\n"


def test_another_clusters_account_is_never_believed(
    servers: Embedded, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = json.loads(servers.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = servers.kubernetes.url.replace("127.0.0.1", "localhost")
    path = tmp_path / "config"
    path.write_text(json.dumps(config))
    status, told = report(capsys, [*RUN, "--kubeconfig", str(path)])
    assert (status, told["verdict"], told["calls"]["aws"]) == (
        output.INCONCLUSIVE,
        "inconclusive",
        told["calls"]["aws"],
    )
    assert told["notices"] == [
        f"AWS gave no answer: the kubeconfig's API server is {servers.kubernetes.url.replace('127.0.0.1', 'localhost')}, "
        f"but AWS's cluster shop is at {servers.kubernetes.url}; AWS was not asked, because one cluster must not be "
        "judged by another's account. What only it could tell is not checked."
    ]  # fmt: skip
    judged_by_aws = [f for f in told["findings"] if f["check"] == "ebs.identity.web_identity_audience"]
    assert [f["status"] for f in judged_by_aws] == ["UNKNOWN"]


def test_an_unreachable_api_server_leaves_aws_judged(
    servers: Embedded, capsys: pytest.CaptureFixture[str]
) -> None:
    servers.kubernetes.faults["/"] = Fault("close")
    status, told = report(capsys, with_cluster(servers))
    assert (status, told["verdict"]) == (output.INCONCLUSIVE, "inconclusive")
    assert told["notices"][0].startswith(
        "The Kubernetes API gave no answer: the connection to the API server failed"
    )
    assert told["calls"]["aws"] > 0


def test_an_untrusted_certificate_is_said_plainly(
    servers: Embedded, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = json.loads(servers.kubeconfig.read_text())
    del config["clusters"][0]["cluster"]["certificate-authority-data"]
    path = tmp_path / "config"
    path.write_text(json.dumps(config))
    status, told = report(capsys, [*RUN, "--kubeconfig", str(path)])
    assert status == output.INCONCLUSIVE
    assert told["notices"][0].startswith(
        "The Kubernetes API gave no answer: the API server's certificate is not trusted"
    )


def test_a_refused_token_is_said_plainly(
    servers: Embedded, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = json.loads(servers.kubeconfig.read_text())
    config["users"][0]["user"]["token"] = "stale"
    path = tmp_path / "config"
    path.write_text(json.dumps(config))
    status, told = report(capsys, [*RUN, "--kubeconfig", str(path)])
    assert status == output.INCONCLUSIVE
    assert told["notices"] == [
        "The Kubernetes API gave no answer: the API server refused the token: Unauthorized. "
        "What only it could tell is not checked.",
        "To let this runbook read the cluster: kubectl apply -f docs/cluster-role.yaml, and give the group that it "
        "binds, eks-runbook-readers, to the access entry of the role or user that runs it.",
    ]


@pytest.mark.parametrize(
    ("spoil", "notice"),
    [
        ("no credentials", "AWS gave no answer: no AWS credentials were found. What only it could tell is not checked."),
        ("expired", "AWS gave no answer: eks:DescribeCluster answered ExpiredToken"),
        ("no region", "AWS gave no answer: no AWS Region is set; give --region. What only it could tell is not checked."),
    ],
)  # fmt: skip
def test_without_aws_kubernetes_alone_is_judged(
    spoil: str,
    notice: str,
    servers: Embedded,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if spoil == "no credentials":
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    elif spoil == "expired":
        servers.aws.faults["*"] = AwsFault(kind="expired")
    else:
        monkeypatch.delenv("AWS_REGION")
        monkeypatch.delenv("AWS_DEFAULT_REGION")
    status, told = report(capsys, with_cluster(servers))
    assert (status, told["verdict"]) == (output.INCONCLUSIVE, "inconclusive")
    assert told["notices"][0].startswith(notice)
    assert len(told["notices"]) == 1
    assert {"ebs.provisioning.bound", "ebs.target.ready"} <= {
        f["check"] for f in told["findings"] if f["status"] == "FAIL"
    }


def test_a_cluster_that_aws_does_not_know_is_said(
    servers: Embedded, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [*with_cluster(servers), "--output", "json"]
    arguments[arguments.index("EksClusterName=shop")] = "EksClusterName=shopp"
    status, out, _ = run(capsys, *arguments)
    told = json.loads(out)
    assert (status, told["verdict"]) == (output.INCONCLUSIVE, "inconclusive")
    assert told["notices"] == ["AWS knows no cluster shopp in this account and Region."]


def test_when_neither_side_answers_the_status_is_3(
    servers: Embedded, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    servers.kubernetes.faults["/"] = Fault("close")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    status, told = report(capsys, with_cluster(servers))
    assert (status, told["verdict"], len(told["notices"])) == (output.FAILURE, "inconclusive", 2)


def test_deployment_parameters_are_ignored_aloud(
    servers: Embedded, capsys: pytest.CaptureFixture[str]
) -> None:
    _, _, err = run(capsys, *with_cluster(servers, "--output", "json"), "S3BucketName=reports")
    assert "eks-runbook: S3BucketName is ignored: nothing is deployed by 'run'\n" in err


def test_the_module_is_a_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "runbook", "checks", "--family", "ebs"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == ""
    (line,) = [line for line in done.stdout.splitlines() if "ebs.identity.web_identity_audience" in line]
    assert line.split(maxsplit=3)[1:] == [
        "critical",
        "cause",
        "The driver's role accepts tokens meant for STS.",
    ]
