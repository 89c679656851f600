"""Answers fit into one Lambda response, whatever the size of the cluster."""

from __future__ import annotations

import base64
import copy
import random
import time
from typing import Any

import pytest

from lambda_proxy.core import pack, unpack
from tests.lambda_proxy.given import failed, found

SOURCE = random.Random(3)  # noqa: S311 - incompressible text, not a secret


def noise(size: int) -> str:
    return base64.b64encode(SOURCE.randbytes(size)).decode()


def listing(count: int, size: int) -> dict[str, Any]:
    return {
        "items": [{"n": number, "x": noise(size)} for number in range(count)],
        "metadata": {"resourceVersion": "7", "remainingItemCount": 3},
    }


def test_what_fits_comes_back_as_it_was() -> None:
    answers = [
        found(listing(3, 10)),
        found("a log\n"),
        failed(403, "Forbidden", "no"),
        found({"a": "\ud800 ü"}),
    ]
    packed = pack(answers)
    assert unpack(packed) == answers
    assert packed == pack(answers)


def test_the_largest_list_is_cut_and_says_so() -> None:
    answers = [found(listing(10, 10)), found(listing(1000, 100)), failed(404, "NotFound", "no")]
    before = copy.deepcopy(answers)
    packed = pack(answers, limit=60_000)
    small, large, failure = unpack(packed)
    assert len(packed) <= 60_000
    assert (small, failure) == (answers[0], answers[2])
    assert large == found(
        {"items": answers[1]["body"]["items"][:250], "metadata": {"resourceVersion": "7"}},
        cut="answer cut at 250 items: too large to return",
    )
    assert answers == before


def test_a_log_keeps_its_newest_whole_lines() -> None:
    log = "".join(f"{number} {noise(60)}\n" for number in range(1000))
    packed = pack([found(log)], limit=50_000)
    [told] = unpack(packed)
    assert len(packed) <= 50_000
    assert log.endswith("\n" + told["body"])
    assert told["cut"] == f"answer cut at {len(told['body']):,} characters: too large to return"
    assert len(told["body"]) > 20_000


@pytest.mark.parametrize("body", [{"spec": noise(9000)}, listing(1, 9000)])
def test_one_thing_that_is_too_large_becomes_a_failure(body: object) -> None:
    assert unpack(pack([found(body), found("ok")], limit=3000)) == [
        failed(0, "TooLarge", "the answer does not fit into 3,000 bytes"),
        found("ok"),
    ]


def test_answers_that_cannot_fit_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"^3 answers do not fit into 100 bytes$"):
        pack([failed(403, "Forbidden", noise(300))] * 3, limit=100)


def test_a_large_cluster_is_packed_within_the_limit_in_seconds() -> None:
    answers = [found(listing(20_000, 600)), found(listing(5000, 100)), found(noise(700_000))]
    started = time.process_time()
    packed = pack(answers)
    assert time.process_time() - started < 20
    assert 1_000_000 < len(packed) <= 5_500_000
    assert [entry["status"] for entry in unpack(packed)] == [200, 200, 200]
