"""What was asked about: a pod, a workload, a label selector, or every pod that waits."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from runbook.evidence.events import Event, events
from runbook.evidence.objects import METADATA_FIELDS, reference
from runbook.evidence.pods import POD_FIELDS, Pod, pod
from runbook.evidence.selectors import selector_text
from runbook.model import Parameters, Resource
from runbook.ports.kubernetes import Body, Kubernetes
from runbook.registry import evidence
from runbook.wording import near

#: Workload kinds that the parameter may name, by the word before the slash.
WORKLOADS = {"statefulset": ("StatefulSet", "statefulsets"), "deployment": ("Deployment", "deployments")}

_WORKLOAD_FIELDS = (
    *METADATA_FIELDS,
    "spec.replicas",
    "spec.selector",
    "spec.volumeClaimTemplates.metadata.name",
    "spec.template.metadata.labels",
    "status.replicas",
    "status.readyReplicas",
)
#: `orders-0`, and `web-7d9f8b6c54-x2x9k` with its ReplicaSet and Deployment.
_ORDINAL = re.compile(r"^(?P<owner>.+)-\d+$")
_RANDOM = re.compile(r"^(?P<owner>.+)-[a-z0-9]{8,10}-[a-z0-9]{5}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A StatefulSet or Deployment, with the templates of the claims that it makes."""

    resource: Resource
    replicas: int
    ready: int
    made: int
    """How many of its pods exist, ready or not."""
    selector: str
    claim_templates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What was asked about, and the pods that stand for it.

    `asked` is empty when every waiting pod is meant. Of an absent thing `near` holds names alike,
    and `events` and `workload` what still speaks of it.
    """

    asked: tuple[Resource, ...]
    pods: tuple[Pod, ...]
    workload: Workload | None = None
    near: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    cut: str = ""

    @property
    def missing(self) -> tuple[Resource, ...]:
        """What was asked about and is not there."""
        return tuple(resource for resource in self.asked if not resource.exists)

    @property
    def expected_claims(self) -> tuple[str, ...]:
        """Names of claims that pods which do not exist would use."""
        if self.workload is None or self.workload.resource.kind != "StatefulSet":
            return ()
        absent = [r.name for r in self.missing if r.kind == "Pod" and "=" not in r.name]
        absent = absent or [f"{self.workload.resource.name}-0"]
        return tuple(f"{template}-{name}" for template in self.workload.claim_templates for name in absent)


@evidence(
    "k8s:get namespaces",
    "k8s:list namespaces",
    "k8s:get pods",
    "k8s:list pods",
    "k8s:get statefulsets",
    "k8s:list statefulsets",
    "k8s:get deployments",
    "k8s:list deployments",
    "k8s:list events",
)
async def target(kubernetes: Kubernetes, parameters: Parameters) -> Target:
    """Find what the parameters name; an absent thing is a result, not an error."""
    named, namespace = parameters["ApplicationPodName"], parameters["ApplicationNamespace"]
    if namespace and await kubernetes.get("namespaces", namespace, fields=METADATA_FIELDS) is None:
        everywhere = await kubernetes.list("namespaces", fields=METADATA_FIELDS)
        missing = Resource(kind="Namespace", name=namespace, exists=False)
        found = near(namespace, (item["metadata"]["name"] for item in everywhere))
        return Target(asked=(missing,), pods=(), near=found)
    if not named:
        listing = await kubernetes.list(
            "pods", namespace=namespace, where="status.phase=Pending", fields=POD_FIELDS
        )
        return Target(asked=(), pods=_pods(listing), cut=listing.cut)
    if "=" in named:  # before the slash, which a label's name may have too
        return await _selected(kubernetes, namespace, named)
    kind, slash, name = named.partition("/")
    if slash:
        return await _workload_target(kubernetes, namespace, kind, name)
    return await _pod_target(kubernetes, namespace, named)


async def _pod_target(kubernetes: Kubernetes, namespace: str, name: str) -> Target:
    body = await kubernetes.get("pods", name, namespace=namespace, fields=POD_FIELDS)
    if body is not None:
        found = pod(body)
        return Target(asked=(found.resource,), pods=(found,))
    missing = Resource(kind="Pod", namespace=namespace, name=name, exists=False)
    others, owner, said = await asyncio.gather(
        kubernetes.list("pods", namespace=namespace, fields=METADATA_FIELDS),
        _owner_of(kubernetes, namespace, name),
        events(kubernetes, missing),
    )
    return Target(
        asked=(missing,),
        pods=(),
        workload=owner,
        near=near(name, (item["metadata"]["name"] for item in others)),
        events=tuple(event for event in said if event.about.kind == "Pod"),
    )


async def _owner_of(kubernetes: Kubernetes, namespace: str, name: str) -> Workload | None:
    """The workload that would make a pod of this name."""
    for pattern, word in ((_ORDINAL, "statefulset"), (_RANDOM, "deployment")):
        if match := pattern.match(name):
            found = await _workload(kubernetes, namespace, word, match["owner"])
            if found:
                return found
    return None


async def _workload_target(kubernetes: Kubernetes, namespace: str, word: str, name: str) -> Target:
    kind, plural = WORKLOADS[word]
    workload = await _workload(kubernetes, namespace, word, name)
    if workload is None:
        others = await kubernetes.list(plural, namespace=namespace, fields=METADATA_FIELDS)
        missing = Resource(kind=kind, namespace=namespace, name=name, exists=False)
        return Target(asked=(missing,), pods=(), near=near(name, (i["metadata"]["name"] for i in others)))
    pods = await kubernetes.list("pods", namespace=namespace, labels=workload.selector, fields=POD_FIELDS)
    return Target(asked=(workload.resource,), pods=_pods(pods), workload=workload, cut=pods.cut)


async def _workload(kubernetes: Kubernetes, namespace: str, word: str, name: str) -> Workload | None:
    kind, plural = WORKLOADS[word]
    body = await kubernetes.get(plural, name, namespace=namespace, fields=_WORKLOAD_FIELDS)
    return _read_workload(kind, body) if body else None


async def _selected(kubernetes: Kubernetes, namespace: str, selector: str) -> Target:
    listing = await kubernetes.list("pods", namespace=namespace, labels=selector, fields=POD_FIELDS)
    if pods := _pods(listing):
        return Target(asked=tuple(p.resource for p in pods), pods=pods, cut=listing.cut)
    missing = Resource(kind="Pod", namespace=namespace, name=selector, exists=False)
    makers = await asyncio.gather(
        *(
            kubernetes.list(plural, namespace=namespace, fields=_WORKLOAD_FIELDS)
            for _, plural in WORKLOADS.values()
        )
    )
    labelled = {
        ",".join(f"{k}={v}" for k, v in sorted(labels.items())): (kind, body)
        for (kind, _), found in zip(WORKLOADS.values(), makers, strict=True)
        for body in found
        if (labels := body["spec"].get("template", {}).get("metadata", {}).get("labels", {}))
    }
    wanted = set(selector.split(","))
    owner = next((one for text, one in sorted(labelled.items()) if wanted <= set(text.split(","))), None)
    return Target(
        asked=(missing,),
        pods=(),
        workload=_read_workload(*owner) if owner else None,
        near=() if owner else near(selector, labelled),
        cut=listing.cut,
    )


def _pods(listing: Iterable[Body]) -> tuple[Pod, ...]:
    return tuple(pod(item) for item in listing)


def _read_workload(kind: str, body: dict[str, Any]) -> Workload:
    spec = body["spec"]
    return Workload(
        resource=reference(kind, body),
        replicas=spec.get("replicas", 1),
        ready=body.get("status", {}).get("readyReplicas", 0),
        made=body.get("status", {}).get("replicas", 0),
        selector=selector_text(spec.get("selector", {})),
        claim_templates=tuple(t["metadata"]["name"] for t in spec.get("volumeClaimTemplates", ())),
    )


def absence(missing: Resource) -> str:
    """That something asked about is not there, as a clause."""
    if "=" in missing.name:
        return f"no pod in namespace {missing.namespace} has the labels {missing.name}"
    return f"{word(missing)} {missing.path} does not exist"


def word(resource: Resource) -> str:
    """A resource's kind as it reads in a sentence."""
    return resource.kind if resource.kind in ("StatefulSet", "Deployment") else resource.kind.lower()
