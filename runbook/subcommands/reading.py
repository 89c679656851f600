"""`checks` and `explain`: what is checked."""

from __future__ import annotations

import argparse

from runbook.model import UsageError


def checks(options: argparse.Namespace) -> int:
    """List the checks."""
    from runbook.registry import load

    registry = load()
    families = sorted({check.family for check in registry.checks.values()})
    if options.family and options.family not in families:
        raise UsageError(f"there is no family '{options.family}'; built are {', '.join(families)}")
    chosen = [c for c in registry.checks.values() if options.family in (None, c.family)]
    width = max(len(check.id) for check in chosen)
    for check in chosen:
        print(f"{check.id:{width}}  {check.severity:8}  {check.kind:8}  {check.title}")
    return 0


def explain(options: argparse.Namespace) -> int:
    """Print one check's page."""
    from runbook.pages import check_page
    from runbook.registry import load
    from runbook.wording import did_you_mean

    registry = load()
    if options.check not in registry.checks:
        hint = did_you_mean(options.check, registry.checks)
        raise UsageError(f"there is no check '{options.check}'{hint}; 'checks' lists them")
    print(check_page(registry.checks[options.check], registry), end="")
    return 0
