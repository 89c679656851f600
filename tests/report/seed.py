"""The seed story: a trust policy with the wrong audience, and everything that follows from it."""

from __future__ import annotations

from tests.report.given import (
    ACCOUNT,
    CLAIM,
    CONTROLLER,
    DEVICE,
    GRANTS,
    HEADER,
    ISSUER,
    PASSED,
    POD,
    PROVIDER,
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

TRUST_POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":'
    f'"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"}},'
    f'"Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"StringEquals":{{"{ISSUER}:aud":'
    f'"sts.amazonaws.com","{ISSUER}:sub":"system:serviceaccount:kube-system:ebs-csi-controller-sa"}}}}}}]}}'
)
BAD_AUDIENCE = (
    "IAM role shop-ebs-csi accepts only tokens for 'www.sts.amazonaws.com', "
    "while Kubernetes issues them for 'sts.amazonaws.com'"
)
DENIED = (
    'E1121 06:29:19.204 1 driver.go:143] "Failed health check (verify network connection and IAM '
    'credentials)" err="dry-run EC2 API call failed: operation error EC2: DescribeAvailabilityZones, '
    "get identity: get credentials: failed to refresh cached credentials, failed to retrieve "
    "credentials, operation error STS: AssumeRoleWithWebIdentity, https response error StatusCode: 403, "
    "RequestID: 0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d, api error AccessDenied: Not authorized to perform "
    'sts:AssumeRoleWithWebIdentity"'
)
WAITING = (
    "ExternalProvisioning: Waiting for a volume to be created either by the external provisioner "
    "'ebs.csi.aws.com' or manually by the system administrator."
)

AUDIENCE = finding(
    "ebs.identity.web_identity_audience",
    "The driver's role accepts tokens meant for STS.",
    "FAIL",
    severity="critical",
    resource=ROLE,
    summary=BAD_AUDIENCE,
    facts=[
        "the present trust policy, to go back to:\n"
        + TRUST_POLICY.replace('"sts.amazonaws.com"', '"www.sts.amazonaws.com"'),
    ],
    evidence=[
        {
            "call": "iam:GetRole RoleName=shop-ebs-csi",
            "excerpt": f'"{ISSUER}:aud": "www.sts.amazonaws.com"',
        }
    ],
    fix=[
        step(
            "Correct the role's trust policy (whole policy; the present one is kept in section 2)",
            f"aws iam update-assume-role-policy --role-name shop-ebs-csi --policy-document '{TRUST_POLICY}'",
            destructive=True,
        ),
        step(
            "The driver tries again by itself, with growing pauses of up to 5 minutes. At once",
            "kubectl -n kube-system rollout restart deployment ebs-csi-controller",
        ),
        step("this says Bound", "kubectl -n shop get pvc data-orders-0", verifies=True),
    ],
    docs="https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
    covers=["EBS-I03"],
)
READY = finding(
    "ebs.controller.ready",
    "The controller is ready.",
    "FAIL",
    kind="symptom",
    severity="critical",
    resource=CONTROLLER,
    summary="0 of 2 replicas of deployment kube-system/ebs-csi-controller are ready",
    evidence=[
        {
            "call": "log kube-system/ebs-csi-controller-6d9f7c5b8-x2v4q ebs-plugin",
            "excerpt": DENIED,
            "at": "2026-11-21T06:29:19Z",
        }
    ],
    caused_by=[AUDIENCE["id"]],
    covers=["EBS-C02"],
)
RESTARTS = finding(
    "ebs.controller.restarts",
    "The controller's containers do not restart.",
    "FAIL",
    kind="symptom",
    resource=CONTROLLER,
    summary="csi-provisioner and csi-attacher of kube-system/ebs-csi-controller restarted 18 times",
    evidence=[{"call": "k8s:get pods", "excerpt": ""}],
    caused_by=[AUDIENCE["id"]],
    covers=["EBS-C04"],
)
BOUND = finding(
    "ebs.provisioning.bound",
    "The claim is bound.",
    "FAIL",
    kind="symptom",
    resource=CLAIM,
    summary="claim shop/data-orders-0 is Pending for 52 minutes",
    evidence=[{"call": "k8s:get events", "excerpt": WAITING, "at": "2026-11-21T06:28:50Z"}],
    caused_by=[AUDIENCE["id"], READY["id"]],
    covers=["EBS-P01"],
)
TWO_DEFAULTS = finding(
    "ebs.provisioning.one_default",
    "One StorageClass is the default.",
    "FAIL",
    kind="advisory",
    severity="low",
    resource=resource("StorageClass", "gp2"),
    summary="StorageClass gp2 and gp3 are both marked default",
    fix=[
        step(
            "Leave gp3 as the default",
            "kubectl annotate storageclass gp2 storageclass.kubernetes.io/is-default-class=false --overwrite",
        )
    ],
)

FAULTY: Json = {
    **HEADER,
    "verdict": "faulty",
    "sentence": f"pod shop/orders-0 waits for its volume because {BAD_AUDIENCE}.",
    "causes": [
        {
            "finding": AUDIENCE["id"],
            "summary": BAD_AUDIENCE,
            "consequences": [READY["id"], RESTARTS["id"], BOUND["id"]],
        }
    ],
    "chain": [
        link(POD, 0, "broken", "Pending for 52 minutes: its claim is not bound"),
        link(CLAIM, 1, "broken", "Pending: waits for ebs.csi.aws.com to create a volume", BOUND["id"]),
        link(STORAGE_CLASS, 2, "ok", "ok"),
        link(CONTROLLER, 2, "broken", "0 of 2 ready; csi-provisioner restarted 18 times", READY["id"]),
        link(ACCOUNT, 3, "ok", "ok: names role shop-ebs-csi"),
        link(ROLE, 4, "cause", "trust policy: audience 'www.sts.amazonaws.com'", AUDIENCE["id"]),
        link(PROVIDER, 5, "ok", "ok"),
    ],
    "findings": [READY, RESTARTS, AUDIENCE, GRANTS, BOUND, TWO_DEFAULTS, DEVICE, *PASSED, SKIPPED],
    "not_checked": [
        unchecked(DEVICE, "register the node, see docs/nodes.md"),
        unchecked(GRANTS, "kms:ListGrants, see docs/permissions.md#kms"),
    ],
    "also_seen": [TWO_DEFAULTS["id"]],
}
