"""The environment of containers: names, and where values come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

#: Fields of a container that `environment` reads; of `envFrom` nothing but names.
ENVIRONMENT_FIELDS = ("name", "env", "envFrom.secretRef.name", "envFrom.configMapRef.name")
HELD_BY = "secret:"
MAYBE_HELD_BY = "optional secret:"
ENV_FROM = "envFrom"

Variable = tuple[str, str, str]
"""Container, variable and value.

The value is `secret:NAME` where a Secret holds it, and `optional secret:NAME` where that need not exist.
A variable `envFrom` stands for all that a whole Secret or ConfigMap brings.
"""


def environment(containers: Iterable[dict[str, Any]]) -> Iterator[Variable]:
    """The variables of all containers of a pod."""
    for container in containers:
        owner = container["name"]
        if container.get("envFrom"):
            yield owner, ENV_FROM, "all"
        for variable in container.get("env", ()):
            match variable:
                case {"valueFrom": {"secretKeyRef": {"name": str(secret), "optional": True}}}:
                    yield owner, variable["name"], MAYBE_HELD_BY + secret
                case {"valueFrom": {"secretKeyRef": {"name": str(secret)}}}:
                    yield owner, variable["name"], HELD_BY + secret
                case {"name": str(name), "value": str(value)}:
                    yield owner, name, value
