"""The environment in which scripts run."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.local.automation import sandbox
from runbook.local.automation.sandbox import Sandbox, Script, ScriptFailed
from tests.local.automation.runs import ROLE, Json, account, document, outcome, run, script

GUIDE = "Please refer to Automation Service Troubleshooting Guide for more diagnosis details."


@pytest.fixture(scope="module")
def warm() -> Iterator[Sandbox]:
    with Sandbox() as warmed:
        yield warmed


def ran(warm: Sandbox, code: str, payload: Any = None, **environment: str) -> tuple[Any, str]:
    folder = warm.unpacked("step.py", textwrap.dedent(code).encode())
    given = Script(code=folder, handler="step.run", payload=payload, environment=environment)
    return warm.start(given).result()


def failed(warm: Sandbox, code: str) -> str:
    with pytest.raises(ScriptFailed) as error:
        ran(warm, code)
    return str(error.value)


def test_what_a_script_returns_comes_back_and_what_it_prints_is_kept(warm: Sandbox) -> None:
    code = """
        import os, sys
        def run(events, context):
            print("seen")
            print("told", file=sys.stderr, flush=True)
            os.system("echo from a child")
            return {"got": events, "context": context}
        """
    assert ran(warm, code, {"a": [1, "ü"]}) == (
        {"got": {"a": [1, "ü"]}, "context": {}},
        "told\nfrom a child\nseen\n",
    )


def test_only_the_standard_library_boto3_and_its_own_files_are_there(warm: Sandbox) -> None:
    code = """
        import importlib
        def run(events, context):
            found = {}
            for name in events:
                try:
                    importlib.import_module(name)
                    found[name] = True
                except ImportError:
                    found[name] = False
            return found
        """
    allowed = [
        "json",
        "sqlite3",
        "boto3",
        "botocore.session",
        "s3transfer",
        "jmespath",
        "dateutil.tz",
        "urllib3",
        "step",
    ]
    refused = [
        "yaml",
        "jinja2",
        "kubernetes",
        "moto",
        "pytest",
        "runbook",
        "runbook.model",
        "pkg_resources",
        "requests",
    ]
    assert ran(warm, code, allowed + refused)[0] == {name: name in allowed for name in allowed + refused}


def test_its_environment_is_what_it_was_given(warm: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "x")
    code = """
        import os, pathlib
        def run(events, context):
            pathlib.Path("mine").write_text("x")
            return dict(os.environ), os.getcwd()
        """
    environment, folder = ran(warm, code, None, AWS_REGION="us-east-1")[0]
    assert environment == {"AWS_REGION": "us-east-1", "HOME": folder, "TMPDIR": folder}
    assert not Path(folder).exists()


def test_an_error_is_told_with_its_own_lines(warm: Sandbox) -> None:
    told = failed(warm, "def run(events, context):\n    return events['missing']\n")
    file = warm.unpacked("step.py", b"def run(events, context):\n    return events['missing']\n") / "step.py"
    assert told == (
        f"Traceback (most recent call last):\n  File \"{file}\", line 2, in run\n    return events['missing']\n"
        "           ~~~~~~^^^^^^^^^^^\n\nTypeError - 'NoneType' object is not subscriptable"
    )


@pytest.mark.parametrize(
    ("body", "last"),
    [
        ("import sys; sys.exit('enough')", "SystemExit - enough"),
        ("return object()", "TypeError - Object of type object is not JSON serializable"),
        ("return len(bytearray(512 * 1024 * 1024))", "MemoryError - "),
        ("raise KeyboardInterrupt", "KeyboardInterrupt - "),
        ("import os; os._exit(3)", "The script's process ended without a result."),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
            "The script's process ended without a result.",
        ),
    ],
)
def test_ways_to_fail(warm: Sandbox, body: str, last: str) -> None:
    assert failed(warm, f"def run(events, context):\n    {body}\n").splitlines()[-1] == last


def test_half_of_the_memory_is_there_to_use(warm: Sandbox) -> None:
    code = "def run(events, context):\n    return len(bytearray(256 * 1024 * 1024))"
    assert ran(warm, code)[0] == 256 * 1024 * 1024


def test_a_result_has_at_most_100_kb(warm: Sandbox) -> None:
    code = "def run(events, context):\n    return 'x' * events"
    assert len(ran(warm, code, 100 * 1024 - 2)[0]) == 100 * 1024 - 2
    with pytest.raises(
        ScriptFailed, match=r"^The script returned 102401 bytes; at most 102400 are allowed\.$"
    ):
        ran(warm, code, 100 * 1024 - 1)


def test_of_a_long_log_the_end_is_kept(warm: Sandbox) -> None:
    code = "def run(events, context):\n    print('x' * 100_000)\n    print('end')"
    assert ran(warm, code)[1] == "x" * (sandbox.LONGEST_LOG - 5) + "\nend\n"


def test_scripts_run_side_by_side(warm: Sandbox) -> None:
    code = b"import time\ndef run(events, context):\n    time.sleep(events)\n    return events\n"
    folder = warm.unpacked("step.py", code)
    runs = [
        warm.start(Script(code=folder, handler="step.run", payload=seconds, environment={}))
        for seconds in (0.4, 0.1)
    ]
    assert [running.result()[0] for running in reversed(runs)] == [0.1, 0.4]


def test_nothing_of_one_script_reaches_the_next(warm: Sandbox) -> None:
    ran(warm, "import builtins\ndef run(e, c):\n    builtins.left = 1")
    assert ran(warm, "import builtins\ndef run(e, c):\n    return hasattr(builtins, 'left')")[0] is False


WHO = "def run(events, context):\n  import boto3\n  return boto3.client('sts').get_caller_identity()['Arn']"


def first(content: Json) -> Json:
    with account() as aws:
        record = run(aws, content)
    step: Json = record["StepExecutions"][0]
    return step


def test_a_script_acts_as_the_documents_role() -> None:
    step = first(document(script("Who", WHO), assumeRole=ROLE))
    session = f"Automation-{step['Outputs']['Payload'][0].rpartition('Automation-')[2]}"
    assert step["Outputs"]["Payload"] == [f"arn:aws:sts::111122223333:assumed-role/automation/{session}"]


def test_without_a_role_a_script_has_no_credentials() -> None:
    step = first(document(script("Who", WHO)))
    assert step["StepStatus"] == "Failed"
    assert step["FailureMessage"].endswith(f"NoCredentialsError - Unable to locate credentials. {GUIDE}")


def test_a_failed_script_keeps_its_log() -> None:
    step = first(
        document(script("Bad", "def run(events, context):\n  print('so far')\n  raise ValueError('no')"))
    )
    assert step["Outputs"] == {"ExecutionLog": ["so far\n"]}
    assert step["FailureMessage"].startswith(
        "Step fails when it is Poll action status for completion. Traceback"
    )
    assert step["FailureMessage"].endswith(f"\n\nValueError - no. {GUIDE}")
    assert step["FailureDetails"]["FailureStage"] == "PostVerification"


def test_a_script_out_of_time_is_killed() -> None:
    with account() as aws:
        code = "def run(events, context):\n  import time\n  time.sleep(600)"
        record = run(aws, document(script("Slow", code, timeoutSeconds=1)))

    assert outcome(record) == ("TimedOut", {"Slow": "TimedOut"})
    assert record["FailureMessage"] == "Step timed out after 1 s."


def test_a_runtime_that_ssm_does_not_have() -> None:
    given = script("Old", "def run(e, c): pass")
    given["inputs"]["Runtime"] = "python3.8"
    assert first(document(given))["FailureMessage"] == (
        "Step fails when it is validating and resolving the step inputs. The runtime python3.8 is not one of "
        f"python3.10, python3.11, python3.12. {GUIDE}"
    )
