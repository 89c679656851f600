"""PersistentVolumeClaims of the pods asked about, the StorageClasses and the volumes behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runbook.evidence.ebs import DRIVER, PROVISIONERS
from runbook.evidence.ebs.target import Target
from runbook.evidence.events import EVENT_FIELDS, Event, event, events, latest_first
from runbook.evidence.objects import METADATA_FIELDS, created, reference, seen
from runbook.model import Parameters, Resource, Seen
from runbook.ports.kubernetes import Body, Kubernetes
from runbook.registry import evidence

_CLAIM_FIELDS = (
    *METADATA_FIELDS,
    "metadata.annotations",
    "spec.storageClassName",
    "spec.volumeName",
    "status.phase",
)
_CLASS_FIELDS = (*METADATA_FIELDS, "metadata.annotations", "provisioner", "volumeBindingMode")
_VOLUME_FIELDS = (
    *METADATA_FIELDS,
    "spec.accessModes",
    "spec.claimRef.namespace",
    "spec.claimRef.name",
    "spec.csi.driver",
    "spec.csi.volumeHandle",
    "spec.awsElasticBlockStore.volumeID",
    "spec.nodeAffinity.required.nodeSelectorTerms",
    "status.phase",
)
_ZONE_KEYS = (
    "topology.kubernetes.io/zone",
    "topology.ebs.csi.aws.com/zone",
    "failure-domain.beta.kubernetes.io/zone",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A PersistentVolumeClaim; one that does not exist has `resource.exists` False and no more."""

    resource: Resource
    created: datetime | None = None
    phase: str = ""
    storage_class: str | None = None
    """None: the field is absent, the default class is wanted; empty: only static volumes."""
    volume: str = ""
    provisioner: str = ""
    """The provisioner that Kubernetes waits for, by annotation."""
    selected_node: str = ""
    events: tuple[Event, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether it exists and has no volume yet."""
        return self.resource.exists and self.phase not in ("", "Bound")

    def said(self, reason: str) -> Event | None:
        """The latest event of a reason."""
        return next((e for e in self.events if e.reason == reason), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageClass:
    """A StorageClass."""

    resource: Resource
    provisioner: str
    default: bool
    binding_mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A PersistentVolume; `zones` are those its node affinity allows, empty for any.

    One that does not exist has `resource.exists` False and no more.
    """

    resource: Resource
    phase: str = ""
    driver: str = ""
    handle: str = ""
    zones: tuple[str, ...] = ()
    access_modes: tuple[str, ...] = ()
    claim: tuple[str, str] = ("", "")


@evidence("k8s:get persistentvolumeclaims", "k8s:list persistentvolumeclaims", "k8s:list events")
async def claims(kubernetes: Kubernetes, parameters: Parameters, target: Target) -> Seen[Claim]:
    """The claims that the pods of the target use; absent ones among them."""
    wanted = sorted({(p.resource.namespace, name) for p in target.pods for name in p.claims})
    if not parameters["ApplicationPodName"]:
        return await _listed(kubernetes, parameters["ApplicationNamespace"], wanted)
    namespace = parameters["ApplicationNamespace"]
    expected = [(namespace, name) for name in target.expected_claims]
    return await seen(_claim(kubernetes, *key) for key in sorted({*wanted, *expected}))


async def _claim(kubernetes: Kubernetes, namespace: str, name: str) -> Claim:
    body = await kubernetes.get("persistentvolumeclaims", name, namespace=namespace, fields=_CLAIM_FIELDS)
    if body is None:
        return _absent_claim(namespace, name)
    return _read_claim(body, await events(kubernetes, reference("PersistentVolumeClaim", body)))


async def _listed(kubernetes: Kubernetes, namespace: str, wanted: Iterable[tuple[str, str]]) -> Seen[Claim]:
    """For many pods two lists, so that the number of questions does not grow with them."""
    if not wanted:
        return Seen()
    listing = await kubernetes.list("persistentvolumeclaims", namespace=namespace, fields=_CLAIM_FIELDS)
    spoken = await kubernetes.list(
        "events", namespace=namespace, where="involvedObject.kind=PersistentVolumeClaim", fields=EVENT_FIELDS
    )
    by_uid: dict[str, list[Event]] = {}
    for item in spoken:
        read = event(item)
        by_uid.setdefault(read.about.uid, []).append(read)
    bodies = {(item["metadata"]["namespace"], item["metadata"]["name"]): item for item in listing.whole()}
    return Seen(
        tuple(
            _read_claim(bodies[key], latest_first(by_uid.get(bodies[key]["metadata"].get("uid", ""), ())))
            if key in bodies
            else _absent_claim(*key)
            for key in wanted
        )
    )


def _absent_claim(namespace: str, name: str) -> Claim:
    return Claim(
        resource=Resource(kind="PersistentVolumeClaim", namespace=namespace, name=name, exists=False)
    )


def _read_claim(body: Body, said: tuple[Event, ...]) -> Claim:
    spec, annotations = body.get("spec", {}), body["metadata"].get("annotations", {})
    return Claim(
        resource=reference("PersistentVolumeClaim", body),
        created=created(body),
        phase=body.get("status", {}).get("phase", ""),
        storage_class=annotations.get(
            "volume.beta.kubernetes.io/storage-class", spec.get("storageClassName")
        ),
        volume=spec.get("volumeName", ""),
        provisioner=annotations.get("volume.kubernetes.io/storage-provisioner")
        or annotations.get("volume.beta.kubernetes.io/storage-provisioner", ""),
        selected_node=annotations.get("volume.kubernetes.io/selected-node", ""),
        events=said,
    )


@evidence("k8s:list storageclasses")
async def storage_classes(kubernetes: Kubernetes) -> tuple[StorageClass, ...]:
    """All StorageClasses of the cluster. Raises Unavailable when the list was cut."""
    listing = await kubernetes.list("storageclasses", fields=_CLASS_FIELDS)
    return tuple(_read_class(body) for body in listing.whole())


def _read_class(body: Body) -> StorageClass:
    annotations = body["metadata"].get("annotations", {})
    return StorageClass(
        resource=reference("StorageClass", body),
        provisioner=body.get("provisioner", ""),
        default="true"
        in (
            annotations.get("storageclass.kubernetes.io/is-default-class"),
            annotations.get("storageclass.beta.kubernetes.io/is-default-class"),
        ),
        binding_mode=body.get("volumeBindingMode", "Immediate"),
    )


@evidence("k8s:get persistentvolumes", "k8s:list persistentvolumes")
async def volumes(kubernetes: Kubernetes, parameters: Parameters, claims: Seen[Claim]) -> Seen[Volume]:
    """The PersistentVolumes that the claims name; absent ones among them."""
    wanted = sorted({claim.volume for claim in claims if claim.volume})
    if parameters["ApplicationPodName"]:
        found = await seen(_volume(kubernetes, name) for name in wanted)
        return Seen(found.items, (*claims.gaps, *found.gaps))
    if not wanted:
        return Seen((), claims.gaps)
    listing = await kubernetes.list("persistentvolumes", fields=_VOLUME_FIELDS)
    read = {body["metadata"]["name"]: _read_volume(body) for body in listing.whole()}
    return Seen(tuple(read.get(name) or _absent_volume(name) for name in wanted), claims.gaps)


async def _volume(kubernetes: Kubernetes, name: str) -> Volume:
    body = await kubernetes.get("persistentvolumes", name, fields=_VOLUME_FIELDS)
    return _read_volume(body) if body else _absent_volume(name)


def _absent_volume(name: str) -> Volume:
    return Volume(resource=Resource(kind="PersistentVolume", name=name, exists=False))


def _read_volume(body: Body) -> Volume:
    spec = body.get("spec", {})
    csi, claim = spec.get("csi", {}), spec.get("claimRef", {})
    # `aws://us-east-1a/vol-0…`, of the plugin that the driver took over.
    in_tree = spec.get("awsElasticBlockStore", {}).get("volumeID", "").rpartition("/")[2]
    terms = spec.get("nodeAffinity", {}).get("required", {}).get("nodeSelectorTerms", ())
    return Volume(
        resource=reference("PersistentVolume", body),
        phase=body.get("status", {}).get("phase", ""),
        driver=DRIVER if in_tree else csi.get("driver", ""),
        handle=in_tree or csi.get("volumeHandle", ""),
        zones=tuple(sorted({zone for term in terms for zone in _zones(term)})),
        access_modes=tuple(spec.get("accessModes", ())),
        claim=(claim.get("namespace", ""), claim.get("name", "")),
    )


def _zones(term: dict[str, Any]) -> Iterable[str]:
    for expression in term.get("matchExpressions", ()):
        if expression.get("key") in _ZONE_KEYS and expression.get("operator") == "In":
            yield from expression.get("values", ())


def wants_ebs(claim: Claim, classes: Iterable[StorageClass], volumes: Iterable[Volume]) -> bool:
    """Whether the EBS CSI driver serves this claim, or would; a claim that nobody can place might."""
    bound = next((v for v in volumes if v.resource.name == claim.volume and v.resource.exists), None)
    if bound is not None:
        return bound.driver == DRIVER
    wanted = next((c for c in classes if c.resource.name == claim.storage_class), None)
    if wanted is None and claim.storage_class is None:
        wanted = next((c for c in classes if c.default), None)
    return wanted is None or wanted.provisioner in PROVISIONERS
