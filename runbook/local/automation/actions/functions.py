"""The action that invokes a Lambda function."""

from __future__ import annotations

import json

from runbook.local.automation.actions.api import ask
from runbook.local.automation.actions.base import Action, ActionFailed, Answer, Work

LARGEST = 200 * 1024
_PASSED_ON = ("FunctionName", "Qualifier", "InvocationType", "LogType", "ClientContext")


def invoke(work: Work) -> Answer:
    """aws:invokeLambdaFunction. An error of the function is an output, it does not fail the step."""
    parameters = {key: work.inputs[key] for key in _PASSED_ON if key in work.inputs}
    if "InputPayload" in work.inputs:
        parameters["Payload"] = json.dumps(work.inputs["InputPayload"])
    elif "Payload" in work.inputs:
        parameters["Payload"] = work.inputs["Payload"]
    answer = ask(work, "lambda", "Invoke", parameters)
    body = work.pulse.call(answer["Payload"].read)
    if len(body) > LARGEST:
        raise ActionFailed(f"The function's answer has {len(body)} bytes; at most {LARGEST} are allowed.")
    outputs = {
        "StatusCode": answer["StatusCode"],
        "FunctionError": answer.get("FunctionError", ""),
        "LogResult": answer.get("LogResult", ""),
        "Payload": body.decode(),
    }
    return Answer(payload=outputs, outputs=outputs)


FUNCTION_ACTIONS = {"aws:invokeLambdaFunction": Action(run=invoke, required=("FunctionName",), limit=300)}
