from __future__ import annotations

from typing import Any

import pytest

from runbook.evidence.ebs.driver_role import driver_role, identity_provider
from runbook.evidence.ebs.web_identity import judged
from runbook.model import Unavailable
from tests.given.account import ISSUER, ROLE_ARN, cluster
from tests.given.identity import PROVIDER_ARN, TOKEN, policy, role, service_account, statement
from tests.given.ports import ABSENT, Table, provided

OUT_OF_SIGHT = (
    "the driver's role belongs to account 444455556666, whose roles and identity providers "
    "cannot be seen from account 111122223333"
)
ELSEWHERE = "arn:aws:iam::444455556666:role/shop-ebs-csi"


def ask_role(arn: str, answer: Any) -> Any:
    return provided(
        driver_role,
        Table({"iam:GetRole": answer}),
        cluster=cluster(),
        web_identity=service_account(role_arn=arn),
    )


def test_the_role_is_found_under_its_own_arn() -> None:
    real = "arn:aws:iam::111122223333:role/eks/shop-ebs-csi"
    found = ask_role(ROLE_ARN, {"Role": {"Arn": real, "AssumeRolePolicyDocument": policy()}})
    assert (found.resource.name, found.resource.arn, found.resource.exists) == ("shop-ebs-csi", real, True)
    assert found.policy == policy()


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        (ROLE_ARN, "shop-ebs-csi"),
        ("shop-ebs-csi", "shop-ebs-csi"),
        ("arn:aws:iam::1:role/", "arn:aws:iam::1:role/"),
    ],
)
def test_an_absent_role_is_a_resource_too(arn: str, name: str) -> None:
    found = ask_role(arn, ABSENT)
    assert (found.resource.name, found.resource.arn, found.resource.exists) == (name, arn, False)


def test_no_arn_is_not_asked_about() -> None:
    table = Table({})
    provided(driver_role, table, cluster=cluster(), web_identity=service_account(role_arn="shop-ebs-csi"))
    assert table.asked == []


def test_a_role_of_another_account_is_out_of_sight() -> None:
    for provider in (driver_role, identity_provider):
        with pytest.raises(Unavailable) as told:
            provided(provider, Table({}), cluster=cluster(), web_identity=service_account(role_arn=ELSEWHERE))
        assert told.value.reason == OUT_OF_SIGHT


def test_the_provider_of_this_cluster() -> None:
    listed = {"OpenIDConnectProviderList": [{"Arn": PROVIDER_ARN}, {"Arn": f"{PROVIDER_ARN}D"}]}
    table = Table(
        {
            "iam:ListOpenIDConnectProviders": listed,
            "iam:GetOpenIDConnectProvider": {"ClientIDList": ["b", "a"]},
        }
    )
    found = provided(identity_provider, table, cluster=cluster(), web_identity=service_account())
    assert (found.resource.name, found.resource.exists, found.audiences) == (ISSUER, True, ("a", "b"))


def test_the_provider_of_another_cluster_is_not_ours() -> None:
    listed = {"OpenIDConnectProviderList": [{"Arn": f"{PROVIDER_ARN}D"}]}
    table = Table({"iam:ListOpenIDConnectProviders": listed})
    found = provided(identity_provider, table, cluster=cluster(), web_identity=service_account())
    assert (found.resource.arn, found.resource.exists) == (PROVIDER_ARN, False)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "IpAddress aws:SourceIp"),
        ({"StringEquals": {f"{ISSUER}:sub": "${aws:username}"}}, f"StringEquals {ISSUER}:sub"),
        ({"ArnLike": {f"{ISSUER}:sub": "*"}}, f"ArnLike {ISSUER}:sub"),
    ],
)
def test_what_is_not_judged_here_is_unknown(condition: dict[str, Any], words: str) -> None:
    with pytest.raises(Unavailable) as told:
        judged(role().resource, policy(statement(condition=condition)), TOKEN)
    assert (
        told.value.reason == f"the trust policy of role shop-ebs-csi has a condition not judged here: {words}"
    )


def test_an_unjudged_deny_is_unknown_and_a_plain_allow_beside_an_unjudged_one_suffices() -> None:
    odd = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    with pytest.raises(Unavailable):
        judged(role().resource, policy(statement(), statement(effect="Deny", condition=odd)), TOKEN)
    well = judged(role().resource, policy(statement(condition=odd), statement()), TOKEN)
    assert (well.faults, well.denying) == ((), ())


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"Federated": [PROVIDER_ARN, "x"]}])
def test_who_may_be_meant(principal: Any) -> None:
    assert judged(role().resource, policy({**statement(), "Principal": principal}), TOKEN).faults == ()


@pytest.mark.parametrize("action", ["sts:*", "*", ["sts:TagSession", "STS:assumerolewithwebidentity"]])
def test_which_action_may_be_meant(action: Any) -> None:
    assert judged(role().resource, policy({**statement(), "Action": action}), TOKEN).faults == ()


def test_one_statement_need_not_be_a_list() -> None:
    wrong = statement(condition={"StringEquals": {f"{ISSUER}:aud": "x"}})
    found = judged(role().resource, {"Version": "2012-10-17", "Statement": wrong}, TOKEN)
    assert [fault.claim for fault in found.faults] == ["audience"]
    fixed = statement(condition={"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com"}})
    assert found.repaired() == {"Version": "2012-10-17", "Statement": [fixed]}


@pytest.mark.parametrize(
    "odd",
    [
        {"Condition": "x"},
        {"Condition": ["x"]},
        {"Condition": {"StringEquals": "x"}},
        {"Condition": {"StringEquals": {f"{ISSUER}:aud": {}}}},
        {"Action": 7},
        {"Action": {"a": "b"}},
        {"Principal": {"Federated": 7}},
        {"Principal": 7},
        {"Effect": None},
    ],
)
def test_a_statement_of_an_odd_form_is_unknown(odd: dict[str, Any]) -> None:
    with pytest.raises(Unavailable, match="the trust policy has a form that is not understood"):
        judged(role().resource, policy(statement(), {**statement(), **odd}), TOKEN)


@pytest.mark.parametrize(
    "odd", ["{}", {}, {"Statement": ["x"]}, {"Statement": [None]}, {"Statement": []}, None]
)
def test_a_policy_of_an_odd_form_is_unknown(odd: Any) -> None:
    with pytest.raises(Unavailable, match="the trust policy has a form that is not understood"):
        judged(role().resource, odd, TOKEN)
