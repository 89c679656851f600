"""All executions of an account: started, found, stopped."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from runbook.local.automation import events
from runbook.local.automation.document import Document, Json
from runbook.local.automation.engine import Engine, Fault
from runbook.local.automation.environment import AccountEnvironment, session_name
from runbook.local.automation.parameters import completed
from runbook.local.automation.records import Execution, Order, StepRecord
from runbook.local.automation.sandbox import Sandbox
from runbook.local.automation.values import filled_in
from runbook.local.aws import principals
from runbook.local.aws.moto_wire import AwsError
from runbook.local.aws.principals import Principal

if TYPE_CHECKING:
    from runbook.local.aws.account import Account

#: The time that SSM gives to what runs after a cancellation, in seconds.
CANCEL_SECONDS = 120.0


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Automation:
    """SSM Automation of one account.

    `faults` (step name -> what shall happen to it) may be changed at any time; they are there for tests of
    every edge of a document. `cancel_seconds` is the time that the flow after a cancellation has. `tags` are
    those of each execution; `attachments` the files of each document's version, by name and version.
    """

    def __init__(self, account: Account, clock: Callable[[], dt.datetime] = _now) -> None:
        self.faults: dict[str, Fault] = {}
        self.cancel_seconds = CANCEL_SECONDS
        self.tags: dict[str, dict[str, str]] = {}
        self.attachments: dict[tuple[str, str], dict[str, bytes]] = {}
        self.sandbox = Sandbox()
        self._account = account
        self._clock = clock
        self._executions: dict[str, Execution] = {}
        self._threads: list[threading.Thread] = []
        self._by_token: dict[str, tuple[Json, str]] = {}
        self._lock = threading.RLock()

    def start(
        self,
        document: Document,
        *,
        name: str,
        version: str,
        given: dict[str, list[str]],
        attachments: dict[str, bytes],
        tags: dict[str, str],
        caller: Principal,
    ) -> Execution:
        """Start an execution. Raises AwsError for parameters that do not fit."""
        parameters = completed(document.parameters, given)
        with self._lock:
            execution = self._new(document, name, version, parameters, caller)
            self._executions[execution.order.id] = execution
            self.tags[execution.order.id] = tags
        if any(step.action == "aws:executeScript" for step in document.steps.values()):
            self.sandbox.warm_up()
        engine = Engine(
            execution,
            AccountEnvironment(self._account, execution, self.sandbox, attachments),
            clock=self._clock,
            tell=lambda record: self._tell(execution, record),
            faults=self.faults,
            cancel_seconds=self.cancel_seconds,
        )
        thread = threading.Thread(target=engine.run, daemon=True, name=f"automation-{execution.order.id}")
        self._threads.append(thread)
        thread.start()
        return execution

    def once(self, token: str | None, request: Json, start: Callable[[], str]) -> str:
        """The execution that a client token stands for; started if it is new. Raises AwsError."""
        if token is None:
            return start()
        with self._lock:
            known = self._by_token.get(token.lower())
            if known is None:
                known = self._by_token[token.lower()] = request, start()
        if known[0] != request:
            raise AwsError(
                "IdempotentParameterMismatch",
                "The client token was used before, with other parameters.",
            )
        return known[1]

    def find(self, execution_id: str) -> Execution:
        """An execution by its id. Raises AwsError."""
        found = self._executions.get(execution_id)
        if found is None:
            raise AwsError(
                "AutomationExecutionNotFoundException",
                "There is no automation execution information for the requested automation execution ID.",
            )
        return found

    def all(self) -> list[Execution]:
        """Every execution, newest first."""
        return list(reversed(self._executions.values()))

    def stop(self, execution_id: str, how: str) -> None:
        """Cancel, or Complete after the running step. Raises AwsError."""
        execution = self.find(execution_id)
        if not execution.stop(how):
            raise AwsError(
                "InvalidAutomationStatusUpdateException",
                "The specified update status operation is not valid.",
            )
        if how == "Cancel":
            self._tell(execution, None)

    def close(self) -> None:
        """End everything that still runs, at once."""
        for execution in self.all():
            execution.stop("Close")
        for thread in self._threads:
            thread.join()
        self.sandbox.close()

    def _new(
        self, document: Document, name: str, version: str, parameters: Json, caller: Principal
    ) -> Execution:
        nth = f"{self._account.id} {name} {len(self._executions)}"
        execution_id = str(uuid.uuid5(uuid.NAMESPACE_OID, nth))  # the same in every run
        now = self._clock()
        system = {
            "global:ACCOUNT_ID": self._account.id,
            "global:REGION": self._account.region,
            "global:AWS_PARTITION": self._account.partition,
            "global:DATE": f"{now:%Y-%m-%d}",
            "global:DATE_TIME": f"{now:%Y-%m-%d_%H.%M.%S}",
            "automation:EXECUTION_ID": execution_id,
        }
        role = filled_in(document.content.get("assumeRole", ""), lambda key: {**system, **parameters}[key])
        if role:  # SSM assumes it as it starts: one that is absent, or does not trust SSM, ends it there
            source = f"arn:{self._account.partition}:ssm:{self._account.region}:{self._account.id}"
            principals.credentials(
                self._account,
                role=role,
                session=session_name(execution_id),
                assumed_by="ssm.amazonaws.com",
                source=f"{source}:automation-execution/{execution_id}",
            )
        order = Order(
            id=execution_id,
            document_name=name,
            document_version=version,
            document=document,
            parameters=parameters,
            role=role,
            caller=caller,
            started=now,
        )
        return Execution(order, _pending(order), system)

    def _tell(self, execution: Execution, record: StepRecord | None) -> None:
        now = self._clock()
        if record is None:
            self._account.on_event(events.of_execution(self._account, execution, now))
        else:
            self._account.on_event(events.of_step(self._account, execution, record, now))


def _pending(order: Order) -> dict[str, StepRecord]:
    return {
        name: StepRecord(step=step, id=str(uuid.uuid5(uuid.UUID(order.id), name)))
        for name, step in order.document.steps.items()
    }
