"""A check's page, for `explain` and for docs/checks: everything in it comes from the check itself."""

from __future__ import annotations

from runbook.registry import Check, Registry


def check_page(check: Check, registry: Registry) -> str:
    """The page as Markdown."""
    lines = [
        f"# {check.id}",
        "",
        f"**{check.title}**",
        "",
        check.why,
        "",
        f"- A problem here is: {check.kind}, severity {check.severity}; it is about: {check.about}",
    ]
    if check.covers:
        lines.append(f"- Failure modes: {', '.join(check.covers)} (docs/failure-modes.md)")
    if check.after:
        lines.append(f"- May be the consequence of: {', '.join(check.after)}")
    calls = _calls(check, registry)
    if calls:
        lines.append(f"- Asks: {', '.join(calls)}")
    lines += [f"- Read more: <{check.docs}>", ""]
    return "\n".join(lines)


def _calls(check: Check, registry: Registry) -> tuple[str, ...]:
    """All calls of its evidence, and of the evidence behind that."""
    seen: set[str] = set()
    todo = [*check.needs]
    while todo:
        name = todo.pop()
        if name in registry.evidence and name not in seen:
            seen.add(name)
            todo.extend(registry.evidence[name].needs)
    return tuple(sorted({call for name in seen for call in registry.evidence[name].calls}))
