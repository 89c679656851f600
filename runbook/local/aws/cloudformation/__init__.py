"""CloudFormation of the embedded account: stacks are made by calling the account's own services.

It is strict where AWS is: what a template or a type of resource does not know is refused, never passed over.
Departures: resources are made one after the other; system tags (aws:cloudformation:…) are not set; drift,
imports, nested stacks, transforms, stack policies, hooks and stack sets are not there at all.
"""

from __future__ import annotations

from runbook.local.aws.account import Operation
from runbook.local.aws.cloudformation import change_sets, operations, reading

OPERATIONS: dict[str, Operation] = {
    "CreateChangeSet": change_sets.create_change_set,
    "CreateStack": operations.create_stack,
    "DeleteChangeSet": change_sets.delete_change_set,
    "DeleteStack": operations.delete_stack,
    "DescribeChangeSet": change_sets.describe_change_set,
    "DescribeStackEvents": reading.describe_stack_events,
    "DescribeStackResource": reading.describe_stack_resource,
    "DescribeStackResources": reading.describe_stack_resources,
    "DescribeStacks": reading.describe_stacks,
    "ExecuteChangeSet": change_sets.execute_change_set,
    "GetTemplate": reading.get_template,
    "GetTemplateSummary": reading.get_template_summary,
    "ListChangeSets": change_sets.list_change_sets,
    "ListExports": reading.list_exports,
    "ListStackResources": reading.list_stack_resources,
    "ListStacks": reading.list_stacks,
    "UpdateStack": operations.update_stack,
    "UpdateTerminationProtection": operations.update_termination_protection,
    "ValidateTemplate": reading.validate_template,
}
