"""What a request to create or change a stack asks for, judged before anything is done."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

from runbook.local.aws.account import Account
from runbook.local.aws.cloudformation.clients import Clients, as_caller, as_role
from runbook.local.aws.cloudformation.intrinsics import condition
from runbook.local.aws.cloudformation.parameters import decide
from runbook.local.aws.cloudformation.scope import Scope
from runbook.local.aws.cloudformation.stack import Desired
from runbook.local.aws.cloudformation.stacks import place
from runbook.local.aws.cloudformation.template import Template, read
from runbook.local.aws.cloudformation.text import BODY_LIMIT, FILE_LIMIT, invalid
from runbook.local.aws.moto_wire import AwsError, Json
from runbook.local.aws.trust import refuse_unassumable

_HOST = re.compile(r"(?:(?P<bucket>.+)\.)?s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?")
_MORE = "\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
_TAGS = 50


def template_text(account: Account, parameters: Json, previous: Desired | None = None) -> str:
    """The template that a request brings, names, or takes over. Raises AwsError."""
    if "TemplateBody" in parameters:
        body = str(parameters["TemplateBody"])
        if len(body.encode()) > BODY_LIMIT:
            raise invalid(
                "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member"
                f" must have length less than or equal to {BODY_LIMIT}"
            )
        return body
    if "TemplateURL" in parameters:
        return _fetched(account, parameters["TemplateURL"])
    if parameters.get("UsePreviousTemplate") and previous is not None:
        return previous.template.text
    raise invalid("Either Template URL or Template Body must be specified.")


def _fetched(account: Account, url: str) -> str:
    bucket, key = _place(account, url)
    try:
        content: bytes = as_caller(account)("s3", "GetObject", Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        raise invalid(f"S3 error: {error.response['Error']['Message']}{_MORE}") from error
    if len(content) > FILE_LIMIT:
        raise invalid("Template may not exceed 1000000 bytes in size.")
    return content.decode()


def _place(account: Account, url: str) -> tuple[str, str]:
    """Bucket and key, from either style of address."""
    parts = urlsplit(url)
    path = unquote(parts.path.lstrip("/"))
    match = _HOST.fullmatch(parts.hostname or "")
    if match and match["bucket"]:
        return match["bucket"], path
    if match or f"{parts.scheme}://{parts.netloc}" == account.endpoint_url:
        bucket, _, key = path.partition("/")
        return bucket, key
    raise invalid("TemplateURL must be a supported URL.")


def desired(account: Account, parameters: Json, previous: Desired | None = None) -> Desired:
    """Raises AwsError."""
    template = read(template_text(account, parameters, previous))
    values = decide(
        template.parameters,
        parameters.get("Parameters", []),
        previous.parameters if previous else {},
        as_caller(account),
    )
    listed = parameters.get("Tags")
    tags = {one["Key"]: one["Value"] for one in listed or []}
    if len(tags) > _TAGS:
        raise invalid(f"Number of tags exceeded the limit of {_TAGS}.")
    if listed is None and previous is not None:
        tags = dict(previous.tags)
    capabilities = tuple(parameters.get("Capabilities", []))
    wanted = Desired(template=template, parameters=values, tags=tags, capabilities=capabilities)
    _consented(template, capabilities)
    _decided(account, wanted, parameters.get("StackName", ""))
    return wanted


def _consented(template: Template, given: tuple[str, ...]) -> None:
    needed = template.capabilities()
    if needed and not set(given) & {*needed, "CAPABILITY_NAMED_IAM"}:
        raise AwsError("InsufficientCapabilitiesException", f"Requires capabilities : [{', '.join(needed)}]")


def _decided(account: Account, wanted: Desired, stack: str) -> None:
    """Raise AwsError unless every condition can be decided and every rule holds."""
    scope = Scope(
        parameters=wanted.values,
        pseudo={**place(account), "AWS::StackName": stack, "AWS::StackId": stack},
        mappings=wanted.template.mappings,
        conditions=wanted.template.conditions,
    )
    for written in wanted.template.conditions:
        condition(written, scope)
    for name, rule in wanted.template.rules.items():
        if "RuleCondition" in rule and not condition(rule["RuleCondition"], scope):
            continue
        for assertion in rule["Assertions"]:
            if not condition(assertion["Assert"], scope):
                described = assertion.get("AssertDescription", "an assertion does not hold")
                raise invalid(f"Template error: rule {name} is violated: {described}")


def clients_of(account: Account, role: str, session: str) -> Clients:
    """How a stack calls: as its role, else as the caller. Raises AwsError for a role that cannot be."""
    if not role:
        return as_caller(account)
    refuse_unassumable(account, role, "cloudformation.amazonaws.com", "")
    return as_role(account, role, session)
