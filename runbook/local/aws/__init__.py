"""The embedded AWS account: `EmbeddedAws(world.aws)`."""

from runbook.local.aws.embedded import EmbeddedAws
from runbook.local.aws.faults import Fault
from runbook.local.aws.moto_wire import AwsError

__all__ = ["AwsError", "EmbeddedAws", "Fault"]
