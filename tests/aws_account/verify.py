"""`make verify-aws CLUSTER=name`: what only a real account can settle, in one where the stack is deployed.

It starts three executions and nothing else, and prints what was assumed, what was seen, and all that came and
went. Exit status 1 when an assumption does not hold, 3 when it could not be tried.
"""

from __future__ import annotations

import argparse
import datetime as dt
import inspect
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from runbook.deployed.execution import ENDED
from runbook.deployment import proxy_stack, run_prefix
from runbook.documents import documents
from runbook.recording import RecordingError
from tests.aws_account import of_flow, of_values
from tests.aws_account.running import Account, Json, Run
from tests.aws_account.seeing import Outcome, Seen

DOCUMENT = documents()[0].name
#: By the name of a heading of docs/unverified.md: what judges it.
SETTLED: dict[str, Callable[[Seen], Outcome]] = {
    name.replace("_", "-"): judge
    for module in (of_flow, of_values)
    for name, judge in vars(module).items()
    if inspect.isfunction(judge) and judge.__module__ == module.__name__ and not name.startswith("_")
}
UNKNOWN_CLUSTER = "eks-runbook-there-is-no-such-cluster"
FORBIDDEN = "-not-a-name"
_PAGE = Path(__file__).parents[2] / "docs" / "unverified.md"
_MIDDLE = ("CheckAccess", "CheckController", "CheckIdentity", "CheckProvisioning", "CheckScheduling")
#: Seconds until which an event must have started the sweeper.
_SWEPT_WITHIN = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the three executions and judge them; the exit status."""
    given = options(arguments)
    try:
        seen = look(account_of(given), given.cluster)
    except (BotoCoreError, ClientError) as error:
        _say(f"verify-aws: {error}")
        return 3
    except KeyboardInterrupt:
        _say("verify-aws: interrupted; what was started goes on by itself")
        return 130
    return report(seen, judge(seen))


def account_of(given: argparse.Namespace) -> Account:
    """The account that the options name. Raises BotoCoreError."""
    session = boto3.Session(profile_name=given.profile, region_name=given.region)
    return Account(session=session, endpoint_url=given.endpoint_url, pause=given.pause)


def titles() -> dict[str, str]:
    """The assumptions of docs/unverified.md: heading by name."""
    return dict(re.findall(r"^### `([\w-]+)` (.+)$", _PAGE.read_text(encoding="utf-8"), re.MULTILINE))


def look(account: Account, cluster: str) -> Seen:
    """Make the three runs, one after another. Raises ClientError and BotoCoreError."""
    before = account.interfaces()  # what may not be asked is found out before anything is started
    _say(f"interfaces of proxy functions before: {', '.join(before) or 'none'}")
    _say(f"1 of 3: {DOCUMENT} on cluster {cluster}")
    normal = account.ended(_started(account, cluster), _step)
    swept = [_was_swept(account, normal)]
    _say(f"2 of 3: the same, cancelled in the middle (after {normal.status} before)")
    cancelled = _cancelled(account, cluster)
    swept.append(_was_swept(account, cancelled))
    _say(f"3 of 3: cluster {UNKNOWN_CLUSTER}")
    stopped = account.ended(_started(account, UNKNOWN_CLUSTER), _step)
    swept.append(_was_swept(account, stopped))
    left = [proxy_stack(run.id) for run in (normal, cancelled, stopped) if account.stack_is_there(run.id)]
    text = account.client("ssm").get_document(Name=DOCUMENT, DocumentFormat="JSON")["Content"]
    return Seen(
        normal=normal,
        cancelled=cancelled,
        stopped=stopped,
        content=json.loads(text),
        account=account.client("sts").get_caller_identity()["Account"],
        region=account.session.region_name,
        refused=_refusal(account),
        swept=(swept[0], swept[1], swept[2]),
        stacks=tuple(left),
        interfaces=tuple(account.interfaces()),
    )


def _started(account: Account, cluster: str) -> str:
    execution = account.start(DOCUMENT, {"EksClusterName": cluster})
    _say(f"   execution {execution}")
    return execution


def _cancelled(account: Account, cluster: str) -> Run:
    execution = _started(account, cluster)

    def reached(found: Json) -> bool:
        return found.get("CurrentStepName") in _MIDDLE or found["AutomationExecutionStatus"] in ENDED

    found = account.wait(execution, reached, _step)
    at = account.cancel(execution) if found["AutomationExecutionStatus"] not in ENDED else None
    return account.ended(execution, _step, at)


def _was_swept(account: Account, run: Run) -> bool:
    """Whether the end of a run started the sweeper; asks for a minute."""
    ended = run.execution["ExecutionEndTime"]
    until = time.monotonic() + (_SWEPT_WITHIN if account.endpoint_url is None else 5)
    while True:
        # SSM tells whole seconds in some places.
        if any(one["ExecutionStartTime"] >= ended - dt.timedelta(seconds=1) for one in account.sweeps()):
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(account.pause)


def _refusal(account: Account) -> str:
    """The error code with which a forbidden value is refused; an execution that it starts all the same ends."""
    try:
        execution = account.start(DOCUMENT, {"EksClusterName": FORBIDDEN})
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    account.ended(execution, _step)
    return ""


def judge(seen: Seen) -> dict[str, Outcome]:
    """What was seen of each assumption, in the order of the page."""
    return {name: _judged(name, seen) for name in titles() if name in SETTLED}


def _judged(name: str, seen: Seen) -> Outcome:
    try:
        return SETTLED[name](seen)
    except KeyError as error:
        return Outcome(holds=None, told=f"{error} is not there")
    except RecordingError as error:
        return Outcome(holds=False, told=str(error))


def report(seen: Seen, outcomes: dict[str, Outcome]) -> int:
    """Print everything; the exit status."""
    known = titles()
    word = {True: "holds", False: "FAILS", None: "not settled"}
    print("\n# What was assumed, and what was seen\n")
    for name, outcome in outcomes.items():
        print(f"{word[outcome.holds]:12} {known[name]}\n{'':12} {outcome.told}  [{name}]")
    for name in [name for name in known if name not in outcomes]:
        print(f"{'not settled':12} {known[name]}\n{'':12} these runs cannot show it  [{name}]")
    print("\n# Seconds of each step of the normal run\n")
    for name in seen.normal.steps:
        print(f"{seen.normal.seconds(name):6.1f}  {name}")
    print("\n# What was made, and what is left\n")
    for run in (seen.normal, seen.cancelled, seen.stopped):
        _print_run(seen, run)
    print(f"network interfaces that Lambda has yet to remove: {', '.join(seen.interfaces) or 'none'}")
    return int(any(outcome.holds is False for outcome in outcomes.values()))


def _print_run(seen: Seen, run: Run) -> None:
    stack = proxy_stack(run.id)
    made = "was made and removed" if run.events else "was never made"
    print(f"execution {run.id}: {run.status}; SSM forgets it after 30 days")
    print(f"  stack {stack} {'is STILL THERE' if stack in seen.stacks else made}")
    if run.bucket:
        where = f"s3://{run.bucket}/{run_prefix(DOCUMENT, run.id)}"
        print(f"  {len(run.files)} files stay; remove them: aws s3 rm --recursive {where}")


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="verify-aws", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--cluster", required=True, metavar="NAME", help="an EKS cluster that the role may read"
    )
    parser.add_argument("--region")
    parser.add_argument("--profile", metavar="NAME")
    parser.add_argument("--endpoint-url", metavar="URL", help="of an embedded account, to try this program")
    parser.add_argument("--pause", type=float, default=2.0, metavar="SECONDS", help="between two questions")
    return parser.parse_args(arguments)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _step(name: str) -> None:
    _say(f"   … {name}")


if __name__ == "__main__":
    sys.exit(main())
