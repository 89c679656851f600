"""The HTML report in a real browser: alone, quiet, readable on a phone, and deaf to what a cluster says."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from runbook.report import render
from tests.report import browser
from tests.report.hostile import STRINGS, everywhere
from tests.report.samples import SAMPLES

FOUND = browser.find()
pytestmark = [
    pytest.mark.skipif(
        FOUND is None, reason=f"none of {', '.join(browser.NAMES)} is installed: no page was looked at"
    ),
    pytest.mark.xdist_group("browser"),
]
EVERYTHING_HOSTILE = " ".join(STRINGS.values())


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_is_alone_quiet_and_fits(name: str, width: int, tmp_path: Path) -> None:
    assert FOUND
    seen = browser.visit(FOUND, render(SAMPLES[name], "html"), tmp_path, width=width)
    assert seen.told["overflow"] == 0
    assert seen.told["title"] == SAMPLES[name]["sentence"]
    assert seen.told["buttons"] > 0
    assert seen.told["folded"] is True
    assert seen.requests == ["/probe.html", "/page.html"]
    assert seen.console == []


@pytest.mark.parametrize("text", [*STRINGS.values(), EVERYTHING_HOSTILE], ids=[*STRINGS, "everything"])
def test_a_hostile_cluster_changes_nothing_in_the_page(text: str, tmp_path: Path) -> None:
    assert FOUND
    seen = browser.visit(FOUND, render(everywhere(SAMPLES["faulty"], text), "html"), tmp_path, width=390)
    assert seen.told["title"] != "pwned"
    assert seen.told["overflow"] == 0
    assert seen.requests == ["/probe.html", "/page.html"]
    assert seen.console == []


def test_the_page_follows_light_and_dark(tmp_path: Path) -> None:
    assert FOUND
    page = render(SAMPLES["faulty"], "html")
    inks = [
        browser.visit(FOUND, page, tmp_path, f"--blink-settings=preferredColorScheme={scheme}").told["ink"]
        for scheme in (1, 0)
    ]
    assert inks == ["rgb(27, 31, 36)", "rgb(228, 231, 235)"]


def test_no_other_host_is_asked(tmp_path: Path) -> None:
    assert FOUND
    page = tmp_path / "page.html"
    page.write_text(render(everywhere(SAMPLES["faulty"], EVERYTHING_HOSTILE), "html"), encoding="utf-8")
    log = tmp_path / "net.json"
    browser.run(FOUND, tmp_path, f"--log-net-log={log}", "--dump-dom", page.as_uri())
    events = json.loads(log.read_text(encoding="utf-8"))["events"]
    hosts = {
        urlsplit(event["params"]["url"]).hostname for event in events if "url" in event.get("params", {})
    }
    assert hosts == set()
