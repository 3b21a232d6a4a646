"""`officeflow node`: what node types there are, and what each needs."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from officeflow import columns, program
from officeflow.cli.common import echo, show_json, tell
from officeflow.cli.reading import written
from officeflow.errors import InvalidInput
from officeflow.program import typed


@click.group()
def node() -> None:
    """The catalog of node types."""


@node.command("list")
@click.option("--json", "as_json", is_flag=True, help="The whole catalog, with JSON Schemas.")
def list_nodes(*, as_json: bool) -> None:
    """Show all node types."""
    from officeflow.catalog.schemas import catalog

    nodes = catalog()
    if as_json:
        show_json(nodes)
        return
    width = max(map(len, nodes))
    for name, entry in nodes.items():
        needs = f" (connection: {entry['family']})" if entry["family"] else ""
        tell(f"{name:<{width}}  {entry['title']}{needs}")


@node.command("show")
@click.argument("name", metavar="TYPE")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with JSON Schemas.")
def show_node(name: str, *, as_json: bool) -> None:
    """Show what a node type does, needs and gives."""
    from officeflow.catalog import documents
    from officeflow.catalog.registry import node_type
    from officeflow.catalog.schemas import describe

    entry = describe(node_type(name))
    if as_json:
        show_json(entry)
    else:
        page = (
            documents.page(entry)
            .removeprefix(documents.NOTICE)
            .lstrip()
            .replace("`officeflow ", f"`{program.name()} ")
        )
        width = columns.width_of(sys.stdout)
        echo(page if width is None else "\n".join(_as_lines(page, width)))


def _as_lines(page: str, width: int) -> Iterator[str]:
    """A page in Markdown: its tables in columns, what is fenced as it is, the rest with no word broken."""
    is_fenced = False
    for is_table, block in itertools.groupby(page.splitlines(), key=lambda line: line.startswith("|")):
        if is_table:
            headings, _, *rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in block]
            yield from (
                columns.table(headings, rows, width) if any(headings) else columns.pairs(dict(rows), width)
            )
            continue
        for line in block:
            is_fenced ^= line.startswith("```")
            yield from [line] if is_fenced else columns.wrap(line, width)


@node.command("install")
@click.argument("packages", metavar="PACKAGE...", nargs=-1, required=True)
def install(*, packages: tuple[str, ...]) -> None:
    """Install packages of your own: folders with a pyproject.toml, wheels, or names as pip takes them.

    They go to `packages` in the home, with what they need in versions that go with OfficeFlow's. Every
    process can import them, DAGs that are written by hand too; no update of the environment removes them.
    OFFICEFLOW_NODE_PACKAGES names those that have node types.
    """
    from officeflow import packages as own
    from officeflow.layout import Layout

    folder = own.install(Layout.from_environment(), packages)
    tell(
        f"Installed in {folder}. Set OFFICEFLOW_NODE_PACKAGES to those that have node types, and call"
        f" `{typed('up')}`."
    )


@node.command("docs")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--check", is_flag=True, help="Change nothing; fail where a page is not as the catalog has it.")
def docs(folder: Path, *, check: bool) -> None:
    """Write the node reference as Markdown."""
    from officeflow.catalog import documents

    if check:
        old = documents.stale(folder)
        if old:
            raise InvalidInput(
                f"not current: {', '.join(path.name for path in old)}", hint=f"{typed('node docs')} {folder}"
            )
        return
    with written(folder):
        touched = documents.write(folder)
    for path in touched:
        tell(f"{'wrote' if path.exists() else 'removed'} {path}")
