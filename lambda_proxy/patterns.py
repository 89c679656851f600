"""One table of what a secret looks like in a text.

Each expression is linear in the text: it starts at a literal or at the edge of a word, repeats possessively,
and never looks over the same stretch from many starts. What a diagnosis needs must survive, so an error code
("InvalidIdentityToken: No OpenIDConnect provider…"), a path ("…/serviceaccount/token: permission denied"), an
ARN ("…:secret:prod/db") and an image ("registry/get-token:v2") are no assignments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_KEY = r"(?:[A-Z0-9]++ )*?PRIVATE KEY(?: BLOCK)?"
_WORD = r"(?:password|passwd|pwd|token|secret|api[_-]?key|authorization)"
_END = r"""(?=[\s"'\\&,;<>)}\]]|$)"""
_DONE = rf"(?!\[redacted(?::[a-z-]++)?\]{_END})"
_HARMLESS = rf"(?!(?:true|false|null|nil|none|undefined){_END})"
_OPEN = r"""(?:(?!\[redacted)[\[\\"'])*+"""
# A bare value ends at white space or at a quote, be it escaped; nothing else, for passwords hold anything.
_BARE = r"""(?:[^\s"'\\]|\\(?!["']))++"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """`hints` are lower-case literals; every match contains one, so most texts need no expression at all."""

    name: str
    hints: frozenset[str]
    regex: re.Pattern[str]
    replacement: str


def _pattern(name: str, hints: str, regex: str, replacement: str = r"{}", flags: int = 0) -> Pattern:
    return Pattern(
        name=name,
        hints=frozenset(hints.split("|")),
        regex=re.compile(regex, flags),
        replacement=replacement.format(f"[redacted:{name}]"),
    )


_ANY_CASE = re.IGNORECASE
_ASSIGNED = "password|passwd|pwd|token|secret|api_key|api-key|apikey|authorization"

PATTERNS = (
    # A tail of a log may begin inside a key, or end there: then everything before, or after, is the key.
    _pattern(
        "private-key",
        "private key",
        rf"-----BEGIN {_KEY}-----(?:(?!-----).)*+(?:-----END {_KEY}-----)?",
        flags=re.DOTALL,
    ),
    _pattern("private-key", "private key", rf"\A.*-----END {_KEY}-----", flags=re.DOTALL),
    # The same in base64, as in a kubeconfig; a certificate (BDRVJU…) is public.
    _pattern("private-key", "ls0tls1crudjti", r"LS0tLS1CRUdJTi(?!BDRVJU)[A-Za-z0-9+/=]{20,}+"),
    _pattern(
        "authorization",
        "authorization",
        rf"""(authorization(?:\\*["'])?\s*+[:=]\s*+{_OPEN})"""
        r"""(?:(?:bearer|basic|negotiate|token)[ \t]++[^\s"'\\\[\]]++"""
        r"""|aws4-hmac-sha256[ \t]++[^"'\n\\\[\]]++)""",
        r"\1{}",
        _ANY_CASE,
    ),
    _pattern(
        "bearer",
        "bearer",
        r"(bearer[ \t]++)(?=[A-Za-z._~+/=-]*+[0-9]|[A-Za-z0-9._~+/=-]{24})[A-Za-z0-9._~+/=-]{8,}+",
        r"\1{}",
        _ANY_CASE,
    ),
    _pattern(
        "vendor-token",
        "ghp_|gho_|ghs_|ghu_|github_pat_|glpat-|xoxa-|xoxb-|xoxp-|xoxr-|xoxs-",
        r"(?<![A-Za-z0-9_])(?:gh[opsu]_|github_pat_|glpat-|xox[abprs]-)[\w-]{16,}+",
    ),
    _pattern("eks-token", "k8s-aws-v1", r"k8s-aws-v1\.[A-Za-z0-9_=-]++"),
    _pattern("jwt", "eyj", r"(?<![\w-])(?=[\w-]*?eyJ)[\w-]{10,}+\.[\w-]{10,}+(?:\.[\w-]*+)?", flags=re.ASCII),
    _pattern(
        "signed-url",
        "x-amz-",
        r"""(X-Amz-(?:Signature|Security-Token|Credential)(?:\\*["'])?(?:=|%3D|\\u003d|\s*+[:=]\s*+)"""
        rf"""{_OPEN}){_DONE}[^&\s"'\\<>\]]++""",
        r"\1{}",
        _ANY_CASE,
    ),
    _pattern("access-key-id", "akia|asia", r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])"),
    _pattern(
        "secret-access-key",
        "secret",
        r"""((?:aws_?secret(?:_?access)?(?:_?key)?|secret[ _-]?access[ _-]?key)"""
        r"""(?:["'\s\\]*+[:=>]["'\s\\]*+|[ \t]++(?=[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=]))))"""
        r"""[A-Za-z0-9/+=]{16,}+""",
        r"\1{}",
        _ANY_CASE,
    ),
    _pattern("session-token", "iqojb3jpz2lu|gzxivyxdz", r"(?:IQoJb3JpZ2lu|F[wQ]oGZXIvYXdz)[\w+/=%-]{20,}+"),
    # In quotes, and in the escaped quotes of JSON inside JSON.
    _pattern(
        "value",
        _ASSIGNED,
        rf"""({_WORD}(?:\\*["'])?\s*+[:=]\s*+)(["']){_DONE}(?:\\.|(?!\2)[^\\\n])++""",
        r"\1\2{}",
        _ANY_CASE,
    ),
    _pattern(
        "value",
        _ASSIGNED,
        rf"""({_WORD}(?:\\*["'])?\s*+[:=]\s*+)(\\+["']){_DONE}(?:(?!\2)[^\n])++""",
        r"\1\2{}",
        _ANY_CASE,
    ),
    # An equals sign.
    _pattern(
        "value", _ASSIGNED, rf"({_WORD}[ \t]*+=[ \t]*+)(?!=){_DONE}{_HARMLESS}{_BARE}", r"\1{}", _ANY_CASE
    ),
    # A flag and its value as two words.
    _pattern(
        "value",
        _ASSIGNED,
        rf"((?<![\w-])--[\w-]*?{_WORD}[ \t]++)(?!-){_DONE}{_HARMLESS}{_BARE}",
        r"\1{}",
        _ANY_CASE,
    ),
    # A number behind a quoted name; not a word, for volume "db-secret" : failed … is a sentence.
    _pattern(
        "value",
        _ASSIGNED,
        rf"""({_WORD}\\*["'][ \t]*+:[ \t]*+)-?[0-9][\w.+-]*+(?=[\s,}}\]]|$)""",
        r"\1{}",
        _ANY_CASE,
    ),
    # A colon without a space, as in {Name:value}; not in an ARN, not in an image.
    _pattern(
        "value",
        _ASSIGNED,
        rf"((?<![\w./:@-])[\w.-]*?{_WORD}:)(?![\[{{&/]){_HARMLESS}{_BARE}",
        r"\1{}",
        _ANY_CASE,
    ),
    # A colon and a space: of a password anywhere,
    _pattern(
        "value",
        "password|passwd|pwd",
        rf"((?:password|passwd|pwd):[ \t]++){_DONE}{_HARMLESS}{_BARE}",
        r"\1{}",
        _ANY_CASE,
    ),
    # of anything else as a line of YAML or a header,
    _pattern(
        "value",
        _ASSIGNED,
        rf"^([ \t]*+(?:-[ \t]++)?(?:[\w.-]*?[_.-])?{_WORD}:[ \t]++)(?![\[{{&|>]){_HARMLESS}{_BARE}",
        r"\1{}",
        _ANY_CASE | re.MULTILINE,
    ),
    # and within a sentence only what looks random, for most often a word follows.
    _pattern(
        "value",
        _ASSIGNED,
        r"(?<![A-Za-z:/])((?i:token|api[_-]?key|authorization):[ \t]++)"
        r"(?=[A-Za-z._~+/=-]*+[0-9])[\w+/=.~-]{8,}+(?=[\s,;)\]}]|$)",
        r"\1{}",
    ),
    _pattern(
        "value",
        "secret",
        r"(?<![A-Za-z:/])((?i:secret):[ \t]++)"
        r"(?=[A-Za-z._~+/=-]*+[0-9])(?=[^\sA-Z]*+[A-Z])[\w+/=.~-]{8,}+(?=[\s,;)\]}]|$)",
        r"\1{}",
    ),
    _pattern("url-credentials", "://", r"""(?<=://)(?!\[redacted)(?:[^\s/"'<>@]*+@(?!sha256:))++""", r"{}@"),
)
