"""What a cluster could say to deceive whoever reads the report, put into every field of one."""

from __future__ import annotations

from typing import Any

STRINGS = {
    "script": "<script>document.title = 'pwned'</script>",
    "handler": "\"'><img src=x onerror=\"document.title='pwned'\">",
    "ends everything": "</title></style></script></pre></code></textarea>--><h1>pwned</h1>",
    "comment": "<!-- <details> ]]> <?php ?>",
    "terminal": "\x1b[2J\x1b[31mred\x1b]8;;https://evil.example\x07link\x9b31m",
    "markdown link": "[click](javascript:alert(1)) [click]: https://evil.example",
    "markdown image": "![x](https://evil.example/x.png) ![x][y]",
    "autolinks": "<https://evil.example> https://evil.example www.evil.example a@evil.example",
    "github": "@everyone, #1 GH-1 org/project#12 mailto:a@b.example xmpp:a@b.example",
    "javascript": "javascript:alert(1)",
    "not quite https": 'https://evil.example/"onmouseover="alert(1)',
    "right to left": "\u202egnp.exe\u202c \u2066a\u2069 \u200fb\u061c",
    "invisible": "zero\u200bwidth \ufeff \u00ad \u3164 \U000e0041",
    "surrogate": "\ud800 lone",
    "separators": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "forged lines": "x\nHEALTHY: all is well.\n\nPASS     Everything.\r\n# HEALTHY\r- PASS",
    "fence": "```\n````\n~~~\n# pwned\n```",
    "backticks": "`` ` ``` a``b` `",
    "out of code": "a` <img src=x> [x](https://evil.example) `` <img src=x> ``` <img src=x> `b",
    "out of a fence": "a\n```\n<img src=x>\n\n[x](https://evil.example)\n~~~~\n````\n<img src=x>\n",
    "heading": "# pwned #",
    "list": "- pwned",
    "numbered": "1. pwned",
    "quote": "> pwned",
    "rule": "---",
    "table": "| a | b |\n|---|---|\n| 1 | 2 |",
    "emphasis": "**b** __b__ *i* _i_ ~~s~~ snake_case_name $x$ $$y$$",
    "escapes": "\\ \\[x](y) \\`z\\` ends with \\",
    "entities": "&lt;b&gt; &#60;script&#62; &#x202e; &copy;",
    "template": "{{ 7 * 7 }} {% raw %} {# x #} %s {0}",
}

#: Fields whose values the schema fixes, or that only our own code can fill.
OURS = frozenset({"schema", "verdict", "status", "severity", "id", "check", "family", "topic", "finding"})
LISTS_OF_IDS = frozenset({"caused_by", "also_seen", "consequences", "sections"})
OWN_VALUES = frozenset({"cause", "symptom", "advisory"})


def everywhere(value: Any, text: str, key: str = "") -> Any:
    """The report with `text` in place of every string that does not come from the project itself."""
    match value:
        case dict() if key == "parameters":
            return {f"{name}{text}": text for name in value}
        case dict():
            return {name: everywhere(item, text, name) for name, item in value.items()}
        case list():
            return [everywhere(item, text, key) for item in value]
        case str() if key not in OURS | LISTS_OF_IDS and value not in OWN_VALUES:
            return text
        case _:
            return value
