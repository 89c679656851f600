"""Hand-written reports: one of each verdict, and one with two causes."""

from __future__ import annotations

from tests.report.given import (
    CLAIM,
    CONTROLLER,
    HEADER,
    PASSED,
    POD,
    ROLE,
    SKIPPED,
    STORAGE_CLASS,
    Json,
    finding,
    link,
    resource,
    step,
    unchecked,
)
from tests.report.seed import AUDIENCE, BAD_AUDIENCE, BOUND, FAULTY, READY
from tests.report.stopped_run import LEFT_BEHIND, STOPPED

NODE = resource("Node", "ip-10-0-32-10.ec2.internal")
ATTACHMENT = resource("VolumeAttachment", "csi-8f3b2a", exists=False)
FULL = finding(
    "ebs.nodes.attach_limit",
    "The node has room for another volume.",
    "FAIL",
    resource=NODE,
    summary="node ip-10-0-32-10.ec2.internal holds 27 of 27 volumes that an m5.large can attach",
    facts=["26 EBS volumes and the root volume", "3 network interfaces take slots too"],
    evidence=[{"call": "k8s:get csinodes", "excerpt": "allocatable:\n  count: 27"}],
    covers=["EBS-N04"],
    docs="https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-attachment-limits.html",
    fix=[
        step(
            "Keep further volumes off the node",
            "kubectl apply -f - <<'EOF'\napiVersion: v1\nkind: Node\nmetadata:\n"
            "  name: ip-10-0-32-10.ec2.internal\nspec:\n  unschedulable: true\nEOF",
        ),
        step(
            "Let the pod be placed elsewhere",
            "kubectl -n shop delete pod orders-1",
            destructive=True,
        ),
    ],
)
NO_FIX = finding(
    "ebs.provisioning.zone",
    "The StorageClass allows the zones of the nodes.",
    "FAIL",
    severity="medium",
    resource=STORAGE_CLASS,
    summary="StorageClass gp3 allows only us-east-1f, where no node is",
    docs="http://example.com/not-https",
)
ATTACHED = finding(
    "ebs.nodes.attached",
    "Volumes are attached where pods need them.",
    "FAIL",
    kind="symptom",
    resource=ATTACHMENT,
    summary="volume vol-0a1b2c3d is not attached to the node of pod shop/orders-1",
    caused_by=[FULL["id"]],
)
TWO_CAUSES: Json = {
    **HEADER,
    "parameters": {"ClusterName": "shop", "ApplicationPodName": "app=orders,tier in (db)"},
    "notices": ["AWS gave no answer: no credentials were found. What only it could tell is not checked."],
    "asked": [POD, resource("Pod", "orders-1", "shop")],
    "verdict": "faulty",
    "sentence": f"2 pods wait for their volumes because {BAD_AUDIENCE} (2 more below).",
    "causes": [
        {"finding": AUDIENCE["id"], "summary": BAD_AUDIENCE, "consequences": [READY["id"], BOUND["id"]]},
        {"finding": FULL["id"], "summary": FULL["summary"], "consequences": [ATTACHED["id"]]},
        {"finding": NO_FIX["id"], "summary": NO_FIX["summary"], "consequences": []},
    ],
    "chain": [
        link(POD, 0, "broken", "Pending for 52 minutes"),
        link(CLAIM, 1, "broken", "Pending", BOUND["id"]),
        link(STORAGE_CLASS, 2, "cause", "allows only us-east-1f", NO_FIX["id"]),
        link(CONTROLLER, 2, "broken", "0 of 2 ready", READY["id"]),
        link(ROLE, 3, "cause", "trust policy: audience 'www.sts.amazonaws.com'", AUDIENCE["id"]),
        link(resource("Pod", "orders-1", "shop"), 0, "broken", "ContainerCreating for 9 minutes"),
        link(ATTACHMENT, 1, "broken", "absent", ATTACHED["id"]),
        link(NODE, 4, "cause", "27 of 27 volumes", FULL["id"]),
    ],
    "findings": [READY, AUDIENCE, BOUND, NO_FIX, FULL, ATTACHED, *PASSED],
    "recording": None,
    "execution": "",
    "calls": {"kubernetes": 1, "logs": 1, "aws": 0, "nodes": 2},
}

