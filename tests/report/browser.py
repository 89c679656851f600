"""Pages in a real browser, without a window: what they became, and what the browser said about them."""

from __future__ import annotations

import functools
import html
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=10000",
    # The browser's own errands stay on this machine too.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)

# A page that holds others, each at its width, measures them, and becomes the result.
PROBE = """<!doctype html><title>probe</title><link rel="icon" href="data:,">{frames}
<script>
const measure = (frame) => {{
  const page = frame.contentDocument;
  const fold = page.querySelector("details");
  return {{
    title: page.title,
    overflow: page.documentElement.scrollWidth - page.documentElement.clientWidth,
    buttons: page.querySelectorAll("button").length,
    folded: fold ? !fold.querySelector(".entry").checkVisibility() : null,
    ink: page.defaultView.getComputedStyle(page.body).color,
  }};
}};
addEventListener("load", () => {{
  const told = [...document.querySelectorAll("iframe")].map(measure);
  document.body.innerHTML = "";
  document.body.append("TOLD" + JSON.stringify(told) + "DLOT");
}});
</script>
"""
FRAME = '<iframe src="{number}.html" style="width:{width}px;height:800px;border:0"></iframe>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What the pages are in the browser, what was asked of the server, and the browser's messages."""

    told: list[dict[str, Any]]
    requests: list[str]
    console: list[str]


def find() -> str | None:
    """The path of a browser, if one is installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def visit(browser: str, folder: Path, pages: Sequence[tuple[str, int]], *flags: str) -> Visit:
    """Open pages, each at a width in CSS pixels."""
    for number, (page, _) in enumerate(pages):
        (folder / f"{number}.html").write_text(page, encoding="utf-8")
    frames = "".join(FRAME.format(number=number, width=width) for number, (_, width) in enumerate(pages))
    (folder / "probe.html").write_text(PROBE.format(frames=frames), encoding="utf-8")
    with _served(folder) as (address, requests):
        done = run(browser, folder, *flags, "--dump-dom", f"{address}/probe.html")
    found = re.search("TOLD(.*)DLOT", done.stdout)
    assert found, f"the browser did not show the pages: {done.stderr}"
    console = re.findall(r".*CONSOLE.*", done.stderr)
    return Visit(told=json.loads(html.unescape(found[1])), requests=sorted(requests), console=console)


def run(browser: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Start the browser with a new profile and wait for it."""
    profile = folder / "profile"
    shutil.rmtree(profile, ignore_errors=True)
    command = [browser, *FLAGS, f"--user-data-dir={profile}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


@contextmanager
def _served(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """The folder over HTTP on this machine, and the paths that were asked for."""
    requests: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def send_head(self) -> Any:
            requests.append(self.path)
            return super().send_head()

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", requests
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
