"""The SSM documents, with what only the deployment knows put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from runbook.documents.render import rendered

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def document(scope: Construct, name: str, steps: assets.Asset, values: Mapping[str, str]) -> ssm.CfnDocument:
    """One document; a change of it becomes its default version.

    Its versions have no names: SSM takes each name once, so that nobody could go back to an older content.
    Raises KeyError for a placeholder that has no value.
    """
    return ssm.CfnDocument(
        scope,
        name,
        name=name,
        document_type="Automation",
        document_format="JSON",
        content=_filled(rendered()[name], values),
        attachments=[
            ssm.CfnDocument.AttachmentsSourceProperty(
                key="S3FileUrl", values=[steps.s3_object_url], name="steps.zip"
            )
        ],
        # A document with a name of ours cannot be replaced.
        update_method="NewVersion",
    )


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    match value:
        case dict():
            return {key: _filled(one, values) for key, one in value.items()}
        case list():
            return [_filled(one, values) for one in value]
        case str():
            return _PLACEHOLDER.sub(lambda match: values[match[1]], value)
    return value
