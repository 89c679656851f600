from __future__ import annotations

from typing import Any

import pytest

from runbook.checks.ebs.identity.web_identity_subject import web_identity_subject
from runbook.model import Problem
from tests.given.account import ISSUER
from tests.given.aftercare import RESTART, VERIFY, aftercare, commands
from tests.given.identity import PROVIDER_ARN, SUBJECT, policy, statement, trust

OTHER = "oidc.eks.us-east-1.amazonaws.com/id/OLD"
OTHER_ARN = f"arn:aws:iam::111122223333:oidc-provider/{OTHER}"
AUDIENCE = {f"{ISSUER}:aud": "sts.amazonaws.com"}


def judge(*statements: dict[str, Any]) -> list[Problem]:
    return list(web_identity_subject(trust(*statements), aftercare()))


def subject(value: str, operator: str = "StringEquals") -> dict[str, Any]:
    if operator == "StringEquals":
        return statement(condition={operator: {**AUDIENCE, f"{ISSUER}:sub": value}})
    return statement(condition={"StringEquals": AUDIENCE, operator: {f"{ISSUER}:sub": value}})


def test_a_good_policy_is_well() -> None:
    assert judge(statement()) == []


@pytest.mark.parametrize(
    "good",
    [
        subject("system:serviceaccount:kube-system:ebs-csi-*", "StringLike"),
        subject("system:serviceaccount:default:default", "StringNotEquals"),
        subject(SUBJECT, "StringEqualsIfExists"),
        subject(SUBJECT, "ForAnyValue:StringEquals"),
        statement(condition={"StringEquals": {**AUDIENCE, f"{ISSUER.upper()}:SUB": SUBJECT}}),
        statement(condition={}),
        statement(condition={"StringEqualsIfExists": {f"{OTHER}:sub": "of another cluster"}}),
    ],
)
def test_other_ways_to_say_it_are_well(good: dict[str, Any]) -> None:
    assert judge(good) == []


def test_one_statement_that_fits_suffices() -> None:
    assert judge(statement(federated=OTHER_ARN), subject("x"), statement()) == []


@pytest.mark.parametrize(
    ("wrong", "clause"),
    [
        (
            subject("system:serviceaccount:default:ebs-csi-controller-sa"),
            (
                "accepts only 'system:serviceaccount:default:ebs-csi-controller-sa', while the controller is "
                f"'{SUBJECT}'"
            ),
        ),
        (
            subject("system:serviceaccount:kube-system:*"),
            (
                "accepts only 'system:serviceaccount:kube-system:*' (StringEquals takes the wildcard "
                "literally), "
                f"while the controller is '{SUBJECT}'"
            ),
        ),
        (
            subject(SUBJECT, "StringNotEquals"),
            f"refuses '{SUBJECT}', while the controller is '{SUBJECT}'",
        ),
        (
            statement(condition={"StringEquals": {**AUDIENCE, f"https://{ISSUER}:sub": SUBJECT}}),
            f"asks for the key 'https://{ISSUER}:sub', which tokens of '{ISSUER}' do not have",
        ),
        (
            statement(condition={"StringEquals": {**AUDIENCE, f"{OTHER}:sub": SUBJECT}}),
            f"asks for the key '{OTHER}:sub', which tokens of '{ISSUER}' do not have",
        ),
        (
            statement(condition={"ForAnyValue:StringLike": {f"{OTHER}:sub": "*"}, "StringEquals": AUDIENCE}),
            f"asks for the key '{OTHER}:sub', which tokens of '{ISSUER}' do not have",
        ),
    ],
)
def test_a_condition_that_does_not_fit_is_corrected_in_place(wrong: dict[str, Any], clause: str) -> None:
    (problem,) = judge(wrong)
    assert problem.summary == f"the trust policy of IAM role shop-ebs-csi {clause}"
    assert problem.brief == f"trust policy {clause}"
    repaired = trust(wrong).repaired()
    expected = {
        "Version": "2012-10-17",
        "Statement": [{**statement(), "Condition": repaired["Statement"][0]["Condition"]}],
    }
    assert repaired == expected
    conditions = repaired["Statement"][0]["Condition"]
    assert conditions == {"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": SUBJECT}}


def test_audience_and_subject_exchanged() -> None:
    swapped = statement(
        condition={"StringEquals": {f"{ISSUER}:aud": SUBJECT, f"{ISSUER}:sub": "sts.amazonaws.com"}}
    )
    (problem,) = judge(swapped)
    assert problem.summary == (
        "the trust policy of IAM role shop-ebs-csi accepts only 'sts.amazonaws.com', while the "
        f"controller is '{SUBJECT}'"
    )
    assert trust(swapped).repaired() == policy()


def test_another_clusters_provider_keeps_its_statement_and_ours_is_added() -> None:
    other = statement(federated=OTHER_ARN, condition={"StringEquals": {f"{OTHER}:sub": SUBJECT}})
    (problem,) = judge(other)
    assert problem.summary == (
        f"the trust policy of IAM role shop-ebs-csi trusts identity provider {OTHER}, while this "
        f"cluster's is {ISSUER}"
    )
    assert trust(other).repaired() == policy(other, statement())


def test_a_role_for_pod_identity() -> None:
    pods = {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }
    (problem,) = judge(pods)
    assert problem.summary == (
        "the trust policy of IAM role shop-ebs-csi has no statement that lets web identity tokens in; "
        "it is made for EKS Pod Identity"
    )
    assert trust(pods).repaired() == policy(pods, statement())
    update, *rest = commands(problem)
    assert update.startswith(
        "aws iam update-assume-role-policy --role-name shop-ebs-csi --policy-document '{"
    )
    assert rest == [RESTART, VERIFY]


def test_a_statement_that_denies_is_taken_out() -> None:
    deny = statement(
        effect="Deny", condition={"StringLike": {f"{ISSUER}:sub": "system:serviceaccount:kube-system:*"}}
    )
    (problem,) = judge(statement(), deny)
    assert problem.summary == (
        f"the trust policy of IAM role shop-ebs-csi denies {SUBJECT} in a statement with Effect Deny"
    )
    assert trust(statement(), deny).repaired() == policy(statement())


def test_a_statement_that_denies_others_is_well() -> None:
    deny = statement(effect="Deny", condition={"StringNotEquals": {f"{ISSUER}:sub": SUBJECT}})
    assert judge(statement(), deny) == []
    assert judge(statement(), statement(effect="Deny", federated=OTHER_ARN)) == []


def test_two_faults_are_told_together() -> None:
    both = statement(
        condition={"StringEquals": {f"https://{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": "x"}}
    )
    (problem,) = judge(both)
    assert problem.summary == (
        f"the trust policy of IAM role shop-ebs-csi asks for the key 'https://{ISSUER}:aud', which tokens of "
        f"'{ISSUER}' do not have and accepts only 'x', while the controller is '{SUBJECT}'"
    )
    assert trust(both).repaired() == policy()


def test_the_provider_is_named_by_its_arn() -> None:
    assert judge(statement(federated=PROVIDER_ARN.replace("111122223333", "444455556666"))) != []
