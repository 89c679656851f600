from __future__ import annotations

import pytest

from runbook.report.markdown import code, fence, link, prose


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("IAM role shop-ebs-csi accepts only 'x'", "IAM role shop-ebs-csi accepts only 'x'"),
        ("snake_case_name and _so_", r"snake_case_name and \_so\_"),
        ("[a](b) *c* `d` <e> ~f~ |g| $h$ \\", r"\[a\](b) \*c\* \`d\` \<e\> \~f\~ \|g\| \$h\$ \\"),
        ("AT&T &amp; &#38;", r"AT&T \&amp; `&#38;`"),
        ("ask @team, see #12 or https://a.example/b.", "ask `@team,` see `#12` or `https://a.example/b.`"),
        ("audience 'www.sts.amazonaws.com'", "audience '`www.sts.amazonaws.com`'"),
        ("# no heading #", r"\# no heading \#"),
        ("1. no list", r"1\. no list"),
        ("- no list", r"\- no list"),
    ],
)
def test_prose_is_escaped_only_where_it_must_be(text: str, written: str) -> None:
    assert prose(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("a", "`a`"),
        ("a`b", "``a`b``"),
        ("`a``b`", "``` `a``b` ```"),
        (" a ", "`  a  `"),
        ("a\nb", "`a b`"),
    ],
)
def test_a_code_span_outlasts_its_backticks(text: str, written: str) -> None:
    assert code(text) == written


def test_a_fence_is_longer_than_any_run_of_backticks_within() -> None:
    assert fence("a\n````\n\nb", "sh", 2) == "  `````sh\n  a\n  ````\n\n  b\n  `````"


def test_only_https_becomes_a_link() -> None:
    assert link("https://a.example/b") == "<https://a.example/b>"
    assert link("http://a.example/b") == "`http://a.example/b`"
    assert link("https://a.example/<b>") == "`https://a.example/<b>`"
