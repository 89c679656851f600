"""Reading a kubeconfig, with one sentence for everything that can be wrong with it."""

from __future__ import annotations

import importlib
import logging
import threading
from pathlib import Path
from typing import Any

from lambda_proxy.redact import redact_text
from runbook.model import UsageError
from runbook.wording import said_by

#: A credential plugin may ask a browser or a server; this long is waited for it.
_PLUGIN_SECONDS = 30.0


def load_kubeconfig(path: Path, context: str | None) -> Any:
    """A kubernetes.client.Configuration from a kubeconfig file. Raises UsageError."""
    if not path.exists():
        raise UsageError(f"kubeconfig {path} cannot be read: there is no such file")
    if not path.is_file():
        raise UsageError(f"kubeconfig {path} cannot be read: it is no file")
    with _Said() as said:
        configuration = _within_time(path, context)
    if not configuration.api_key and not configuration.cert_file and _has_plugin(path, context):
        told = f": {said.lines[-1]}" if said.lines else ""
        raise UsageError(f"kubeconfig {path}: its credential plugin gave no token{told}")
    return configuration


def _within_time(path: Path, context: str | None) -> Any:
    """Load in a thread that may be left behind: the client waits for a credential plugin for ever."""
    results: list[Any] = []

    def work() -> None:
        try:
            results.append(_load(path, context))
        except UsageError as error:
            results.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(_PLUGIN_SECONDS)
    if not results:
        raise UsageError(
            f"kubeconfig {path}: its credential plugin did not answer within {_PLUGIN_SECONDS:g} s"
        )
    if isinstance(results[0], UsageError):
        raise results[0]
    return results[0]


def _load(path: Path, context: str | None) -> Any:
    from kubernetes import client
    from yaml import YAMLError

    # The client is typed, its configuration loaders are not.
    config: Any = importlib.import_module("kubernetes.config")
    configuration = client.Configuration()
    try:
        config.load_kube_config(
            str(path), context=context, client_configuration=configuration, persist_config=False
        )
    except config.ConfigException as error:
        known = _contexts(path)
        if context is not None and known and context not in known:
            raise UsageError(
                f"kubeconfig {path} has no context '{context}'; it has {', '.join(known)}"
            ) from None
        # The client quotes the entry that is wrong, tokens and passwords included.
        said = str(error).partition("{")[0].partition(str(path))[0].strip().removesuffix(" in").rstrip("./ ")
        raise UsageError(f"kubeconfig {path} cannot be used: {said}") from None
    except (OSError, YAMLError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        said = said_by(error).partition("{")[0].strip()
        raise UsageError(f"kubeconfig {path} cannot be read: {said or type(error).__name__}") from None
    return configuration


def _contexts(path: Path) -> list[str]:
    config: Any = importlib.import_module("kubernetes.config")
    try:
        return sorted(c["name"] for c in config.list_kube_config_contexts(str(path))[0])
    except (config.ConfigException, TypeError, KeyError, AttributeError):
        return []


def _has_plugin(path: Path, context: str | None) -> bool:
    """Whether the context's user gets its token from a credential plugin."""
    import yaml

    match yaml.safe_load(path.read_text(encoding="utf-8")):
        case {"contexts": list(contexts), "users": list(users)} as document:
            wanted = context or document.get("current-context")
            user = next((c["context"].get("user") for c in contexts if c.get("name") == wanted), None)
            return any("exec" in (u.get("user") or {}) for u in users if u.get("name") == user)
    return False


class _Said(logging.Handler):
    """Takes what the client logs about a credential plugin, which may hold anything, off the terminal."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the first line, redacted."""
        self.lines.append(redact_text(record.getMessage()).partition("\n")[0])

    def __enter__(self) -> _Said:
        self._others, logging.root.handlers = logging.root.handlers, [self]
        return self

    def __exit__(self, *_: object) -> None:
        logging.root.handlers = self._others
