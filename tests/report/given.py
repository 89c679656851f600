"""The parts that the sample reports are put together from."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def resource(kind: str, name: str, namespace: str = "", **more: Any) -> Json:
    """A resource that exists."""
    return {"kind": kind, "namespace": namespace, "name": name, "exists": True, **more}


def finding(check: str, title: str, status: str = "PASS", **more: Any) -> Json:
    """A finding of which only what matters is given; a problem is the first of its check."""
    family, topic, _ = check.split(".")
    healthy: Json = {
        "kind": "cause",
        "severity": "high",
        "resource": None,
        "summary": "",
        "facts": [],
        "evidence": [],
        "caused_by": [],
        "fix": [],
        "docs": "",
        "covers": [],
    }
    return {
        "id": f"{check}#1" if status == "FAIL" else check,
        "check": check,
        "family": family,
        "topic": topic,
        "title": title,
        "status": status,
        **healthy,
        **more,
    }


def step(text: str, command: str = "", *, verifies: bool = False, destructive: bool = False) -> Json:
    """One step of a remedy."""
    return {"text": text, "command": command, "verifies": verifies, "destructive": destructive}


def link(thing: Json, depth: int, status: str, says: str, seen: str | None = None) -> Json:
    """One link of the chain; `seen` is the id of its finding."""
    return {"resource": thing, "says": says, "status": status, "finding": seen, "depth": depth}


def unchecked(failed: Json, grant: str = "") -> Json:
    """What could not be checked, from its finding."""
    return {"check": failed["check"], "title": failed["title"], "reason": failed["summary"], "grant": grant}


POD = resource("Pod", "orders-0", "shop")
CLAIM = resource("PersistentVolumeClaim", "data-orders-0", "shop")
STORAGE_CLASS = resource("StorageClass", "gp3")
CONTROLLER = resource("Deployment", "ebs-csi-controller", "kube-system")
ACCOUNT = resource("ServiceAccount", "ebs-csi-controller-sa", "kube-system")
ROLE = resource("IAMRole", "shop-ebs-csi", arn="arn:aws:iam::111122223333:role/shop-ebs-csi")
ISSUER = "oidc.eks.us-east-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
PROVIDER = resource("OIDCProvider", ISSUER)

PASSED = [
    finding("ebs.controller.installed", "The controller is installed."),
    finding("ebs.controller.node_plugin", "A node plugin runs on every Linux node."),
    finding("ebs.controller.csidriver", "The CSIDriver object ebs.csi.aws.com is registered."),
    finding("ebs.controller.scheduled", "The controller's pods are on nodes."),
    finding("ebs.controller.one_driver", "One EBS CSI driver is installed, not two."),
    finding("ebs.identity.annotation", "The service account names its role by a whole ARN."),
    finding("ebs.identity.provider", "The cluster's OIDC provider exists in IAM."),
    finding("ebs.identity.policy", "The driver's role may create and attach volumes."),
    finding("ebs.identity.role_exists", "The driver's role exists."),
    finding("ebs.provisioning.class_exists", "The claim's StorageClass exists."),
    finding("ebs.provisioning.parameters", "The StorageClass asks for what EBS offers."),
]
SKIPPED = finding(
    "ebs.identity.pod_identity",
    "The Pod Identity agent answers.",
    "SKIPPED",
    summary="the driver uses a role for its service account",
)
DEVICE = finding(
    "ebs.nodes.device",
    "The volume's device is present on the node.",
    "UNKNOWN",
    summary="node ip-10-0-32-10.ec2.internal is not managed by Systems Manager",
)
GRANTS = finding(
    "ebs.identity.kms_grants",
    "The driver may use the volume's KMS key.",
    "UNKNOWN",
    summary="kms:ListGrants was refused",
)

RUN = "5f1c2d3e-0a1b-4c2d-8e3f-a1b2c3d4e5f6"
HEADER: Json = {
    "schema": "1",
    "runbook": "TroubleshootEbsCsiDriversForEks",
    "cluster": {"name": "shop", "region": "us-east-1", "version": "1.34", "account": "111122223333"},
    "parameters": {"ClusterName": "shop", "ApplicationPodName": "orders-0", "ApplicationNamespace": "shop"},
    "execution": RUN,
    "started": "2026-11-21T06:30:00Z",
    "finished": "2026-11-21T06:31:14Z",
    "notices": [],
    "obstacles": [],
    "left_behind": [],
    "asked": [POD],
    "causes": [],
    "chain": [],
    "not_checked": [],
    "also_seen": [],
    "look_next": [],
    "sections": ["controller", "identity", "provisioning", "nodes"],
    "recording": f"s3://eks-runbooks-111122223333/shop/{RUN}/recording.json.gz",
    "calls": {"kubernetes": 38, "logs": 12, "aws": 23, "nodes": 0},
}
