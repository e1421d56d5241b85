"""The pages of the built site as one document to print: cover, contents, parts, answers.

What refers to an identifier on a page, or from page to page, refers to the same thing within the document.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import yaml  # type: ignore[import-untyped]
from bs4 import BeautifulSoup, Tag

from crmkit.site.contents import Part, parts

ANSWERS = "answers"
"""Identifier of the chapter with the answers to the quick questions."""

_REFERRING = ("for", "aria-labelledby", "aria-describedby", "aria-controls")
_OUTSIDE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)

_DOCUMENT = """\
<!DOCTYPE html>
<html lang="{language}" data-theme="light">
<head>
<meta charset="utf-8">
<title>{title}</title>
{head}
<style>{style}</style>
</head>
<body class="crmkit-book">
<main class="bd-main"><div class="bd-content"><div class="bd-article-container">
{body}
</div></div></main>
</body>
</html>
"""

_FOOT = """
@page {name} {{
  @bottom-left {{ content: "{title}"; font: 8.5pt sans-serif }}
  @bottom-center {{ content: none }}
  @bottom-right {{ content: counter(page); font: 8.5pt sans-serif }}
}}
article[id="{ident}"] {{ page: {name} }}
"""
_HINT = "The figures with controls stand here as they are at first. On the course’s site they move."


@dataclass(frozen=True)
class Book:
    """A book to print.

    Parameters
    ----------
    title, author, language : as the project's configuration says.
    chapters : the title of each chapter by its identifier in the document, in order.
    html : the document; addresses in it are relative to the site's folder.
    """

    title: str
    author: str
    language: str
    chapters: dict[str, str]
    html: str


@dataclass(frozen=True)
class _Page:
    """A page of the site, read."""

    name: str
    soup: BeautifulSoup
    article: Tag
    title: str


def anchor(page: str, ident: str = "") -> str:
    """Return the document's identifier of a page of the site, or of something on it."""
    return "--".join([page.replace("/", "--"), *([ident] if ident else [])])


def book(root: Path, site: Path) -> Book:
    """Return the book that the pages of a built site make.

    Parameters
    ----------
    root : the project's folder, with `_config.yml` and `_toc.yml`.
    site : the folder of the built site.

    Raises
    ------
    FileNotFoundError : a page of the table of contents is not in the site.
    ValueError : a page has no title.
    """
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    contents = parts(root)
    pages = {name: _read(site, name) for part in contents for name in part.documents}
    answers = _answers(pages.values())
    for page in pages.values():
        _join(page, pages, bool(answers))
    chapters = {anchor(name): page.title for name, page in pages.items()}
    if answers:
        chapters[ANSWERS] = "Answers to the quick questions"
    title, author = config["title"], config["author"]
    language = config["sphinx"]["config"]["language"]
    body = [_cover(title, author, config["copyright"]), _contents(contents, chapters)]
    for part in contents:
        if part.caption:
            body.append(f'<section class="crmkit-part"><h1>{escape(part.caption)}</h1></section>')
        body += [str(pages[name].article) for name in part.documents]
    if answers:
        body.append(
            f'<article id="{ANSWERS}" class="crmkit-answers"><h2>{chapters[ANSWERS]}</h2>{answers}</article>'
        )
    html = _DOCUMENT.format(
        language=escape(language),
        title=escape(title),
        head=_head(pages.values()),
        style=_style(chapters),
        body="".join(body),
    )
    return Book(title, author, language, chapters, html)


def _read(site: Path, name: str) -> _Page:
    soup = BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    article = soup.find("article", class_="bd-article")
    if not isinstance(article, Tag) or article.h1 is None:
        raise ValueError(f"{name}.html has no title; build the site again")
    for link in article.find_all(class_="headerlink"):
        link.decompose()
    return _Page(name, soup, article, article.h1.get_text(" ", strip=True))


def _join(page: _Page, pages: dict[str, _Page], answered: bool) -> None:
    """Make a page's article a chapter of the document."""
    article = page.article
    article["id"] = anchor(page.name)
    for gone in article.select(
        "script, .crmkit-controls, .crmkit-verdict, .crmkit-answer, .crmkit-announcement"
    ):
        gone.decompose()
    for element in article.find_all(True):
        _refer(element, page.name, pages)
    for heading in article.find_all(re.compile(r"^h[1-5]$")):
        heading.name = f"h{int(heading.name[1]) + 1}"
    if answered:
        for quick in article.select(".crmkit-quick"):
            note = BeautifulSoup(
                f'<p><a href="#{ANSWERS}">The answers</a> are at the end of the book.</p>', "html.parser"
            )
            quick.append(note)


