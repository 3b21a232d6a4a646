"""`officeflow node`: what node types there are, and what each needs."""

from __future__ import annotations

from pathlib import Path

import click

from officeflow.cli.common import echo, show_json
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
        echo(f"{name:<{width}}  {entry['title']}{needs}")


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
        echo(documents.page(entry).removeprefix(documents.NOTICE).lstrip())


@node.command("docs")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--check", is_flag=True, help="Change nothing; fail where a page is not as the catalog has it.")
def docs(folder: Path, *, check: bool) -> None:
    """Write the node reference as Markdown."""
    from officeflow.catalog import documents

    if check:
        old = documents.stale(folder)
        if old:
            raise InvalidInput(f"not current: {', '.join(path.name for path in old)}", hint=f"{typed('node docs')} {folder}")
        return
    for path in documents.write(folder):
        echo(f"{'wrote' if path.exists() else 'removed'} {path}")
