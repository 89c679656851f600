"""The driver as it is installed: controller Deployment, its pods, the node plugin's DaemonSet."""

from __future__ import annotations

from dataclasses import dataclass

from runbook.evidence.ebs import DRIVER
from runbook.evidence.environment import ENVIRONMENT_FIELDS, Variable, environment
from runbook.evidence.objects import METADATA_FIELDS, owner, reference
from runbook.evidence.pods import POD_FIELDS, Pod, pod
from runbook.evidence.selectors import selector_text
from runbook.model import NotApplicable, Parameters, Resource
from runbook.ports.kubernetes import Body, Kubernetes
from runbook.registry import evidence

_IMAGE = "aws-ebs-csi-driver"
_PLUGIN = "ebs-plugin"
_DEPLOYMENT_FIELDS = (
    *METADATA_FIELDS,
    "metadata.labels",
    "spec.replicas",
    "spec.paused",
    "spec.selector",
    "spec.template.spec.serviceAccountName",
    "spec.template.spec.containers.image",
    *(f"spec.template.spec.containers.{field}" for field in ENVIRONMENT_FIELDS),
    "status.readyReplicas",
    "status.conditions",
)
_DAEMONSET_FIELDS = (
    *METADATA_FIELDS,
    "metadata.labels",
    "spec.selector",
    "spec.template.spec.containers.name",
    "spec.template.spec.containers.image",
    "status.desiredNumberScheduled",
    "status.numberReady",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """The controller Deployment; absent when `resource.exists` is False."""

    resource: Resource
    replicas: int = 0
    ready: int = 0
    paused: bool = False
    stuck: str = ""
    """The message of condition Progressing=False, empty while it progresses."""
    refused: str = ""
    """The message of condition ReplicaFailure=True: why its pods cannot be made."""
    service_account: str = ""
    selector: str = ""
    env: tuple[Variable, ...] = ()
    """That of the pod template, before EKS adds to it in pods."""

    def variables(self, container: str) -> dict[str, str]:
        """The environment of one container in the pod template."""
        return {name: value for owner, name, value in self.env if owner == container}

    @property
    def whole(self) -> bool:
        """Whether it has all its replicas ready, and is to have some."""
        return self.resource.exists and self.ready >= self.replicas > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlugin:
    """The node plugin's DaemonSet; absent when `resource.exists` is False."""

    resource: Resource
    desired: int = 0
    ready: int = 0
    selector: str = ""


@evidence("k8s:get deployments", "k8s:list deployments")
async def controller(kubernetes: Kubernetes, parameters: Parameters) -> Controller:
    """The controller under the name that the parameters give, else any Deployment of the driver."""
    namespace, name = parameters["EbsCsiControllerNamespace"], parameters["EbsCsiControllerDeploymentName"]
    body = await kubernetes.get("deployments", name, namespace=namespace, fields=_DEPLOYMENT_FIELDS)
    if body is None:
        # Not by label alone, because whoever renames a Deployment often relabels it too.
        listing = await kubernetes.list("deployments", fields=_DEPLOYMENT_FIELDS)
        body = next((item for item in listing.whole() if _is_driver(item)), None)
    if body is None:
        return Controller(resource=Resource(kind="Deployment", namespace=namespace, name=name, exists=False))
    return _read_controller(body)


def _is_driver(body: Body) -> bool:
    labelled = body["metadata"].get("labels", {}).get("app.kubernetes.io/name") == _IMAGE
    containers = body.get("spec", {}).get("template", {}).get("spec", {}).get("containers", ())
    # A private mirror may give the image any name; that of the container stands in the chart.
    return labelled or any(_IMAGE in c.get("image", "") or c.get("name") == _PLUGIN for c in containers)


def _read_controller(body: Body) -> Controller:
    spec, status = body.get("spec", {}), body.get("status", {})
    template = spec.get("template", {}).get("spec", {})
    conditions: dict[str, Body] = {c["type"]: c for c in status.get("conditions", ())}
    return Controller(
        resource=reference("Deployment", body),
        replicas=spec.get("replicas", 1),
        ready=status.get("readyReplicas", 0),
        paused=bool(spec.get("paused")),
        stuck=_message(conditions.get("Progressing", {}), "False"),
        refused=_message(conditions.get("ReplicaFailure", {}), "True"),
        service_account=template.get("serviceAccountName", "default"),
        selector=selector_text(spec.get("selector", {})),
        env=tuple(environment(template.get("containers", ()))),
    )


def _message(condition: Body, status: str) -> str:
    """The condition's message where it has this status."""
    return str(condition.get("message", "")) if condition.get("status") == status else ""


@evidence()
async def present_controller(controller: Controller) -> Controller:
    """The controller, for whoever asks about what it is made of. Raises NotApplicable without one."""
    if not controller.resource.exists:
        raise NotApplicable(f"there is no Deployment {controller.resource.path}")
    return controller


@evidence("k8s:list pods")
async def controller_pods(kubernetes: Kubernetes, present_controller: Controller) -> tuple[Pod, ...]:
    """The controller's pods, newest revision and older ones alike."""
    listing = await kubernetes.list(
        "pods",
        namespace=present_controller.resource.namespace,
        labels=present_controller.selector,
        fields=POD_FIELDS,
    )
    return tuple(pod(item) for item in listing.whole() if owner(item)[0] == "ReplicaSet")


@evidence("k8s:get daemonsets", "k8s:list daemonsets")
async def node_plugin(kubernetes: Kubernetes, parameters: Parameters) -> NodePlugin:
    """The DaemonSet `ebs-csi-node` beside the configured controller, else any of the driver's for Linux."""
    namespace, name = parameters["EbsCsiControllerNamespace"], "ebs-csi-node"
    body = await kubernetes.get("daemonsets", name, namespace=namespace, fields=_DAEMONSET_FIELDS)
    if body is None:
        listing = await kubernetes.list("daemonsets", fields=_DAEMONSET_FIELDS)
        ours = (item for item in listing.whole() if _is_driver(item))
        body = next((item for item in ours if "windows" not in item["metadata"]["name"]), None)
    if body is None:
        return NodePlugin(resource=Resource(kind="DaemonSet", namespace=namespace, name=name, exists=False))
    status = body.get("status", {})
    return NodePlugin(
        resource=reference("DaemonSet", body),
        desired=status.get("desiredNumberScheduled", 0),
        ready=status.get("numberReady", 0),
        selector=selector_text(body["spec"].get("selector", {})),
    )


@evidence("k8s:get csidrivers")
async def csi_driver(kubernetes: Kubernetes) -> Resource:
    """The CSIDriver object, present or absent."""
    body = await kubernetes.get("csidrivers", DRIVER, fields=METADATA_FIELDS)
    return reference("CSIDriver", body) if body else Resource(kind="CSIDriver", name=DRIVER, exists=False)
