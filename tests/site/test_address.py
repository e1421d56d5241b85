"""The address of the published site: in canonical links, a sitemap and previews, or nowhere at all."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_build import book  # noqa: F401  a fixture

from crmkit.site.address import VARIABLE, AddressError, checked
from crmkit.site.build import build

BASE = "https://host.example/course/"


@pytest.mark.parametrize(
    ("given", "address"),
    [
        (BASE, BASE),
        ("https://host.example/course", BASE),
        ("http://host.example:8080", "http://host.example:8080/"),
        ("https://host.example//", "https://host.example/"),
        ("https://host.example/课程", "https://host.example/%E8%AF%BE%E7%A8%8B/"),
        ("https://host.example/%E8%AF%BE/", "https://host.example/%E8%AF%BE/"),
    ],
)
def test_an_address_ends_with_a_slash_and_is_written_as_links_are(given: str, address: str) -> None:
    assert checked(given) == address
    assert checked(address) == address


@pytest.mark.parametrize(
    "given",
    [
        "",
        "host.example/course/",
        "/course/",
        "ftp://host.example/",
        "file:///course/",
        "https://",
        "https:///course/",
        "https://user:word@host.example/",
        "https://host.example:port/",
        "https://host.example/?page=1",
        "https://host.example/#top",
        "https://host.example/my course/",
        "https://host.example/\n",
        "https://[host/",
        "https://主机.example/",
        "https://host.example/course/index.html",
    ],
)
def test_what_is_no_address_of_a_site_is_refused_in_one_line(given: str) -> None:
    with pytest.raises(AddressError, match=re.escape(repr(given))) as caught:
        checked(given)
    assert "\n" not in str(caught.value)


def test_a_bad_address_is_noticed_before_anything_is_built(tmp_path: Path) -> None:
    with pytest.raises(AddressError):
        build(tmp_path, base_url="host.example")
    with pytest.raises(AddressError, match="the instructor's edition is not published"):
        build(tmp_path, base_url=BASE, instructor=True)
    assert not list(tmp_path.iterdir())


def tags(page: Path) -> dict[str, str]:
    """Return what a page says of itself to search engines and previews."""
    text = page.read_text(encoding="utf-8")
    found = dict(re.findall(r'<meta (?:name|property)="(description|og:[\w:]+)" content="([^"]*)"', text))
    return found | dict(re.findall(r'<link rel="(canonical)" href="([^"]*)"', text))


def test_a_site_names_its_address_when_it_has_one_and_only_then(
    book: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = (
        'Fresh *"milk"* is <em>delivered</em> to the door before seven in the morning, every day but Sunday.'
    )
    (book / "notes").mkdir()
    (book / "notes" / "day.md").write_text(f"# Day & night\n\nShort.\n\n{first} {'More of it. ' * 20}\n")
    (book / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n- file: notes/day\n")
    site = build(book, lite=False, base_url=BASE.rstrip("/")).folder

    day = tags(site / "notes" / "day.html")
    assert day["canonical"] == day["og:url"] == f"{BASE}notes/day.html"
    assert day["og:title"] == "Day &amp; night"
    assert day["description"] == day["og:description"]
    assert day["description"].startswith("Fresh “milk” is delivered to the door before")
    assert day["description"].endswith(" …")
    assert (site / day["og:image"].removeprefix(BASE)).is_file()
    assert tags(site / "index.html")["canonical"] == f"{BASE}index.html"
    assert "description" not in tags(site / "search.html")
    assert 'href="../index.html"' in (site / "notes" / "day.html").read_text(encoding="utf-8")

    urls = ElementTree.parse(site / "sitemap.xml").iterfind("{*}url/{*}loc")
    assert [url.text for url in urls] == [f"{BASE}index.html", f"{BASE}notes/day.html"]
    robots = (site / "robots.txt").read_text(encoding="utf-8").splitlines()
    assert robots == ["User-agent: *", "Allow: /", f"Sitemap: {BASE}sitemap.xml"]

    monkeypatch.setenv(VARIABLE, BASE)  # a leftover in the shell has no say
    assert build(book, lite=False).folder == site
    assert tags(site / "notes" / "day.html") == {"description": day["description"]}
    assert "canonical" not in tags(site / "index.html")
    assert not (site / "sitemap.xml").exists()
    assert not (site / "robots.txt").exists()
