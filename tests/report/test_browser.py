"""The HTML report in a real browser: alone, quiet, readable on a phone, and deaf to what a cluster says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from runbook.report import render
from tests.report import browser
from tests.report.hostile import STRINGS, everywhere
from tests.report.samples import SAMPLES

FOUND = browser.find() or ""
pytestmark = [
    pytest.mark.skipif(
        not FOUND, reason=f"none of {', '.join(browser.NAMES)} is installed: no page was looked at"
    ),
    pytest.mark.xdist_group("browser"),
]
EVERYTHING = " ".join(STRINGS.values())


def asked_for(pages: int) -> list[str]:
    return sorted([*(f"/{number}.html" for number in range(pages)), "/probe.html"])


def test_a_page_is_alone_quiet_and_fits_desktop_and_phone(tmp_path: Path) -> None:
    pages = [(name, width) for name in SAMPLES for width in (1280, 390, 320)]
    seen = browser.visit(FOUND, tmp_path, [(render(SAMPLES[name], "html"), width) for name, width in pages])
    assert [told["title"] for told in seen.told] == [SAMPLES[name]["sentence"] for name, _ in pages]
    assert [told["overflow"] for told in seen.told] == [0] * len(pages)
    assert [told["folded"] for told in seen.told] == [True] * len(pages)
    assert all(told["buttons"] > 0 for told in seen.told)
    assert seen.requests == asked_for(len(pages))
    assert seen.console == []


def test_a_hostile_cluster_changes_nothing_in_the_page(tmp_path: Path) -> None:
    texts = [*STRINGS.values(), EVERYTHING]
    pages = [(render(everywhere(SAMPLES["faulty"], text), "html"), 390) for text in texts]
    seen = browser.visit(FOUND, tmp_path, pages)
    # Each hostile script would set the title to this one word.
    assert "pwned" not in [told["title"] for told in seen.told]
    assert [told["overflow"] for told in seen.told] == [0] * len(texts)
    assert seen.requests == asked_for(len(texts))
    assert seen.console == []


@pytest.mark.parametrize(("scheme", "ink"), [(1, "rgb(27, 31, 36)"), (0, "rgb(228, 231, 235)")])
def test_the_page_follows_light_and_dark(scheme: int, ink: str, tmp_path: Path) -> None:
    page = render(SAMPLES["faulty"], "html")
    seen = browser.visit(FOUND, tmp_path, [(page, 1280)], f"--blink-settings=preferredColorScheme={scheme}")
    assert seen.told[0]["ink"] == ink


def test_no_host_that_the_page_names_is_asked(tmp_path: Path) -> None:
    page, log = tmp_path / "page.html", tmp_path / "net.json"
    page.write_text(render(everywhere(SAMPLES["faulty"], EVERYTHING), "html"), encoding="utf-8")
    browser.run(FOUND, tmp_path, f"--log-net-log={log}", "--dump-dom", page.as_uri())
    events = json.loads(log.read_text(encoding="utf-8"))["events"]
    asked = {
        urlsplit(event["params"]["url"]).hostname for event in events if "url" in event.get("params", {})
    }
    named = set(re.findall(r"https?://([a-z0-9.-]+)", page.read_text(encoding="utf-8")))
    assert "evil.example" in named
    assert named & asked == set()
