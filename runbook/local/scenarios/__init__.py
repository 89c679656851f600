"""Scenarios: each a function that breaks a healthy world, with what the report must then say."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from runbook.diagnosis import Verdict
from runbook.documents import Document, documents
from runbook.local.account import CLUSTER
from runbook.local.healthy import healthy
from runbook.local.world import STORY_TIME, World

ORDERS = {"ApplicationPodName": "orders-0", "ApplicationNamespace": "shop"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A broken cluster and the expected diagnosis: exactly these causes, exactly these failed checks."""

    name: str
    title: str
    family: str
    parameters: Mapping[str, str]
    verdict: Verdict
    causes: tuple[str, ...]
    """Check ids, worst first."""
    fails: frozenset[str]
    """Ids of all checks that see a problem, causes and obstacles among them."""
    stops: tuple[str, ...]
    """Ids of the checks that stop a deployed run, worst first; on a laptop nothing of it shows."""
    break_: Callable[[World], None]

    @property
    def document(self) -> Document:
        """The runbook that diagnoses it."""
        return next(document for document in documents() if document.family == self.family)

    @property
    def given(self) -> dict[str, str]:
        """The parameters that its runbook is started with."""
        return {"EksClusterName": CLUSTER, **self.parameters}

    def world(self, now: datetime = STORY_TIME) -> World:
        """The broken world."""
        made = healthy(now)
        self.break_(made)
        return made


def scenario(
    *,
    verdict: Verdict,
    causes: Sequence[str] = (),
    consequences: Sequence[str] = (),
    stops: Sequence[str] = (),
    parameters: Mapping[str, str] = ORDERS,
    family: str = "ebs",
) -> Callable[[Callable[[World], None]], Scenario]:
    """Declare a scenario; its name is the function's, its title the docstring's first line.

    `consequences` are the other checks that see a problem: symptoms, advisories, what is off the chain.
    """

    def declare(break_: Callable[[World], None]) -> Scenario:
        return Scenario(
            name=break_.__name__,
            title=(break_.__doc__ or "").strip().partition("\n")[0],
            family=family,
            parameters=parameters,
            verdict=verdict,
            causes=tuple(causes),
            fails=frozenset((*causes, *consequences, *stops)),
            stops=tuple(stops),
            break_=break_,
        )

    return declare


@functools.cache
def scenarios() -> dict[str, Scenario]:
    """All scenarios by name."""
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    found = [item for module in modules for item in vars(module).values() if isinstance(item, Scenario)]
    return {one.name: one for one in sorted(found, key=lambda one: one.name)}
