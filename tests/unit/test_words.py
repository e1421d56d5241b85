"""What a picture says in words, and that it travels with the picture."""

from __future__ import annotations

from crmkit.widgets import style
from crmkit.widgets.words import words_of


def test_a_picture_tells_its_finding_its_axes_and_its_labels_in_this_order() -> None:
    figure, (ax,) = style.new_figure()
    ax.set(xlabel="Months", ylabel="Accounts, %")
    ax.text(0, 0, "all milk boxes \nare taken ")
    ax.text(1, 0, "")
    style.title(ax, "Half stay for almost three years")
    assert words_of(figure) == (
        "Half stay for almost three years. Horizontal axis: Months. Vertical axis: Accounts, %. "
        "Labels: all milk boxes are taken."
    )


def test_a_headline_comes_before_the_names_of_the_panels_and_nothing_is_told_twice() -> None:
    figure, (left, right) = style.new_figure(2)
    style.panel_title(left, "All zones")
    style.panel_title(right, "One zone")
    left.set_xlabel("Price")
    right.set_xlabel("Price")
    style.headline(figure, "Does it pay?")
    assert words_of(figure) == "Does it pay?; All zones; One zone. Horizontal axis: Price."


def test_the_words_go_along_where_notebooks_keep_alternative_text() -> None:
    figure, (ax,) = style.new_figure()
    style.title(ax, "Gifts help in one tier")
    png, metadata = figure._repr_png_()
    assert png.startswith(b"\x89PNG")
    assert metadata == {"alt": "Gifts help in one tier."}
