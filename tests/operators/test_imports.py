"""What operators are, and that importing them opens nothing."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from officeflow import connectors
from officeflow.catalog import registry
from officeflow.nodes.audit.record import Record

CONNECTORS = tuple(
    f"officeflow.connectors.{declaration.parent.name}"
    for declaration in Path(connectors.__path__[0]).glob("*/provider.py")
)
LATER = ("officeflow.database", "officeflow.runner.run", *CONNECTORS)
HEAVY = ("psycopg", "cel_expr_python", "caldav", "icalendar", "scim2_models", "confluent_kafka")


@pytest.mark.parametrize("name", registry.type_names())
def test_every_node_type_has_one_operator_named_after_it(name: str) -> None:
    from dag_factory.operators import operator_class

    operator = operator_class(name)
    assert operator.node is registry.node_type(name)
    family, _, act = name.partition(".")
    expected = "".join(part.title() for part in act.split("_")) + "Operator"
    assert operator.__name__ == expected  # type: ignore[attr-defined]
    assert operator.__module__ == f"operators.{family}"
    assert getattr(importlib.import_module(operator.__module__), expected) is operator


def test_a_node_type_from_elsewhere_has_one_operator_whoever_asks() -> None:
    from operators.making import operator_of

    class PrintBadge(Record):
        spec = dataclasses.replace(Record.spec, type="badges.print_badge")

    made = operator_of(PrintBadge)
    assert (made.__name__, made.__module__, made.node) == (
        "PrintBadgeOperator",
        "operators.making",
        PrintBadge,
    )
    assert operator_of(PrintBadge) is made
    task = made(task_id="badge", org="acme", node_params={"action": "a", "subject": "b"})
    assert task.task_type == "PrintBadgeOperator"


def test_operators_are_declarations_alone() -> None:
    import operators
    from operators.base import NodeOperator

    for module in pkgutil.iter_modules(operators.__path__):
        for value in vars(importlib.import_module(f"operators.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, NodeOperator) and value is not NodeOperator:
                declared = {name for name in vars(value) if not name.startswith("_")}
                also = (
                    {"node_input"} if module.name == "undo" else set()
                )  # it asks Airflow for a task's state
                assert declared == {"node"} | also, (
                    f"{value.__name__}: what a node does belongs into its node type"
                )


def test_importing_all_operators_imports_no_database_no_runner_and_no_connector() -> None:
    families = sorted({name.partition(".")[0] for name in registry.type_names()})
    code = (
        f"import sys, importlib; [importlib.import_module('operators.' + f) for f in {families!r}];"
        f"print(sorted(m for m in {LATER + HEAVY!r} if m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment()
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_airflow_does_not_take_an_operators_file_for_a_plugin_of_its_name(tmp_path: Path) -> None:
    """It would execute `operators/http.py` as the module `http`, in the place of Python's own."""
    code = (
        "import http; from airflow import plugins_manager as p; p.ensure_plugins_loaded(); import sys;"
        " print(sys.modules['http'] is http)"
    )
    folder = {"AIRFLOW__CORE__PLUGINS_FOLDER": _environment()["PYTHONPATH"], "AIRFLOW_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment() | folder
    )
    assert done.stdout.splitlines()[-1] == "True"


def _environment() -> dict[str, str]:
    import os

    from dag_factory.operators import PLUGINS

    return {**os.environ, "PYTHONPATH": str(PLUGINS)}
