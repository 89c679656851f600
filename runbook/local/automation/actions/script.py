"""The action that runs a Python script."""

from __future__ import annotations

from runbook.local.automation.actions.base import INPUTS, POLL, Action, ActionFailed, Answer, Work
from runbook.local.automation.sandbox import INLINE, Script, ScriptFailed

RUNTIMES = ("python3.10", "python3.11", "python3.12")


def execute(work: Work) -> Answer:
    """aws:executeScript: `Handler` is called with InputPayload; what it returns is the output Payload."""
    if work.inputs["Runtime"] not in RUNTIMES:
        known = ", ".join(RUNTIMES)
        raise ActionFailed(f"The runtime {work.inputs['Runtime']} is not one of {known}.", stage=INPUTS)
    run = work.environment.sandbox.start(_script(work))
    try:
        result, log = work.pulse.call(run.result, abandon=run.kill)
    except ScriptFailed as error:
        raise ActionFailed(str(error), stage=POLL, log=error.log) from error
    payload = {"Payload": result}
    return Answer(payload=payload, outputs=payload, log=log)


def _script(work: Work) -> Script:
    inputs, environment = work.inputs, work.environment
    if "Script" in inputs:
        name, data = f"{INLINE}.py", inputs["Script"].encode()
        handler = f"{INLINE}.{inputs['Handler']}"
    else:
        name = inputs["Attachment"]
        data, handler = environment.attachment(name), inputs["Handler"]
    return Script(
        code=environment.sandbox.unpacked(name, data),
        handler=handler,
        payload=inputs.get("InputPayload", {}),
        environment=_variables(work),
    )


def _variables(work: Work) -> dict[str, str]:
    """Without a role a script has no credentials: SSM does not lend it the caller's."""
    environment = work.environment
    keys = environment.role_keys() or {}
    names = {
        "AWS_ACCESS_KEY_ID": "AccessKeyId",
        "AWS_SECRET_ACCESS_KEY": "SecretAccessKey",
        "AWS_SESSION_TOKEN": "SessionToken",
    }
    return {
        **{variable: keys[key] for variable, key in names.items() if key in keys},
        "AWS_REGION": environment.region,
        "AWS_DEFAULT_REGION": environment.region,
        "AWS_ENDPOINT_URL": environment.endpoint_url,
        "AWS_EC2_METADATA_DISABLED": "true",  # else boto3 looks for the keys of an instance, for seconds
    }


SCRIPT_ACTIONS = {
    "aws:executeScript": Action(run=execute, required=("Runtime", "Handler"), limit=600, default=600)
}
