"""The seed story's scripts: the real aws command line at the embedded account, and a stub in kubectl's place."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from runbook.local.account import ACCOUNT, CLUSTER, DRIVER_ROLE, ISSUER, account, role_arn, trust_policy
from runbook.local.aws import EmbeddedAws

SCRIPTS = Path(__file__).parents[1] / "docs" / "seed-story"
#: One of each kind: sh is often dash.
SHELLS = list(
    {
        Path(found).resolve(): shell for shell in ("sh", "dash", "bash") if (found := shutil.which(shell))
    }.values()
)

#: Stands in for kubectl: writes each call down, and answers the few questions that the scripts ask.
STUB = f"""#!{sys.executable}
import json, os, pathlib, sys
folder = pathlib.Path(os.environ["STUB_FOLDER"])
answers = json.loads((folder / "answers.json").read_text())
words = sys.argv[1:]
assert words[:2] == ["--context", "shop-context"], words
words = words[2:]
call = {{"words": words, "stdin": sys.stdin.read() if "-" in words else ""}}
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps(call) + "\\n")
told = " ".join(words)
if "apply" in words:
    (folder / "namespace").touch()
if "delete namespace" in told:
    (folder / "namespace").unlink()
if "get namespace" in told:
    print(answers["namespace"] or ("seed-story=planted" if (folder / "namespace").exists() else ""), end="")
for question, answer in answers.items():
    if question in told and question != "namespace":
        print(answer, end="")
sys.exit(answers["status"])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A shell with the scripts' commands, and what came of them."""

    folder: Path
    environment: dict[str, str]
    iam: Any

    def run(self, script: str, *words: str, shell: str = "sh", context: str = "shop-context") -> Any:
        """Run a script with all that it must be told; further words come after."""
        told = ["--cluster", CLUSTER, "--role", DRIVER_ROLE, "--context", context, *words]
        return self.call(shell, str(SCRIPTS / script), *told)

    def call(self, *command: str) -> Any:
        """Run a command on this machine."""
        return subprocess.run(
            command, env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False
        )

    def answer(self, **changed: Any) -> None:
        """Change what the stub answers."""
        path = self.folder / "answers.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))

    def calls(self) -> list[list[str]]:
        """What kubectl was told to change."""
        path = self.folder / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        told = [json.loads(line)["words"] for line in lines]
        return [words for words in told if "get" not in words and words[:2] != ["config", "view"]]

    def manifest(self) -> list[Any]:
        """What was applied last."""
        lines = (self.folder / "calls").read_text().splitlines()
        applied = [json.loads(line)["stdin"] for line in lines if '"apply"' in line]
        return list(yaml.safe_load_all(applied[-1]))

    def trust(self) -> Any:
        """The role's trust policy."""
        return self.iam.get_role(RoleName=DRIVER_ROLE)["Role"]["AssumeRolePolicyDocument"]

    @property
    def kept(self) -> Path:
        """Where the trust policy is kept."""
        return self.folder / "state" / "eks-runbook" / "seed-story" / f"{ACCOUNT}-{DRIVER_ROLE}.json"


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    commands = tmp_path / "bin"
    commands.mkdir()
    stub = commands / "kubectl"
    stub.write_text(STUB)
    stub.chmod(0o755)
    (commands / "aws").symlink_to(Path(sysconfig.get_path("scripts")) / "aws")
    state = account()
    answers = {
        "config view": state["cluster"]["endpoint"],
        "get serviceaccount ebs-csi-controller-sa": role_arn(DRIVER_ROLE),
        "get pods": "pod/ebs-csi-controller-1",
        "namespace": "",
        "status": 0,
    }
    (tmp_path / "answers.json").write_text(json.dumps(answers))
    with EmbeddedAws(state) as aws:
        environment = {
            **aws.environment(),
            "PATH": f"{commands}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "STUB_FOLDER": str(tmp_path),
            "SEED_STORY_PAUSE": "0",
        }
        iam = boto3.client(
            "iam",
            endpoint_url=aws.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        yield Machine(folder=tmp_path, environment=environment, iam=iam)


RESTART = [
    "--namespace", "kube-system", "delete", "pods", "--selector", "app=ebs-csi-controller", "--wait=false",
]  # fmt: skip


@pytest.mark.parametrize("shell", SHELLS)
def test_plant_breaks_and_remove_gives_the_very_same_trust_policy_back(machine: Machine, shell: str) -> None:
    before = machine.trust()
    planted = machine.run("plant.sh", shell=shell)
    assert planted.returncode == 0, planted.stderr
    assert machine.trust() == trust_policy(audience="www.sts.amazonaws.com")
    assert machine.calls() == [RESTART, ["apply", "--filename", "-"]]
    removed = machine.run("remove.sh", shell=shell)
    assert removed.returncode == 0, removed.stderr
    assert machine.trust() == before
    assert machine.calls()[2:] == [
        RESTART,
        ["--namespace", "seed-story", "rollout", "status", "statefulset/orders", "--timeout=5m"],
        ["delete", "namespace", "seed-story"],
        ["delete", "storageclass", "--selector", "eks-runbook-seed-story=planted"],
    ]
    assert [*machine.kept.parent.iterdir()] == []


def test_what_is_applied_is_one_pod_that_waits_for_a_gp3_claim(machine: Machine) -> None:
    machine.run("plant.sh", "--namespace", "other")
    namespace, storage_class, orders = machine.manifest()
    assert namespace["metadata"] == {"name": "other", "labels": {"eks-runbook-seed-story": "planted"}}
    assert (storage_class["provisioner"], storage_class["parameters"]) == ("ebs.csi.aws.com", {"type": "gp3"})
    assert (orders["kind"], orders["metadata"], orders["spec"]["replicas"]) == (
        "StatefulSet", {"name": "orders", "namespace": "other"}, 1,
    )  # fmt: skip
    claim = orders["spec"]["volumeClaimTemplates"][0]
    assert (claim["metadata"]["name"], claim["spec"]["storageClassName"]) == ("data", "seed-story-gp3")


def test_both_can_be_run_again(machine: Machine) -> None:
    before = machine.trust()
    assert [machine.run("plant.sh").returncode for _ in range(2)] == [0, 0]
    assert json.loads(machine.kept.read_text()) == before
    assert [machine.run("remove.sh").returncode for _ in range(2)] == [0, 0]
    assert machine.trust() == before


def test_every_change_is_shown_before_it_is_made(machine: Machine) -> None:
    shown = [line[2:] for line in machine.run("plant.sh").stderr.splitlines() if line.startswith("+ ")]
    assert shown == [
        f"aws iam update-assume-role-policy --role-name {DRIVER_ROLE} "
        f"--policy-document file://{machine.kept}.planted",
        "sleep 0",
        "kubectl --context shop-context " + " ".join(RESTART),
        "kubectl --context shop-context apply --filename -",
    ]


def test_interrupted_after_the_policy_was_changed_it_can_be_undone(machine: Machine) -> None:
    before = machine.trust()
    machine.environment["SEED_STORY_PAUSE"] = "no time at all"  # sleep fails, as if interrupted there
    assert machine.run("plant.sh").returncode != 0
    assert (machine.trust() != before, machine.calls()) == (True, [])
    assert machine.run("remove.sh").returncode == 0
    assert machine.trust() == before


def test_without_a_context_nothing_is_asked(machine: Machine) -> None:
    for script in ("plant.sh", "remove.sh"):
        told = machine.call("sh", str(SCRIPTS / script), "--cluster", CLUSTER, "--role", DRIVER_ROLE)
        assert (told.returncode, told.stderr.splitlines()[0].startswith("usage: sh ")) == (3, True)
    assert not (machine.folder / "calls").exists()


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        (
            {"config view": "https://OTHER.gr7.us-east-1.eks.amazonaws.com"},
            f"context shop-context is of https://OTHER.gr7.us-east-1.eks.amazonaws.com, but cluster {CLUSTER} "
            f"is at {account()['cluster']['endpoint']}; nothing was changed",
        ),
        (
            {"get serviceaccount ebs-csi-controller-sa": ""},
            "service account kube-system/ebs-csi-controller-sa has no role by annotation, "
            f"not role {DRIVER_ROLE}; nothing was changed",
        ),
        (
            {"get pods": ""},
            "no pod in kube-system has label app=ebs-csi-controller; nothing was changed",
        ),
        (
            {"namespace": "seed-story="},
            "namespace seed-story exists and is not of this story; name another. Nothing was changed",
        ),
    ],
)
def test_plant_refuses_what_it_must_not_touch(machine: Machine, answers: Any, refusal: str) -> None:
    machine.answer(**answers)
    told = machine.run("plant.sh")
    assert (told.returncode, told.stderr) == (3, f"plant.sh: {refusal}\n")
    assert (machine.trust(), machine.calls()) == (trust_policy(), [])


