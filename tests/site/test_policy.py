"""The Content-Security-Policy that a page carries."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest

from crmkit.site.policy import policy, with_policy


def digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def directives(page: str) -> dict[str, str]:
    return dict(each.partition(" ")[::2] for each in policy(page).split("; "))


def test_a_policy_names_the_scripts_and_styles_in_the_page_and_nothing_else() -> None:
    page = "<script>let a = '<b>';\n</script><script src=a.js></script><style scoped>p {}</style>"
    found = directives(page)
    script = digest("let a = '<b>';\n")
    assert found["script-src"] == f"'self' {script}"
    assert found["style-src-elem"] == f"'self' {digest('p {}')}"
    assert found["default-src"] == "'none'"


def test_a_page_without_scripts_of_its_own_allows_the_sites_only() -> None:
    assert directives("<p>Milk</p>")["script-src"] == "'self'"


def test_no_policy_lets_any_script_in_a_page_run() -> None:
    assert "unsafe" not in directives("<script>1</script>")["script-src"]
    assert "unsafe" not in directives("<style>p {}</style>")["style-src-elem"]


def test_the_policy_stands_before_anything_that_it_forbids() -> None:
    page = with_policy('<head>\n<meta charset="utf-8" /><script>1</script></head>')
    assert page.index("Content-Security-Policy") < page.index("<script>")


def test_a_page_with_no_place_for_the_policy_is_an_error() -> None:
    with pytest.raises(ValueError, match="the theme has changed its layout"):
        with_policy("<head></head>")
