"""Systems Manager: Automation documents are checked as AWS checks them, and can be executed.

moto keeps the documents; it would take any content, and knows no executions.
"""

from __future__ import annotations

from typing import Any

from runbook.local.automation import attachments, listing, validation
from runbook.local.automation.document import Json, content_of, document_of
from runbook.local.automation.environment import keys_of, session_of
from runbook.local.automation.executions import Automation
from runbook.local.aws.account import Account, Operation
from runbook.local.aws.moto_wire import AwsError, not_embedded
from runbook.local.aws.principals import caller

PLATFORMS = ["Windows", "Linux", "MacOS"]
REFUSED = (
    "Targets", "TargetParameterName", "TargetMaps", "TargetLocations", "TargetLocationsURL", "MaxConcurrency",
    "MaxErrors", "AlarmConfiguration",
)  # fmt: skip


def create_document(account: Account, parameters: Json) -> Json:
    if parameters.get("DocumentType") != "Automation":
        return account.ask("ssm", "CreateDocument", **parameters)
    validation.refuse_name(parameters["Name"])
    return _new_version(account, "CreateDocument", parameters)


def update_document(account: Account, parameters: Json) -> Json:
    known = _described(account, {"Name": parameters["Name"]})
    if known["DocumentType"] != "Automation":
        return account.ask("ssm", "UpdateDocument", **parameters)
    return _new_version(account, "UpdateDocument", parameters)


def get_document(account: Account, parameters: Json) -> Json:
    document = _asked(account, "GetDocument", parameters)
    files = account.part(Automation).attachments.get((document["Name"], document["DocumentVersion"]), {})
    if files:
        document["AttachmentsContent"] = [attachments.described(name, data) for name, data in files.items()]
    return document


def describe_document(account: Account, parameters: Json) -> Json:
    return {"Document": _amended(account, _described(account, parameters))}


def list_documents(account: Account, parameters: Json) -> Json:
    answer = account.ask("ssm", "ListDocuments", **parameters)
    for listed in answer["DocumentIdentifiers"]:
        listed["PlatformTypes"] = PLATFORMS
    return answer


def start_automation_execution(account: Account, parameters: Json) -> Json:
    for key in REFUSED:
        if parameters.get(key):
            raise not_embedded(f"{key} of ssm:StartAutomationExecution")
    if parameters.get("Mode") == "Interactive":
        raise not_embedded("The mode Interactive of ssm:StartAutomationExecution")
    request = dict(parameters)
    token = request.pop("ClientToken", None)
    started = account.part(Automation).once(token, request, lambda: _start(account, request))
    return {"AutomationExecutionId": started}


def get_automation_execution(account: Account, parameters: Json) -> Json:
    execution = account.part(Automation).find(parameters["AutomationExecutionId"])
    return {"AutomationExecution": execution.describe()}


def describe_automation_executions(account: Account, parameters: Json) -> Json:
    return listing.executions(account.part(Automation), parameters)


def describe_automation_step_executions(account: Account, parameters: Json) -> Json:
    execution = account.part(Automation).find(parameters["AutomationExecutionId"])
    return listing.steps(execution, parameters)


def stop_automation_execution(account: Account, parameters: Json) -> Json:
    account.part(Automation).stop(parameters["AutomationExecutionId"], parameters.get("Type", "Cancel"))
    return {}


def add_tags_to_resource(account: Account, parameters: Json) -> Json:
    if parameters["ResourceType"] != "Automation":
        return account.ask("ssm", "AddTagsToResource", **parameters)
    _tags(account, parameters).update({tag["Key"]: tag["Value"] for tag in parameters["Tags"]})
    return {}


def remove_tags_from_resource(account: Account, parameters: Json) -> Json:
    if parameters["ResourceType"] != "Automation":
        return account.ask("ssm", "RemoveTagsFromResource", **parameters)
    for key in parameters["TagKeys"]:
        _tags(account, parameters).pop(key, None)
    return {}


def list_tags_for_resource(account: Account, parameters: Json) -> Json:
    if parameters["ResourceType"] != "Automation":
        return account.ask("ssm", "ListTagsForResource", **parameters)
    return {"TagList": [{"Key": key, "Value": value} for key, value in _tags(account, parameters).items()]}


