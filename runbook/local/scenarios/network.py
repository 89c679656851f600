"""Faults on the controller's way to AWS."""

from __future__ import annotations

from runbook.local.account import REGION, VPC, ZONES
from runbook.local.breaking import REQUEST, provisioning_refused, web_identity_refused
from runbook.local.healthy import PV
from runbook.local.scenarios import scenario
from runbook.local.scenarios.identity import DRIVER_DOWN
from runbook.local.world import World

_TABLE = "rtb-0aaa1111bbbb2222c"
_TIME_OUT = (
    "exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, "
    f'Post "https://sts.{REGION}.amazonaws.com/": dial tcp 54.239.29.25:443: i/o timeout'
)


def _endpoints(world: World, *services: str) -> None:
    for n, service in enumerate(services):
        world.aws["vpcEndpoints"][f"vpce-0a1b2c3d4e5f6071{n}"] = {
            "VpcId": VPC,
            "ServiceName": f"com.amazonaws.{REGION}.{service}",
            "VpcEndpointType": "Interface",
            "SubnetIds": [subnet for subnet, _, _ in ZONES.values()],
            "State": "available",
        }


@scenario(verdict="faulty", causes=["ebs.nodes.route_to_aws"], consequences=DRIVER_DOWN)
def no_route(world: World) -> None:
    """The nodes' subnets are private, and the VPC has an endpoint only for the direct APIs of EBS."""
    world.aws["routeTables"][_TABLE]["Routes"] = []
    world.aws["natGateways"] = {}
    _endpoints(world, "ebs")
    web_identity_refused(world, _TIME_OUT)


@scenario(verdict="faulty", causes=["ebs.nodes.route_to_aws"], consequences=DRIVER_DOWN)
def nat_gateway_deleted(world: World) -> None:
    """The NAT gateway behind the nodes' subnets was deleted; the route still names it."""
    world.aws["natGateways"] = {}
    web_identity_refused(world, _TIME_OUT)


@scenario(verdict="faulty", causes=["ebs.nodes.route_to_aws"], consequences=DRIVER_DOWN)
def no_endpoint_for_sts(world: World) -> None:
    """A private cluster with an endpoint for EC2, but none for STS."""
    world.aws["routeTables"][_TABLE]["Routes"] = []
    _endpoints(world, "ec2")
    web_identity_refused(world, _TIME_OUT)


@scenario(verdict="healthy")
def private_with_endpoints(world: World) -> None:
    """A private cluster that has the endpoints it needs."""
    world.aws["routeTables"][_TABLE]["Routes"] = []
    world.aws["natGateways"] = {}
    _endpoints(world, "ec2", "sts")


@scenario(verdict="healthy")
def endpoints_behind_transit_gateway(world: World) -> None:
    """A private cluster whose endpoints are in another VPC, behind a transit gateway."""
    private = {"DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": "tgw-0a1b2c3d4e5f60718"}
    world.aws["routeTables"][_TABLE]["Routes"] = [private]


@scenario(verdict="healthy")
def endpoints_behind_a_hosted_zone(world: World) -> None:
    """A private cluster whose endpoints have names only by a hosted zone of its own."""
    private_with_endpoints.break_(world)
    for endpoint in world.aws["vpcEndpoints"].values():
        endpoint["PrivateDnsEnabled"] = False


@scenario(verdict="inconclusive", consequences=["ebs.provisioning.bound", "ebs.target.ready"])
def one_subnet_without_route(world: World) -> None:
    """One of the controller's two subnets has no way out, but EC2 answers: it refuses the key."""
    subnet, _, _ = ZONES["us-east-1c"]
    world.aws["routeTables"][_TABLE]["Subnets"].remove(subnet)
    world.aws["routeTables"]["rtb-0ccc1111dddd2222e"] = {
        "VpcId": VPC, "Main": False, "Subnets": [subnet], "Routes": [],
    }  # fmt: skip
    provisioning_refused(
        world,
        f'rpc error: code = Internal desc = Could not create volume "{PV}": could not create volume in EC2: '
        f"operation error EC2: CreateVolume, https response error StatusCode: 400, RequestID: {REQUEST}, "
        "api error InvalidKmsKey.InvalidState: The specified KMS key is not in the correct state",
    )
