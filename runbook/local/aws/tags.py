"""The tags of a resource that a call asks for, so that policies can be about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.local.aws.account import Account, Operation
from runbook.local.aws.moto_wire import AwsError, Json


def tags_of(account: Account, own: Mapping[str, Operation], resource: str) -> dict[str, str]:
    """By the resource's ARN; none where there is no such thing, or its service tells no tags here.

    `own` are the operations that are ours and not moto's.
    """

    def ask(service: str, operation: str, **parameters: Any) -> Json:
        if function := own.get(f"{service}:{operation}"):
            return function(account, parameters)
        return account.moto.ask(service, operation, parameters)

    service, _, name = ":".join(resource.split(":")[2:]).partition(f":{account.region}:{account.id}:")
    kind, _, name = name.replace("function:", "function/", 1).partition("/")
    try:
        match service, kind:
            case "cloudformation", "stack":
                stack = name.partition("/")[0]
                return _named(ask(service, "DescribeStacks", StackName=stack)["Stacks"][0].get("Tags", []))
            case "lambda", "function":
                return dict(ask(service, "GetFunction", FunctionName=name).get("Tags", {}))
            case "ssm", "automation-execution" if name != "*":
                wanted = {"ResourceType": "Automation", "ResourceId": name}
                return _named(ask(service, "ListTagsForResource", **wanted)["TagList"])
    except AwsError:
        return {}
    return {}


def _named(tags: list[Json]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
