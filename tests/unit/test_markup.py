"""Passes over a written page: Chinese marked as Chinese, header cells with what they head."""

from __future__ import annotations

import pytest

from crmkit.site.language import mark_chinese
from crmkit.site.markup import mended
from crmkit.site.tables import mark_headers


def test_a_run_of_chinese_is_marked_without_the_brackets_around_it() -> None:
    assert mark_chinese("<p>value (价值, 成本：费用)</p>") == (
        '<p>value (<span lang="zh">价值</span>, <span lang="zh">成本：费用</span>)</p>'
    )


@pytest.mark.parametrize(
    "html",
    [
        '<img alt="天" title="奶">',
        '<pre class="x"><span>"天"</span></pre>',
        '<span class="math notranslate nohighlight">\\(天\\)</span>',
        "<svg><text>奶</text></svg>",
        "<select><option>天</option></select>",
        "<!-- 天 > 奶 -->",
        "<p>no Chinese, only “quotes” · dots</p>",
    ],
)
def test_attributes_code_formulas_and_drawings_stay_as_they_are(html: str) -> None:
    assert mark_chinese(html) == html


def test_text_after_what_stays_is_mended_again() -> None:
    html = "<pre>天</pre>天<svg></svg><b>天</b>"
    assert mended(html, text=str.upper, tag=str.upper) == "<pre>天</pre>天<svg></svg><B>天</B>"
    assert mark_chinese(html).count('lang="zh"') == 2


def test_a_header_cell_heads_its_column_or_its_row() -> None:
    html = (
        '<table><thead><tr><th></th><th class="y"><p></p></th>'
        '<th class="x" colspan="2">a</th></tr></thead>'
        '<tbody><tr><th rowspan="2">b</th><td>1</td></tr></tbody></table>'
    )
    assert mark_headers(html) == (
        '<table><thead><tr><td></td><td class="y"></td>'
        '<th scope="col" class="x" colspan="2">a</th></tr></thead>'
        '<tbody><tr><th scope="row" rowspan="2">b</th><td>1</td></tr></tbody></table>'
    )


def test_a_scope_that_is_there_is_kept_and_words_that_begin_alike_are_no_headers() -> None:
    html = '<th scope="rowgroup">a</th><theme>b</theme>'
    assert mark_headers(html) == html