def _refer(element: Tag, page: str, pages: dict[str, _Page]) -> None:
    """Make an element's identifier and what it refers to those of the document."""
    if "id" in element.attrs and element.name != "article":
        element["id"] = anchor(page, str(element["id"]))
    for key in _REFERRING:
        if key in element.attrs:
            element[key] = " ".join(anchor(page, ident) for ident in str(element[key]).split())
    if element.name == "img":
        element["src"] = _from_root(page, str(element["src"]))
        element.attrs.pop("loading", None)
    if element.name == "a" and "href" in element.attrs:
        target = _target(page, str(element["href"]), pages)
        if target is None:
            del element["href"]
        else:
            element["href"] = target


def _target(page: str, address: str, pages: dict[str, _Page]) -> str | None:
    """Return where a link leads in the document; None if it leads to something that only the site has."""
    if _OUTSIDE.match(address):
        return address
    parts = urlsplit(address)
    name = _from_root(page, parts.path).removesuffix(".html") if parts.path else page
    return f"#{anchor(name, parts.fragment)}" if name in pages else None


def _from_root(page: str, address: str) -> str:
    if _OUTSIDE.match(address):
        return address
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), address))


def _head(pages: Iterable[_Page]) -> str:
    """Return the styles of all pages, each once; a book on paper needs no scripts."""
    found: dict[str, None] = {}
    for page in pages:
        for element in page.soup.select('link[rel="stylesheet"]'):
            element["href"] = _from_root(page.name, str(element["href"]))
            found[str(element)] = None
    return "\n".join(found)


def _style(chapters: dict[str, str]) -> str:
    """Return the book's own style; each chapter's pages bear its title at their foot."""
    rules = [files("crmkit.site").joinpath("book.css").read_text(encoding="utf-8")]
    for number, (ident, title) in enumerate(chapters.items()):
        text = title.replace("\\", "\\\\").replace('"', '\\"')
        rules.append(_FOOT.format(name=f"chapter-{number}", title=text, ident=ident))
    return "".join(rules)


def _cover(title: str, author: str, year: str) -> str:
    main, _, subtitle = title.partition(": ")
    return (
        f'<section class="crmkit-cover"><h1>{escape(main)}</h1>\n'
        f'<p class="crmkit-subtitle">{escape(subtitle)}</p>\n'
        f"<p>{escape(author)}, {escape(year)}</p>\n<p>{_HINT}</p></section>\n"
    )


def _contents(contents: list[Part], chapters: dict[str, str]) -> str:
    """Return the table of contents; the page numbers are left to who knows them."""
    parts = [(part.caption, [anchor(name) for name in part.documents]) for part in contents]
    if ANSWERS in chapters:
        parts[-1][1].append(ANSWERS)
    lists = "".join(
        (f'<p class="crmkit-caption">{escape(caption)}</p>\n' if caption else "")
        + "<ul>\n"
        + "".join(
            f'<li><a href="#{ident}"><span>{escape(chapters[ident])}</span><span class="crmkit-dots"></span>'
            '<span class="crmkit-number"></span></a></li>\n'
            for ident in idents
        )
        + "</ul>\n"
        for caption, idents in parts
    )
    return f'<nav class="crmkit-contents" aria-label="Contents"><h2>Contents</h2>\n{lists}</nav>\n'


def _answers(pages: Iterable[_Page]) -> str:
    """Return the answers to the quick questions, page by page; empty if there are none."""
    found = []
    for page in pages:
        questions = page.article.select(".crmkit-question:has(.crmkit-answer)")
        if questions:
            found.append(f'<h3><a href="#{anchor(page.name)}">{escape(page.title)}</a></h3>\n')
        for question in questions:
            number = question.legend.get_text().partition(".")[0] if question.legend else ""
            answer = question.select_one(".crmkit-answer p")
            found.append(f"<p>{number}. {answer.decode_contents() if answer else ''}</p>\n")
    return "".join(found)
