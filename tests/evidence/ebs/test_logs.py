from __future__ import annotations

from datetime import UTC, datetime

import pytest

from runbook.evidence.ebs.logs import Log, controller_logs
from runbook.model import Excerpt
from tests.given.driver import controller, controller_pod
from tests.given.ports import Table, provided

READ = datetime(2026, 1, 2, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ('E0102 06:29:19.182734       1 driver.go:108] "GRPC error"', "2026-01-02T06:29:19Z"),
        ("I1231 23:59:59.000001       1 main.go:1] last year", "2025-12-31T23:59:59Z"),
        ("E0231 06:29:19.182734       1 x.go:1] no such day", ""),
        ("panic: no klog", ""),
        ("", ""),
    ],
)
def test_a_quotation_has_the_time_that_klog_wrote(line: str, at: str) -> None:
    log = Log(pod=controller_pod(), container="ebs-plugin", text=line, read=READ)
    quoted = log.quote(line, "what matters")
    assert (quoted.excerpt, quoted.at) == ("what matters", at)


def test_without_time_of_reading_there_is_none() -> None:
    log = Log(pod=controller_pod(), container="ebs-plugin", text="", previous=True)
    assert log.quote("E0102 06:29:19.182734       1 x.go:1] y") == Excerpt(
        call=log.call, excerpt="E0102 06:29:19.182734       1 x.go:1] y"
    )


def test_a_pod_that_is_about_to_end_is_not_read() -> None:
    table = Table({})
    pods = (controller_pod(ready=False, terminating=True),)
    found = provided(controller_logs, table, present_controller=controller(), controller_pods=pods, now=READ)
    assert (found.items, found.gaps, table.asked) == ((), (), [])
