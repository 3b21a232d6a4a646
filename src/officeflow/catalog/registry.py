"""Which node types exist: what stands in `officeflow/nodes/<family>/<type>.py`, found when somebody asks.

A type's name is its place: `identity.create_account` is `officeflow/nodes/identity/create_account.py`. So
listing the names imports no node, and looking one up imports that one alone. The packages that
`OFFICEFLOW_NODE_PACKAGES` names are searched the same way.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Any

from officeflow import nodes, packages
from officeflow.errors import NodeTypeMissing, OfficeFlowError
from officeflow.program import typed
from officeflow.sdk import KEEP, Node, NodeSpec

OURS = nodes.__name__

WHERE_OTHERS_ARE = "OFFICEFLOW_NODE_PACKAGES names the packages with node types of your own"


class BrokenNodeType(OfficeFlowError):
    """A file that does not declare the one node type that its place promises, or a place that is taken: a
    mistake of its author.
    """

    code = "broken_node_type"


@functools.cache
def type_names() -> tuple[str, ...]:
    """The names of all node types, sorted."""
    return tuple(sorted(_modules()))


@functools.cache
def _modules() -> Mapping[str, str]:
    """The module of every node type, by the type's name."""
    found: dict[str, str] = {}
    for package in (OURS, *packages.named()):
        for name in _types_in(package):
            if name in found:
                raise BrokenNodeType(
                    f"{package} declares {name}, which {found[name].removesuffix('.' + name)} has already",
                    hint="rename it",
                )
            found[name] = f"{package}.{name}"
    return MappingProxyType(found)


def _types_in(package: str) -> list[str]:
    try:
        root = importlib.import_module(package)
        folders = [module.name for module in pkgutil.iter_modules(root.__path__) if module.ispkg]
        families = [name for name in folders if name != packages.CONNECTORS]
        return [f"{family}.{name}" for family in families for name in _files_of(f"{package}.{family}")]
    except Exception as error:
        raise packages.cannot_be_searched("node types", package, error) from error


def _files_of(family: str) -> list[str]:
    package = importlib.import_module(family)
    return [
        module.name for module in pkgutil.iter_modules(package.__path__) if not module.name.startswith("_")
    ]


def is_known(name: str) -> bool:
    return name in _modules()


def is_ours(name: str) -> bool:
    """Whether the type comes with OfficeFlow, and not from one of the packages that the settings name."""
    return _modules().get(name) == f"{OURS}.{name}"


@functools.cache
def node_type(name: str) -> type[Node[Any, Any, Any]]:
    """The node type called `name`; `NodeTypeMissing` suggests the nearest name."""
    if not is_known(name):
        raise NodeTypeMissing(f"there is no node type {name!r}", hint=suggestion(name))
    return _declared_in(_imported(_modules()[name]), name)


def suggestion(name: str) -> str:
    """What to say to somebody who wrote `name`, which is none: the nearest names, or where the list is."""
    near = difflib.get_close_matches(name, type_names(), n=2, cutoff=0.6)
    near = near or [known for known in type_names() if known.partition(".")[2] == name.rpartition(".")[2]]
    return (
        f"did you mean {' or '.join(near)}?"
        if near
        else f"`{typed('node list')}` shows them all; {WHERE_OTHERS_ARE}"
    )


def missing(name: str) -> NodeTypeMissing:
    """Of a type that a published workflow uses: it was known when that was published."""
    return NodeTypeMissing(f"there is no node type {name!r}", hint=WHERE_OTHERS_ARE)


def _imported(module: str) -> ModuleType:
    """`BrokenNodeType` where its author's code fails, in whatever way."""
    try:
        return importlib.import_module(module)
    except Exception as error:
        raise BrokenNodeType(
            f"{module} cannot be imported: {type(error).__name__}: {error}", hint="correct that file"
        ) from error


def _declared_in(module: ModuleType, name: str) -> type[Node[Any, Any, Any]]:
    """The node type that the module itself makes, with a specification of its own."""
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Node) and value.__module__ == module.__name__
    ]
    found = [value for value in own if isinstance(vars(value).get("spec"), NodeSpec)]
    if len(found) != 1 or vars(found[0])["spec"].type != name:
        declared = ", ".join(vars(node)["spec"].type for node in found) or "none"
        raise BrokenNodeType(
            f"{module.__name__} must declare the one node type {name}; it declares: {declared}"
        )
    _check_undo(found[0])
    return found[0]


def _check_undo(node: type[Node[Any, Any, Any]]) -> None:
    """What a type says about undoing is what it does."""
    spec, is_there = node.spec, node.undo is not Node.undo
    if spec.undo and not is_there:
        raise BrokenNodeType(f"{spec.type} says how it undoes, and has no method `undo`")
    if is_there and not spec.undo:
        raise BrokenNodeType(f"{spec.type} has a method `undo`, and its spec does not say how it undoes")
    if spec.undo_ways and not spec.undo:
        raise BrokenNodeType(f"{spec.type} names ways to undo, and does not say how it undoes")
    if KEEP in {way.name for way in spec.undo_ways} or len({way.name for way in spec.ways}) < len(spec.ways):
        raise BrokenNodeType(f"{spec.type}: ways to undo have names of their own, and none is {KEEP}")
    if spec.undo and spec.irreversible:
        raise BrokenNodeType(f"{spec.type} says how it undoes, and that it is irreversible")


def node_types() -> Mapping[str, type[Node[Any, Any, Any]]]:
    """All node types by name, in the order of their names."""
    return MappingProxyType({name: node_type(name) for name in type_names()})
