"""A graph as text, DOT (Graphviz) or Mermaid."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from officeflow.workflows import undoing
from officeflow.workflows.flow import OTHERWISE, is_branch, join_mode
from officeflow.workflows.graph import Graph
from officeflow.workflows.loops import Loop, left_by
from officeflow.workflows.models import Definition, Node

ALL_ROUNDS = "all rounds"


def as_text(definition: Definition, graph: Graph) -> str:
    """A line per node in the order of running, with what comes after it and when."""
    lines = [f"{definition.name} ({definition.slug})", f"starts on {', '.join(definition.trigger.events)}"]
    if definition.trigger.filter:
        lines.append(f"  where {definition.trigger.filter}")
    for node in graph.nodes:
        title = f"{node.id}  {_name(node)}  [{node.type}]"
        lines += ["", title, *_loop(graph, node), *_joins(graph, node), *_followers(graph, node)]
        lines += _cannot(definition, node)
    if graph.ending is not None:
        when = "cancelled, marked failed" + (" or failed" if definition.on_failure == "undo" else "")
        lines += ["", f"undo  where it was {when}", *_undoes(definition, graph)]
    for node in graph.compensations:
        lines += [
            "",
            f"{node.id}  {_name(node)}  [{node.type}]",
            f"  undoes ({node.compensation_type}): {', '.join(node.compensates_for)}",
        ]
    return "\n".join(lines) + "\n"


def _loop(graph: Graph, node: Node) -> Iterator[str]:
    if node.each:
        yield f"  for each item of {node.each}"
    for loop in graph.loops:
        if loop.key == node.id:
            yield f"  ↻ {', '.join(loop.body)}  for each item, at most {loop.at_once} at once"


def _joins(graph: Graph, node: Node) -> Iterator[str]:
    """What it waits for, where that is not what every node with several edges waits for."""
    mode, arriving = join_mode(node), [edge for edge in graph.edges if edge.target == node.id]
    if mode != "taken" and len(arriving) > 1:
        yield f"  waits for {mode} of {', '.join(edge.source for edge in arriving)}"


def _undoes(definition: Definition, graph: Graph) -> Iterator[str]:
    for line in undoing.told(definition, (node.id for node in graph.nodes)):
        yield "  " + line.removeprefix("- ").replace("`", "")


def _cannot(definition: Definition, node: Node) -> Iterator[str]:
    spec = undoing.spec_of(node.type)
    if spec is not None and spec.irreversible and not undoing.compensators(definition, node.id):
        yield "  cannot be undone: it is irreversible"


def _followers(graph: Graph, node: Node) -> Iterator[str]:
    each = {key: loop.key for loop in graph.loops for key in loop.body}
    for edge in graph.edges:
        if edge.source == node.id:
            label = f"{edge.label}: " if edge.label and edge.condition else ""
            condition = (
                (edge.label if is_branch(node) else f"{label}{edge.condition}") if edge.condition else ""
            )
            said = f"  if {condition}" if condition else ""
            if edge.default:
                said = f"  {OTHERWISE}" + (f" ({edge.label})" if edge.label != OTHERWISE else "")
            behind = "  after all rounds" if left_by(edge, each) is not None else ""
            yield f"  → {edge.target}{said}{behind}"


def as_dot(definition: Definition, graph: Graph) -> str:
    """As Graphviz reads it, with the edge tasks that Airflow shows."""
    lines = [f"digraph {_quoted(definition.slug)} {{", "  rankdir=LR;", "  node [shape=box, style=rounded];"]
    lines += [
        f"  {_quoted(node.id)} [label={_quoted(f'{_name(node)} ({node.type})')}];" for node in graph.nodes
    ]
    lines += [
        f"  {_quoted(task.key)} [label={_quoted(task.label)}, shape=diamond, style=solid];"
        for task in graph.edge_tasks
    ]
    for loop in graph.loops:
        inner = " ".join(f"{_quoted(key)};" for key in loop.body)
        title = _quoted(_title(definition, loop))
        lines.append(f"  subgraph {_quoted(f'cluster_{loop.key}')} {{ label={title}; {inner} }}")
        lines.append(f"  {_quoted(loop.end)} [label={_quoted(ALL_ROUNDS)}, shape=circle, style=solid];")
    own = {task.key for task in graph.edge_tasks}
    for dependency in graph.dependencies:
        label = (
            f" [label={_quoted(dependency.label)}]"
            if dependency.label and dependency.downstream not in own
            else ""
        )
        lines.append(f"  {_quoted(dependency.upstream)} -> {_quoted(dependency.downstream)}{label};")
    for node in graph.compensations:
        lines.append(f"  {_quoted(node.id)} [label={_quoted(_name(node))}, style=dashed];")
        lines += [
            f"  {_quoted(node.id)} -> {_quoted(key)} [style=dashed, label=undoes];"
            for key in node.compensates_for
        ]
    if graph.ending is not None:
        lines.append(f"  {_quoted(undoing.VERDICT)} [label=Verdict, shape=diamond, style=solid];")
        lines.append(f"  {_quoted(undoing.UNDO)} [label=Undo, style=dashed];")
        lines += [f"  {_quoted(key)} -> {_quoted(undoing.VERDICT)};" for key in graph.ending.verdict_after]
        lines += [
            f"  {_quoted(key)} -> {_quoted(undoing.UNDO)} [style=dashed];" for key in graph.ending.undo_after
        ]
    return "\n".join([*lines, "}"]) + "\n"


def as_mermaid(definition: Definition, graph: Graph) -> str:
    """As Mermaid reads it. Nodes are numbered, since an id may be a word of Mermaid's (`end`)."""
    keys = [
        *(node.id for node in graph.nodes),
        *(loop.end for loop in graph.loops),
        *(task.key for task in graph.edge_tasks),
        *(node.id for node in graph.compensations),
    ]
    number = {key: f"n{index}" for index, key in enumerate(keys)}
    lines = ["flowchart LR"]
    lines += [f'  {number[node.id]}["{_escaped(_name(node))}"]' for node in graph.nodes]
    lines += [f'  {number[task.key]}{{"{_escaped(task.label)}"}}' for task in graph.edge_tasks]
    for index, loop in enumerate(graph.loops):
        inner = " & ".join(number[key] for key in loop.body)
        lines += [f'  subgraph l{index}["{_escaped(_title(definition, loop))}"]', f"    {inner}", "  end"]
        lines.append(f'  {number[loop.end]}(("{ALL_ROUNDS}"))')
    own = {task.key for task in graph.edge_tasks}
    for dependency in graph.dependencies:
        label = (
            f'|"{_escaped(dependency.label)}"|'
            if dependency.label and dependency.downstream not in own
            else ""
        )
        lines.append(f"  {number[dependency.upstream]} -->{label} {number[dependency.downstream]}")
    for node in graph.compensations:
        lines.append(f'  {number[node.id]}["{_escaped(_name(node))}"]')
        lines += [f"  {number[node.id]} -. undoes .-> {number[key]}" for key in node.compensates_for]
    if graph.ending is not None:
        lines += ['  verdict{"Verdict"}', '  undo["Undo"]']
        lines += [f"  {number[key]} --> verdict" for key in graph.ending.verdict_after]
        lines += [f"  {number[key]} -.-> undo" for key in graph.ending.undo_after]
    return "\n".join(lines) + "\n"


FORMATS: Mapping[str, Callable[[Definition, Graph], str]] = {
    "text": as_text,
    "dot": as_dot,
    "mermaid": as_mermaid,
}


def _title(definition: Definition, loop: Loop) -> str:
    return f"for each item of {_name(definition.node(loop.key))}, at most {loop.at_once} at once"


def _name(node: Node) -> str:
    return node.name or node.type


def _quoted(text: str) -> str:
    """A DOT string (https://graphviz.org/doc/info/lang.html): only quotes and backslashes need care."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)


def _escaped(text: str) -> str:
    """Inside Mermaid's quotes: entities for what would end them or be read as markup (https://mermaid.js.org/syntax/flowchart.html)."""
    plain = " ".join(text.split()).replace("#", "#35;").replace("&", "#amp;")
    return plain.replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
