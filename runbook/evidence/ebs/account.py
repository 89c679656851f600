"""The cluster and the driver's add-on as EKS describes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from runbook.evidence.objects import moment
from runbook.model import Parameters, Resource, Unavailable
from runbook.ports.aws import Aws
from runbook.registry import evidence

ADDON = "aws-ebs-csi-driver"
_ARN_COLONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What eks:DescribeCluster tells. `issuer` is without https://."""

    name: str
    arn: str
    version: str
    issuer: str
    endpoint: str = ""
    authority: str = ""
    """The certificate authority of the API server, PEM in base64."""
    auto_mode_storage: bool = False
    security_group: str = ""
    """The cluster security group."""
    status: str = ""
    authentication_mode: str = ""
    vpc: str = ""
    subnets: tuple[str, ...] = ()
    private_access: bool = False
    """Whether the API server answers inside the VPC."""
    public_access: bool = False
    public_cidrs: tuple[str, ...] = ()
    """From where the public endpoint lets in."""
    auto_mode_nodes: bool = False

    @property
    def resource(self) -> Resource:
        """The cluster as a thing that can be at fault."""
        return Resource(kind="Cluster", name=self.name, arn=self.arn)

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn`, `aws-us-gov`."""
        return self.arn.split(":")[1]

    @property
    def region(self) -> str:
        """The Region that the cluster is in."""
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        """The account that the cluster is in."""
        return self.arn.split(":")[4]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addon:
    """The EKS add-on; `resource.exists` is False where the driver is self-managed."""

    resource: Resource
    status: str = ""
    version: str = ""
    role_arn: str = ""
    issues: tuple[tuple[str, str], ...] = ()
    """Code and message of each health issue."""
    changed: datetime | None = None
    """When EKS last changed it."""


#: One question of one width for all who ask about the cluster, so that it is asked once.
CLUSTER_FIELDS = tuple(
    f"cluster.{field}"
    for field in (
        "name", "arn", "version", "status", "endpoint", "certificateAuthority", "identity.oidc.issuer",
        "accessConfig.authenticationMode", "storageConfig", "computeConfig.enabled",
        *(
            f"resourcesVpcConfig.{setting}"
            for setting in (
                "clusterSecurityGroupId", "vpcId", "subnetIds", "endpointPrivateAccess",
                "endpointPublicAccess", "publicAccessCidrs",
            )
        ),
    )
)  # fmt: skip


@evidence("eks:DescribeCluster")
async def cluster(aws: Aws, parameters: Parameters) -> Cluster:
    """The cluster. Raises Unavailable when AWS does not know it."""
    name = parameters["EksClusterName"]
    answer = await aws.call("eks:DescribeCluster", name=name, fields=CLUSTER_FIELDS)
    if answer is None:
        raise Unavailable(f"AWS knows no cluster {name} in this account and Region")
    found = answer.get("cluster") or {}
    if found.get("name") != name or str(found.get("arn")).count(":") < _ARN_COLONS:
        raise Unavailable("eks:DescribeCluster answered something that is no cluster")
    network = found.get("resourcesVpcConfig", {})
    return Cluster(
        name=found["name"],
        arn=found["arn"],
        version=found.get("version", ""),
        issuer=found.get("identity", {}).get("oidc", {}).get("issuer", "").removeprefix("https://"),
        endpoint=found.get("endpoint", ""),
        authority=found.get("certificateAuthority", {}).get("data", ""),
        security_group=network.get("clusterSecurityGroupId", ""),
        status=found.get("status", ""),
        authentication_mode=found.get("accessConfig", {}).get("authenticationMode", ""),
        vpc=network.get("vpcId", ""),
        subnets=tuple(network.get("subnetIds", ())),
        private_access=bool(network.get("endpointPrivateAccess")),
        public_access=bool(network.get("endpointPublicAccess")),
        public_cidrs=tuple(network.get("publicAccessCidrs", ())),
        auto_mode_nodes=bool(found.get("computeConfig", {}).get("enabled")),
        auto_mode_storage=bool(found.get("storageConfig", {}).get("blockStorage", {}).get("enabled")),
    )


@evidence("eks:DescribeAddon")
async def addon(aws: Aws, parameters: Parameters) -> Addon:
    """The add-on aws-ebs-csi-driver, absent where the driver came by Helm or manifests."""
    answer = await aws.call(
        "eks:DescribeAddon",
        clusterName=parameters["EksClusterName"],
        addonName=ADDON,
        fields=(
            "addon.status",
            "addon.addonVersion",
            "addon.serviceAccountRoleArn",
            "addon.health.issues",
            "addon.modifiedAt",
        ),
    )
    if answer is None:
        return Addon(resource=Resource(kind="Addon", name=ADDON, exists=False))
    found = answer["addon"]
    return Addon(
        resource=Resource(kind="Addon", name=ADDON),
        status=found.get("status", ""),
        version=found.get("addonVersion", ""),
        role_arn=found.get("serviceAccountRoleArn", ""),
        issues=tuple(
            (i.get("code", ""), i.get("message", "")) for i in found.get("health", {}).get("issues", ())
        ),
        changed=moment(found.get("modifiedAt")),
    )
