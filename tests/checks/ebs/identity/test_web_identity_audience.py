from __future__ import annotations

import json
import shlex

from runbook.checks.ebs.identity.web_identity_audience import web_identity_audience
from tests.given.account import ISSUER
from tests.given.aftercare import RESTART, VERIFY, aftercare, commands
from tests.given.identity import SUBJECT, policy, statement, trust


def test_a_good_policy_is_well() -> None:
    assert list(web_identity_audience(trust(), aftercare())) == []


def test_another_audience() -> None:
    wrong = statement(
        condition={"StringEquals": {f"{ISSUER}:aud": "www.sts.amazonaws.com", f"{ISSUER}:sub": SUBJECT}}
    )
    (problem,) = web_identity_audience(trust(wrong), aftercare())
    assert problem.summary == (
        "IAM role shop-ebs-csi accepts only tokens for 'www.sts.amazonaws.com', "
        "while Kubernetes issues them for 'sts.amazonaws.com'"
    )
    correct, restart, verify = commands(problem)
    *words, document = shlex.split(correct)
    assert words == [
        "aws", "iam", "update-assume-role-policy", "--role-name", "shop-ebs-csi", "--policy-document",
    ]  # fmt: skip
    assert json.loads(document) == policy()
    assert [step.destructive for step in problem.fix] == [True, False, False]
    assert (restart, verify) == (RESTART, VERIFY)


def test_the_audience_is_refused() -> None:
    shut = statement(
        condition={
            "StringNotEquals": {f"{ISSUER}:aud": "sts.amazonaws.com"},
            "StringEquals": {f"{ISSUER}:sub": SUBJECT},
        }
    )
    judged = trust(shut)
    (problem,) = web_identity_audience(judged, aftercare())
    assert problem.summary == (
        "IAM role shop-ebs-csi accepts no tokens for 'sts.amazonaws.com', "
        "while Kubernetes issues them for 'sts.amazonaws.com'"
    )
    assert judged.repaired() == policy()


def test_a_wrong_subject_is_not_its_business() -> None:
    other = statement(
        condition={"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": "x"}}
    )
    assert list(web_identity_audience(trust(other), aftercare())) == []
