"""The node reference: a page of Markdown per node type, and one that lists them, made from the catalog."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from officeflow.catalog.schemas import catalog
from officeflow.connectors.families import Capability, in_words
from officeflow.sdk import KEEP, Effect
from officeflow.sdk.effect_words import EFFECT_WORDS
from officeflow.sdk.places import CONDITION

NOTICE = "<!-- Made by `officeflow node docs docs/nodes` from the catalog. -->"
INDEX = "README.md"

EXAMPLE_CONNECTIONS: Mapping[str, str] = {
    "identity": "directory",
    "mail": "mail",
    "calendar": "calendar",
    "http": "api",
}

# Parameters that an example leaves out, and those that say the same.
ALTERNATIVES: Mapping[str, str] = {
    "start": "date",
    "until": "duration",
    "login": "account_id",
    "external_id": "account_id",
}


def pages() -> dict[str, str]:
    """File name to text."""
    nodes = catalog()
    return {INDEX: index(nodes), **{f"{name}.md": page(node) for name, node in nodes.items()}}


def write(folder: Path) -> list[Path]:
    """Writes the pages that differ from what is there, and removes those of types that are gone; gives the
    paths it touched.
    """
    folder.mkdir(parents=True, exist_ok=True)
    touched = stale(folder)
    wanted = pages()
    for path in touched:
        if path.name in wanted:
            path.write_text(wanted[path.name], encoding="utf-8")
        else:
            path.unlink()
    return touched


def stale(folder: Path) -> list[Path]:
    """The pages that `write` would write or remove."""
    wanted = pages()
    different = [folder / name for name, text in wanted.items() if not _holds(folder / name, text.encode())]
    return different + [path for path in sorted(folder.glob("*.md")) if path.name not in wanted]


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content


def index(nodes: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [
        NOTICE,
        "",
        "# Node types",
        "",
        "Every act that a workflow can take. `officeflow node show TYPE` shows a page in a terminal.",
        "",
    ]
    groups = dict.fromkeys(node["group"] for node in nodes.values())
    for group in groups:
        members = [node for node in nodes.values() if node["group"] == group]
        rows = (
            [
                f"[`{n['type']}`]({n['type']}.md)",
                n["title"],
                _first_sentence(n["description"]),
                n["family"] or "—",
            ]
            for n in members
        )
        lines += [f"## {group}", "", *_table(["type", "", "what it does", "connection"], rows), ""]
    return "\n".join(lines)


def page(node: Mapping[str, Any]) -> str:
    return f"{NOTICE}\n\n{body(node)}"


def body(node: Mapping[str, Any]) -> str:
    """The page as people read it."""
    effect = EFFECT_WORDS[Effect(node["effect"])]
    twice = "" if node["effect_note"] else f": {effect.twice}"
    facts = [
        ["connection", _connection(node)],
        ["effect", f"`{node['effect']}`{twice}"],
        ["undone by", _undone(node)],
        ["proof", node["evidence"]],
        ["plan mode shows", node["plan"]],
        ["after a crash", node["effect_note"] or effect.after_a_crash],
    ]
    params, output = node["params"], node["output"]
    return "\n".join(
        [
            f"# {node['title']}: `{node['type']}`",
            "",
            node["description"],
            "",
            *_table(["", ""], facts),
            "",
            "## Parameters",
            "",
            params.get("description", ""),
            "",
            *_table(["name", "type", "", "description"], fields(params)),
            *_nested(params),
            "",
            "```json",
            json.dumps(example(node), indent=2, ensure_ascii=False),
            "```",
            "",
            "## Output",
            "",
            f"What later nodes read as `nodes.<id>.output`. {output.get('description', '')}",
            "",
            *_table(
                ["name", "type", "description"],
                ([name, kind, text] for name, kind, _, text in fields(output)),
            ),
            "",
        ]
    )


def _connection(node: Mapping[str, Any]) -> str:
    if not node["family"]:
        return "none"
    can = f", of a system that can {in_words(map(Capability, node['needs']))}" if node["needs"] else ""
    return f"one of the family `{node['family']}`{can}"


def _undone(node: Mapping[str, Any]) -> str:
    inverse = f"[`{node['inverse']}`]({node['inverse']}.md)" if node["inverse"] else ""
    if node["undo"]:
        names = ", ".join(f"`{name}`" for name in [*node["undo_ways"], KEEP])
        ways = f" `undo`: {names}." if len(node["undo_ways"]) > 1 else ""
        return f"itself: {node['undo']}{ways}" + (
            f" A workflow may use {inverse} instead." if inverse else ""
        )
    if inverse:
        return inverse
    if node["irreversible"]:
        return "nothing: it is irreversible"
    return "nothing by itself" if node["family"] else "nothing is to be undone"


def _nested(schema: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for name, part in schema.get("$defs", {}).items():
        lines += [
            "",
            f"{name}: {part.get('description', '')}",
            "",
            *_table(["name", "type", "", "description"], fields(part)),
        ]
    return lines


def fields(schema: Mapping[str, Any]) -> Iterable[list[str]]:
    """For each property: name, type, whether it is required or what it is otherwise, description."""
    required = schema.get("required", ())
    for name, prop in schema.get("properties", {}).items():
        default = prop.get("default")
        otherwise = (
            "required"
            if name in required
            else f"`{json.dumps(default, ensure_ascii=False)}`"
            if default not in {None, ""}
            else ""
        )
        text = prop.get("description", "")
        if "x-template" in prop:
            text += " CEL." if prop["x-template"] == CONDITION else f" Template ({prop['x-template']})."
        yield [f"`{name}`", kind_of(prop), otherwise, text]


def kind_of(prop: Mapping[str, Any]) -> str:
    """A property's type in words."""
    if "anyOf" in prop:
        kinds = dict.fromkeys(kind_of(part) for part in prop["anyOf"] if part.get("type") != "null")
        return " or ".join(kinds)
    if "$ref" in prop:
        return str(prop["$ref"]).rpartition("/")[2]
    if "enum" in prop:
        return ", ".join(f"`{value}`" for value in prop["enum"])
    if prop.get("type") == "array":
        return f"list of {kind_of(prop.get('items', {}))}"
    kind = str(prop.get("format") or prop.get("type") or "anything")
    return {"object": "object", "date-time": "moment"}.get(kind, kind)


def example(node: Mapping[str, Any]) -> dict[str, Any]:
    """The node as it may stand in a definition: every parameter that has an example, alternatives left
    out.
    """
    properties = node["params"].get("properties", {})
    left_out = {
        name
        for name, other in ALTERNATIVES.items()
        if other in properties and name not in node["params"].get("required", [])
    }
    params = {
        name: prop["examples"][0]
        for name, prop in properties.items()
        if prop.get("examples") and name not in left_out
    }
    connection = {"connection": EXAMPLE_CONNECTIONS[node["family"]]} if node["family"] else {}
    return {"id": node["type"].partition(".")[2], "type": node["type"], **connection, "params": params}


def _first_sentence(text: str) -> str:
    return text.split("\n\n", maxsplit=1)[0].replace("\n", " ").split(". ")[0].rstrip(".") + "."


def _table(head: list[str], rows: Iterable[Iterable[str]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + [
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows
    ]
