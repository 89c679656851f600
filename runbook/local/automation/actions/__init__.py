"""What a step can do: one function for each of SSM's actions."""

from __future__ import annotations

from runbook.local.automation.actions.api import API_ACTIONS
from runbook.local.automation.actions.base import Action
from runbook.local.automation.actions.flow import FLOW_ACTIONS
from runbook.local.automation.actions.functions import FUNCTION_ACTIONS
from runbook.local.automation.actions.script import SCRIPT_ACTIONS
from runbook.local.automation.actions.stacks import STACK_ACTIONS

ACTIONS: dict[str, Action] = {
    **API_ACTIONS, **FLOW_ACTIONS, **FUNCTION_ACTIONS, **SCRIPT_ACTIONS, **STACK_ACTIONS,
}  # fmt: skip

__all__ = ["ACTIONS", "Action"]
