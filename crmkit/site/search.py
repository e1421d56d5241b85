"""Search in English and Chinese, without a word list of Chinese.

Chinese does not separate its words. A run of Chinese characters is therefore indexed by its characters and by
its pairs of neighbours, and a query by its pairs: 弹性 finds 价格弹性, and 客户终身价值 only what has all of
客户, 户终, 终身, 身价, 价值. English is split and stemmed as Sphinx does.

The glossary's Chinese names and abbreviations become entries of the index, as its English terms are.
"""

from __future__ import annotations

import inspect
import re
import sys
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.search.en import SearchEnglish
from sphinx.transforms import SphinxTransform

from crmkit.site.shown import digest

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SCRIPT = "search.js"

SHORT = 3
"""Words of so few letters are mostly abbreviations, and not stemmed: NPS is not the plural of np."""

GROUP = "中文"
"""The heading of the Chinese names in the book's index; each character would have its own."""

_WORD = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff]+")
_SHORT_NAME = re.compile(r"\), ([A-Z]\w{1,5})\.|\b(\w*[A-Z]{2}\w*) for short|\bin short ([A-Z]+)")
_NAME = re.compile(r"(?:[A-Z][a-z ]+, )?([^():.]*[\u3400-\u9fff][^():.]*?) *\(")


def connect(app: Sphinx) -> None:
    """Let Sphinx index Chinese, and its search page rank and show what it finds as readers need it."""
    app.add_search_language(BilingualSearch)
    # Sphinx keeps what it has indexed; with another value it reads all pages again.
    app.add_config_value("crmkit_search", digest(inspect.getsource(sys.modules[__name__])), "env")
    app.add_transform(GlossaryEntries)
    app.connect("html-page-context", _add_script)


def split(text: str) -> list[str]:
    """Return the words under which a text is found.

    Parameters
    ----------
    text : English, Chinese or both.

    Returns
    -------
    English words as they stand; of each run of Chinese characters the characters and the pairs of neighbours.
    """
    words: list[str] = []
    for run in _WORD.findall(text):
        words += [*run, *pairs(run)] if "\u3400" <= run[0] <= "\u9fff" else [run]
    return words


def pairs(run: str) -> list[str]:
    """Return the pairs of neighbours in a run of characters; a single one has none."""
    return [run[at : at + 2] for at in range(len(run) - 1)]


def chinese_names(definition: str) -> list[str]:
    """Return the Chinese names with which a definition of the glossary begins.

    Parameters
    ----------
    definition : text such as “公关 or 公共关系 (gōngguān, gōnggòng guānxì). Earning …”.
    """
    found = _NAME.match(definition.partition(". ")[0] + " (")
    return re.split(r" or |、", found[1].strip()) if found else []


def abbreviations(definition: str) -> list[str]:
    """Return the abbreviations that a definition of the glossary gives, such as “CLV for short”."""
    return [name for groups in _SHORT_NAME.findall(definition) for name in groups if name]


class BilingualSearch(SearchEnglish):
    """Sphinx's English search with Chinese besides."""

    js_splitter_code = r"""
var splitQuery = (query) =>
  (query.match(/[\u3400-\u9fff]+|(?:(?![\u3400-\u9fff])[\p{Letter}\p{Number}_])+/gu) ?? []).flatMap(
    (run) => /^[\u3400-\u9fff]{2}/.test(run)
      ? [...run].slice(1).map((character, at) => run[at] + character)
      : [run]);

const StemmerOfAll = Stemmer;
Stemmer = function () {
  const stemmer = new StemmerOfAll();
  this.stemWord = (word) => (word.length > SHORT ? stemmer.stemWord(word) : word);
};
""".replace("SHORT", str(SHORT))

    def split(self, input: str) -> list[str]:
        """Return the words under which a text is found."""
        return split(input)

    def stem(self, word: str) -> str:
        """Return the stem of a word, or a short word as it stands."""
        return super().stem(word) if len(word) > SHORT else word.lower()


class GlossaryEntries(SphinxTransform):
    """Adds the other names of the glossary's terms to the index, for the search and for its own page."""

    default_priority = 840  # before the domains take the entries of the page, at 850

    def apply(self, **kwargs: Any) -> None:
        """Add an entry for each name."""
        for item in self.document.findall(nodes.definition_list_item):
            if not isinstance(item.parent.parent, addnodes.glossary):
                continue
            term = next(item.findall(nodes.term))
            (ident,) = term["ids"]
            definition = next(item.findall(nodes.definition)).astext()
            names: list[tuple[str, str | None]] = [(name, GROUP) for name in chinese_names(definition)]
            names += [(name, None) for name in abbreviations(definition)]
            term.append(addnodes.index(entries=[("single", name, ident, "main", key) for name, key in names]))


def _add_script(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    if page == "search":
        app.add_js_file(SCRIPT, loading_method="defer")