def test_plant_refuses_a_role_that_does_not_name_the_audience(machine: Machine) -> None:
    unusual = trust_policy(audience="sts.example.com")
    machine.iam.update_assume_role_policy(RoleName=DRIVER_ROLE, PolicyDocument=json.dumps(unusual))
    told = machine.run("plant.sh")
    assert told.stderr.splitlines()[-1] == (
        f'plant.sh: the trust policy of role {DRIVER_ROLE} has no "{ISSUER}:aud": "sts.amazonaws.com"; '
        "nothing was changed"
    )
    assert (machine.trust(), machine.calls(), [*machine.kept.parent.iterdir()]) == (unusual, [], [])


def test_remove_leaves_a_namespace_that_is_not_of_the_story(machine: Machine) -> None:
    machine.run("plant.sh")
    machine.answer(namespace="seed-story=")
    removed = machine.run("remove.sh")
    assert (removed.returncode, machine.trust()) == (0, trust_policy())
    assert "Namespace seed-story is not of this story; it stays." in removed.stderr.splitlines()
    assert [words for words in machine.calls() if words[:2] == ["delete", "namespace"]] == []


def test_remove_says_when_the_kept_policy_is_elsewhere(machine: Machine) -> None:
    machine.run("plant.sh")
    machine.kept.unlink()
    removed = machine.run("remove.sh")
    assert (removed.returncode, removed.stderr.splitlines()[-1]) == (
        3,
        f"remove.sh: role {DRIVER_ROLE} still has audience www.sts.amazonaws.com. Restore it from the machine "
        "where plant.sh ran, or run the runbook: its report holds the corrected policy",
    )
