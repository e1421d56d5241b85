"""Where each table of the course comes from and what may be done with it, from the data packages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmkit.data.package import Package, Table
from crmkit.site.dictionary import markdown


def data_licences(packages: Sequence[Package]) -> str:
    """Return a section for each data package, as Markdown.

    Parameters
    ----------
    packages : the packages of `datasets/`.
    """
    return "\n".join(line for package in packages for line in _section(package))


def _section(package: Package) -> Iterator[str]:
    made = "simulated" if package.simulated else "not simulated"
    yield from (f"### {markdown(package.title)}", "", markdown(package.description), "")
    yield f"- Package {{ref}}`{package.name} <{package.name}>`, version {package.version}: **{made}**."
    yield f"- Licence: {markdown(package.licence)}."
    yield f"- You may: {_permitted(package)}"
    if package.simulated:
        (source,) = {table.source for table in package.tables}
        yield f"- Source: {markdown(source)}. {len(package.tables)} tables."
        yield ""
        return
    yield from ("", ":::{table}", ":class: crmkit-sources", "", "| table | what it holds | source |")
    yield "| --- | --- | --- |"
    for table in package.tables:
        name = f"{{ref}}`{table.name} <{package.name}.{table.name}>`"
        yield f"| {name} | {markdown(table.title)} | {_source(table)} |"
    yield from (":::", "")


def _permitted(package: Package) -> str:
    if package.simulated:
        return (
            "use, change and share them, also for money, as long as the licence goes along. Say that they "
            "are simulated: a chart without that word would be a false statement about a dairy."
        )
    if any(table.wheel_file for table in package.tables):
        return (
            "use them on your own machine as the course does. It ships no copy and so gives no right to "
            "pass one on; ask those who made the data."
        )
    return (
        "use the numbers, which are facts, and cite the work that each comes from. The licence covers how "
        "they are arranged here and the course's own examples, not the works."
    )


def _source(table: Table) -> str:
    cited = f" {{cite:p}}`{table.citation}`" if table.citation else ""
    if table.wheel_file is None:
        return f"{markdown(table.source)}{cited}"
    link = f"[{markdown(table.source)}]({table.source_url})"
    return f"{link}{cited}; read from {markdown(table.wheel_file.source)}"
