"""The Kubernetes API resources that the runbooks read: one table for paths, roles and fakes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApiResource:
    """One row of what `kubectl api-resources` prints."""

    kind: str
    plural: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """`v1` or `apps/v1`, as manifests spell it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The resource's path below the API server's address."""
        parts = ["/apis", self.group, self.version] if self.group else ["/api", self.version]
        if self.namespaced and namespace:
            parts += ["namespaces", namespace]
        return "/".join(part for part in [*parts, self.plural, name, subresource] if part)


RESOURCES = (
    ApiResource("Namespace", "namespaces", namespaced=False),
    ApiResource("Pod", "pods"),
    ApiResource("Event", "events"),
    ApiResource("Node", "nodes", namespaced=False),
    ApiResource("ServiceAccount", "serviceaccounts"),
    ApiResource("PersistentVolumeClaim", "persistentvolumeclaims"),
    ApiResource("PersistentVolume", "persistentvolumes", namespaced=False),
    ApiResource("ResourceQuota", "resourcequotas"),
    ApiResource("Deployment", "deployments", "apps"),
    ApiResource("ReplicaSet", "replicasets", "apps"),
    ApiResource("DaemonSet", "daemonsets", "apps"),
    ApiResource("StatefulSet", "statefulsets", "apps"),
    ApiResource("StorageClass", "storageclasses", "storage.k8s.io", namespaced=False),
    ApiResource("CSIDriver", "csidrivers", "storage.k8s.io", namespaced=False),
    ApiResource("CSINode", "csinodes", "storage.k8s.io", namespaced=False),
    ApiResource("VolumeAttachment", "volumeattachments", "storage.k8s.io", namespaced=False),
    ApiResource("Lease", "leases", "coordination.k8s.io"),
)

BY_PLURAL = {resource.plural: resource for resource in RESOURCES}
BY_KIND = {resource.kind: resource for resource in RESOURCES}
