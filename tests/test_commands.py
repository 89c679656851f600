"""Commands that paste into a shell."""

from __future__ import annotations

from runbook.commands import aws


def test_an_aws_command_names_its_region() -> None:
    assert aws("us-east-1", "ec2", "start-instances", "--instance-ids", "i-1") == (
        "aws ec2 start-instances --region us-east-1 --instance-ids i-1"
    )


def test_iam_has_no_region_and_a_name_cannot_become_a_command() -> None:
    assert aws("", "iam", "get-role", "--role-name", "a; b") == "aws iam get-role --role-name 'a; b'"
