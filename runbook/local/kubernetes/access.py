"""RBAC, evaluated as the API server's own authoriser does.

Source: kubernetes/plugin/pkg/auth/authorizer/rbac/rbac.go, pkg/apis/rbac/v1/evaluation_helpers.go,
pkg/registry/rbac/validation/rule.go
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from runbook.local.kubernetes.answers import Manifest, Refusal, status
from runbook.local.kubernetes.asked import Asked

KINDS = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
RBAC = "rbac.authorization.k8s.io"

# system:public-info-viewer and system:discovery, which every cluster binds to system:authenticated.
HEALTH = ("/healthz", "/livez", "/readyz")
DISCOVERY = (*HEALTH, "/version", "/version/", "/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a token belongs to; system:authenticated is added by the API."""

    user: str
    groups: tuple[str, ...] = ()


# EKS since 1.32 lets a request without a token read the health endpoints, and answers others with 401.
ANONYMOUS = Identity(user="system:anonymous", groups=("system:unauthenticated",))


class Access:
    """The rules of RBAC manifests (ClusterRole, ClusterRoleBinding, Role, RoleBinding)."""

    def __init__(self, manifests: Iterable[Manifest]) -> None:
        self._roles: dict[tuple[str, str, str], list[Manifest]] = {}
        self._bindings: list[Manifest] = []
        for manifest in manifests:
            kind, metadata = manifest["kind"], manifest["metadata"]
            if kind not in KINDS:
                raise ValueError(f"access: {kind} {metadata['name']} is none of {', '.join(KINDS)}")
            if kind.endswith("Binding"):
                self._bindings.append(manifest)
            else:
                key = (kind, metadata.get("namespace", ""), metadata["name"])
                self._roles[key] = manifest.get("rules") or []

    def judge(self, identity: Identity, asked: Asked) -> None:
        """Raise Refusal (403) unless a rule allows it."""
        if "system:masters" in identity.groups or (identity != ANONYMOUS and _is_open(asked, DISCOVERY)):
            return
        if identity == ANONYMOUS and _is_open(asked, HEALTH):
            return
        errors: list[str] = []
        if not any(_allows(rule, asked) for rule in self._rules_for(identity, asked.namespace, errors)):
            raise forbidden(identity, asked, errors)

    def _rules_for(self, identity: Identity, namespace: str, errors: list[str]) -> Iterator[Manifest]:
        for binding in self._bindings:
            home = binding["metadata"].get("namespace", "") if binding["kind"] == "RoleBinding" else ""
            if home != namespace and binding["kind"] == "RoleBinding":
                continue
            if not any(_applies(subject, identity, home) for subject in binding.get("subjects") or []):
                continue
            kind, name = binding["roleRef"]["kind"], binding["roleRef"]["name"]
            rules = self._roles.get((kind, home if kind == "Role" else "", name))
            if rules is None:
                errors.append(f'{kind.lower()}.{RBAC} "{name}" not found')
            yield from rules or []


def forbidden(identity: Identity, asked: Asked, errors: list[str]) -> Refusal:
    """The 403 in the API server's words; a binding to a role that is missing is named, as there."""
    who = f'User "{identity.user}" cannot {asked.verb}'
    if not asked.resource:
        subject, what = "forbidden", f'path "{asked.path}"'
    else:
        qualified = f"{asked.resource}.{asked.group}" if asked.group else asked.resource
        subject = f'{qualified} "{asked.name}" is forbidden' if asked.name else f"{qualified} is forbidden"
        scope = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
        what = f'resource "{asked.combined}" in API group "{asked.group}" {scope}'
    # The API server aggregates several errors in brackets.
    listed = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
    message = f"{subject}: {who} {what}" + (f": RBAC: {listed}" if errors else "")
    details = {"name": asked.name, "group": asked.group, "kind": asked.resource}
    return Refusal(status(403, "Forbidden", message, details))


def _is_open(asked: Asked, paths: tuple[str, ...]) -> bool:
    return not asked.resource and _matches_path(paths, asked.path)


def _applies(subject: Manifest, identity: Identity, namespace: str) -> bool:
    match subject["kind"]:
        case "User":
            return bool(subject["name"] == identity.user)
        case "Group":
            return subject["name"] in (*identity.groups, "system:authenticated")
        case "ServiceAccount":
            home = subject.get("namespace") or namespace
            return bool(home) and identity.user == f"system:serviceaccount:{home}:{subject['name']}"
        case _:
            return False


def _allows(rule: Manifest, asked: Asked) -> bool:
    if not {"*", asked.verb} & set(rule.get("verbs") or []):
        return False
    if not asked.resource:
        return _matches_path(rule.get("nonResourceURLs") or [], asked.path)
    names = rule.get("resourceNames") or []
    return (
        bool({"*", asked.group} & set(rule.get("apiGroups") or []))
        and _matches_resource(rule.get("resources") or [], asked)
        and (not names or asked.name in names)
    )


def _matches_resource(resources: Iterable[str], asked: Asked) -> bool:
    wanted = {"*", asked.combined} | ({f"*/{asked.subresource}"} if asked.subresource else set())
    return bool(wanted & set(resources))


def _matches_path(urls: Iterable[str], path: str) -> bool:
    return any(url in ("*", path) or (url.endswith("*") and path.startswith(url.rstrip("*"))) for url in urls)
