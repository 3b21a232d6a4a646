"""What the contract of node types needs to know about each of them: parameters that do something, and how to
see what was done. Families have their cases in `cases/<family>.py`, or in modules of `cases/<family>/`, by
the name within the family.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from officeflow.sdk import Answer
from tests.nodes.world import World

Params = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """`arrange` prepares the world and may give parameters beside `params`. `effects` counts what was done,
    by the system's own records. `wrong` are parameters that cannot do. `changes` is False for a type that
    changes nothing anywhere. `answer` is what a person has said. `stops` is True for a type that always
    fails, which is its purpose.
    """

    params: Params
    wrong: Params
    connection: str | None = None
    arrange: Callable[[World], Params] = lambda _: {}
    effects: Callable[[World], int] = lambda _: 0
    changes: bool = True
    answer: Answer | None = None
    stops: bool = False
    is_undone: Mapping[str, Callable[[World], bool]] = field(default_factory=dict)
    """For each way that the type knows: whether the world is as it was before the act."""


def all_cases() -> dict[str, Case]:
    """Every family's, by the node type's full name."""
    folder = Path(__file__).parent / "cases"
    modules = sorted(path.relative_to(folder).with_suffix("").parts for path in folder.rglob("*.py"))
    return {
        f"{parts[0]}.{name}": case
        for parts in modules
        for name, case in importlib.import_module(".".join(("tests.nodes.cases", *parts))).CASES.items()
    }
