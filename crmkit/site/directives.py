"""What a Markdown page of the book can show besides Markdown: a widget, and what other files know.

A page made from other files is read again when one of them, or the module that makes it, has changed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml  # type: ignore[import-untyped]
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from crmkit import widgets
from crmkit.data import load
from crmkit.data.package import DESCRIPTOR, read_packages
from crmkit.exercise import key
from crmkit.site import concepts, course, course_map, guide, licences, progress
from crmkit.site.shown import note_shown
from crmkit.site.widget_html import widget_html
from crmkit.widgets.widget import MIME as WIDGET_MIME


def add_directives(app: Sphinx) -> None:
    """Make the directives known to Sphinx."""
    app.add_directive("widget", WidgetDirective)
    app.add_directive("course-map", CourseMap)
    app.add_directive("data-licences", DataLicences)
    app.add_directive("chapter-notes", ChapterNotes)
    app.add_directive("lesson-plan", LessonPlan)
    app.add_directive("concept-map", ConceptMap)
    app.add_directive("concept-index", ConceptIndex)


class WidgetDirective(SphinxDirective):
    """A baked widget by its name: `:::{widget} pricing.predation`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the figure."""
        (name,) = self.arguments
        try:
            widget = widgets.find(name)
        except LookupError as error:
            raise self.error(str(error)) from error
        ident = f"widget-{self.env.new_serialno('crmkit-widget')}"
        note_shown(self.env, WIDGET_MIME, name)
        return [nodes.raw("", widget_html(widget, ident=ident, to_root=self._to_root()), format="html")]

    def _to_root(self) -> str:
        return "../" * self.env.docname.count("/")


class _Generated(SphinxDirective):
    """A directive whose content comes from files that it does not name."""

    made_by: ModuleType
    has_content = True

    @property
    def root(self) -> Path:
        return Path(self.env.srcdir)

    def chapters(self) -> list[course.Chapter]:
        """Return the book's chapters; the page is read again when one of them changes."""
        self.depend_on([self.root / "_toc.yml", *course.chapter_files(self.root)])
        self.depend_on([Path(inspect.getfile(module)) for module in (course, self.made_by)])
        return course.chapters(self.root)

    def depend_on(self, files: Iterable[Path]) -> None:
        for file in files:
            self.env.note_dependency(str(file))

    def yaml(self) -> Any:
        """Return the directive's content, read as YAML, whose dictionaries keep their order."""
        return yaml.safe_load("\n".join(self.content))

    def attempt(self, make: Callable[[], str]) -> str:
        """Return what is made, or tell where in the book the reason stands why it cannot be."""
        try:
            return make()
        except (LookupError, OSError, ValueError, yaml.YAMLError) as error:
            raise self.error(str(error)) from error

    def write(self, text: str) -> list[nodes.Node]:
        """Write Markdown where the directive stands; nothing is left to return."""
        # Straight into the page's section: its headings would go there, too, but before what is returned.
        self.state.nested_parse(StringList(text.splitlines()), 0, self.state_machine.node, match_titles=True)
        return []


class CourseMap(_Generated):
    """The map of the course; the content gives each chapter's decision, by stage and by stem."""

    made_by = course_map

    def run(self) -> list[nodes.Node]:
        """Return the map."""
        html = self.attempt(self._map)
        return [nodes.raw("", html, format="html")]

    def _map(self) -> str:
        chapters = self.chapters()
        self.depend_on([Path(inspect.getfile(progress)), *key.folder().glob("*.json")])
        exercises = {chapter.stem: self.root / f"exercises/{chapter.stem}.ipynb" for chapter in chapters}
        there = {stem: path for stem, path in exercises.items() if path.is_file()}
        self.depend_on(there.values())
        questions = {stem: progress.questions_of(path) for stem, path in there.items()}
        to_root = "../" * self.env.docname.count("/")
        return course_map.course_map_html(self.yaml(), chapters, questions, to_root=to_root)


class DataLicences(_Generated):
    """What each data package is, where it comes from and what may be done with it."""

    made_by = licences
    has_content = False

    def run(self) -> list[nodes.Node]:
        """Return a section for each package."""
        self.depend_on([Path(inspect.getfile(licences)), *sorted(load.folder.glob(f"*/{DESCRIPTOR}"))])
        return self.write(self.attempt(lambda: licences.data_licences(read_packages(load.folder))))


class ChapterNotes(_Generated):
    """What the chapters' cells for instructors say, chapter by chapter."""

    made_by = guide
    has_content = False

    def run(self) -> list[nodes.Node]:
        """Return a section for each chapter."""
        return self.write(self.attempt(lambda: guide.notes_of(self.chapters())))


class LessonPlan(_Generated):
    """The plan of a term; the content gives before, class and after, by the chapter's stem."""

    made_by = guide

    def run(self) -> list[nodes.Node]:
        """Return a section for each week."""
        return self.write(self.attempt(lambda: guide.lesson_plan(self.yaml(), self.chapters())))


class ConceptMap(_Generated):
    """Where each concept is taught; the content names the sources of the course."""

    made_by = guide

    def run(self) -> list[nodes.Node]:
        """Return a table for each source."""
        names, places = self.root / "instructor/concepts.csv", self.root / "chapters/concepts.csv"
        self.depend_on([names, places])
        return self.write(
            self.attempt(
                lambda: guide.concept_map(guide.read_concepts(names, places), self.yaml(), self.chapters())
            )
        )


class ConceptIndex(_Generated):
    """The readers' index: each concept with the sections that teach it."""

    made_by = concepts
    has_content = False

    def run(self) -> list[nodes.Node]:
        """Return a section for each letter."""
        self.depend_on(self.root / file for file in (concepts.INDEX, concepts.PLACES, concepts.GLOSSARY))
        chapters = self.chapters()
        return self.write(
            self.attempt(lambda: concepts.concept_index(concepts.read_entries(self.root, chapters), chapters))
        )
