"""One reading of the committed template for all tests; a test of its own proves that it is fresh."""

from __future__ import annotations

from typing import Any

import pytest

import stacks  # noqa: F401 - before any test imports the CDK: it says on which Node that runs
from tests.stacks.plain import committed, plain


@pytest.fixture(scope="session")
def resources() -> dict[str, dict[str, Any]]:
    return plain(committed())