REFUSED = "k8s:get nodes was refused: nodes is forbidden for group eks-runbooks"
GRANT = "kubectl apply -f docs/cluster-role.yaml"
NODE_CHECKS = [
    finding(f"ebs.nodes.{name}", title, "UNKNOWN", summary=REFUSED)
    for name, title in {
        "ready": "The pod's node is Ready.",
        "registered": "The driver is registered on the node.",
        "attach_limit": "The node has room for another volume.",
        "zone": "The node is in the volume's zone.",
        "taints": "The node plugin tolerates the node's taints.",
        "instance": "The node's instance is running.",
        "architecture": "The driver's image fits the node's architecture.",
        "device": "The volume's device is present on the node.",
        "mounted": "The volume is mounted where the pod expects it.",
    }.items()
]
CRASHED = finding(
    "ebs.identity.policy",
    "The driver's role may create and attach volumes.",
    "ERROR",
    summary="KeyError: 'Statement'",
)
SLOW = finding(
    "ebs.provisioning.slow",
    "Volumes are created within a minute.",
    "FAIL",
    kind="symptom",
    severity="medium",
    resource=CLAIM,
    summary="claim shop/data-orders-0 waited 9 minutes for its volume",
)
MOUNT = 'MountVolume.MountDevice failed for volume "pvc-1" : rpc error: code = DeadlineExceeded'
NOT_MOUNTED = finding(
    "ebs.nodes.mount_events",
    "The pod's volumes are mounted.",
    "FAIL",
    kind="symptom",
    resource=POD,
    summary="pod shop/orders-0 waits for its volumes for 9 minutes",
    evidence=[{"call": "k8s:get events", "excerpt": MOUNT, "at": "2026-11-21T06:26:00Z"}],
)
INCONCLUSIVE: Json = {
    **HEADER,
    "verdict": "inconclusive",
    "sentence": "pod shop/orders-0 is ContainerCreating for 9 minutes, and no cause was seen; "
    "10 of 22 checks could not be made.",
    "chain": [
        link(POD, 0, "broken", "ContainerCreating for 9 minutes: MountDevice timed out", NOT_MOUNTED["id"]),
        link(CLAIM, 1, "ok", "Bound"),
        link(NODE, 1, "unknown", "could not be read", NODE_CHECKS[0]["id"]),
    ],
    "findings": [
        NOT_MOUNTED, SLOW, *NODE_CHECKS, CRASHED, SKIPPED,
        *(passed for passed in PASSED if passed["check"] != CRASHED["check"]),
    ],
    "not_checked": [*(unchecked(one, GRANT) for one in NODE_CHECKS), unchecked(CRASHED)],
    "look_next": [
        {"text": "Events and state of the pod", "command": "kubectl -n shop describe pod orders-0"},
        {
            "text": "Why the node is not well: the sibling runbook",
            "command": "python -m runbook run nodes ClusterName=shop",
        },
    ],
}  # fmt: skip

HEALTHY: Json = {
    **HEADER,
    "verdict": "healthy",
    "sentence": "pod shop/orders-0 is ready with its volume, and this runbook sees no fault.",
    "chain": [
        link(POD, 0, "ok", "ready for 3 days"),
        link(CLAIM, 1, "ok", "Bound"),
        link(CONTROLLER, 1, "ok", "2 of 2 ready"),
    ],
    "findings": [*PASSED, SKIPPED],
    "look_next": [
        {
            "text": "Why a workload is not running or not ready: TroubleshootEksWorkload",
            "command": "python -m runbook run workload ClusterName=shop ApplicationNamespace=shop",
        },
        {
            "text": "Why pods get no traffic: TroubleshootEksPodNetworking",
            "command": "python -m runbook run podnetworking ClusterName=shop",
        },
    ],
}

SAMPLES = {
    "faulty": FAULTY,
    "two-causes": TWO_CAUSES,
    "inconclusive": INCONCLUSIVE,
    "healthy": HEALTHY,
    "stopped": STOPPED,
    "left-behind": LEFT_BEHIND,
}