def _new_version(account: Account, operation: str, parameters: Json) -> Json:
    document_format = parameters.get("DocumentFormat", "JSON")
    document = validation.checked(parameters["Content"], document_format)
    s3: Any = session_of(account, keys_of(account, caller())).client("s3", endpoint_url=account.endpoint_url)
    files = attachments.fetched(parameters.get("Attachments", []), document.content.get("files") or {}, s3)
    kept = {key: value for key, value in parameters.items() if key != "Attachments"}
    kept["DocumentFormat"] = document_format
    answer = account.ask("ssm", operation, **kept)["DocumentDescription"]
    automation = account.part(Automation)
    automation.attachments[answer["Name"], answer["DocumentVersion"]] = files
    for attachment, data in files.items():
        automation.sandbox.warm_up(automation.sandbox.unpacked(attachment, data))
    return {"DocumentDescription": _amended(account, answer)}


def _described(account: Account, parameters: Json) -> Json:
    described: Json = _asked(account, "DescribeDocument", parameters)["Document"]
    return described


def _asked(account: Account, operation: str, parameters: Json) -> Json:
    """Moto's answer about a document; it does not know `$DEFAULT`, nor the error of a missing version."""
    wanted = {key: value for key, value in parameters.items() if value != "$DEFAULT"}
    try:
        return account.ask("ssm", operation, **wanted)
    except AwsError as error:
        if error.code != "InvalidDocument" or "DocumentVersion" not in wanted:
            raise
        account.ask("ssm", "DescribeDocument", Name=wanted["Name"])
        words = "The document version is not valid or does not exist."
        raise AwsError("InvalidDocumentVersion", words) from error


def _amended(account: Account, described: Json) -> Json:
    files = account.part(Automation).attachments.get((described["Name"], described["DocumentVersion"]), {})
    extra = {"AttachmentsInformation": [{"Name": name} for name in files]} if files else {}
    return described | {"PlatformTypes": PLATFORMS} | extra


def _start(account: Account, parameters: Json) -> str:
    name = parameters["DocumentName"].rpartition("/")[2]
    found = _definition(account, name, parameters.get("DocumentVersion", "$DEFAULT"))
    version = found["DocumentVersion"]
    execution = account.part(Automation).start(
        document_of(content_of(found["Content"], found["DocumentFormat"])),
        name=name,
        version=version,
        given=parameters.get("Parameters") or {},
        attachments=account.part(Automation).attachments.get((name, version), {}),
        tags={tag["Key"]: tag["Value"] for tag in parameters.get("Tags", [])},
        caller=caller(),
    )
    return execution.order.id


def _definition(account: Account, name: str, version: str) -> Json:
    try:
        found = _asked(account, "GetDocument", {"Name": name, "DocumentVersion": version})
    except AwsError as error:
        if error.code == "InvalidDocumentVersion":
            raise AwsError(
                "AutomationDefinitionVersionNotFoundException",
                "An Automation runbook with the specified name and version couldn't be found.",
            ) from error
        raise _no_definition() from error
    if found["DocumentType"] != "Automation":
        raise _no_definition()
    return found


def _no_definition() -> AwsError:
    return AwsError(
        "AutomationDefinitionNotFoundException",
        "An Automation runbook with the specified name couldn't be found.",
    )


def _tags(account: Account, parameters: Json) -> dict[str, str]:
    execution = account.part(Automation).find(parameters["ResourceId"])
    return account.part(Automation).tags.setdefault(execution.order.id, {})


OPERATIONS: dict[str, Operation] = {
    "AddTagsToResource": add_tags_to_resource,
    "CreateDocument": create_document,
    "DescribeAutomationExecutions": describe_automation_executions,
    "DescribeAutomationStepExecutions": describe_automation_step_executions,
    "DescribeDocument": describe_document,
    "GetAutomationExecution": get_automation_execution,
    "GetDocument": get_document,
    "ListDocuments": list_documents,
    "ListTagsForResource": list_tags_for_resource,
    "RemoveTagsFromResource": remove_tags_from_resource,
    "StartAutomationExecution": start_automation_execution,
    "StopAutomationExecution": stop_automation_execution,
    "UpdateDocument": update_document,
}
