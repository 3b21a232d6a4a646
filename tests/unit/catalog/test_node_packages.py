"""Node types of a company's own: `docs/node-types.md` is followed word for word."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from dag_factory.operators import PLUGINS

PAGE = Path(__file__).parents[3] / "docs" / "node-types.md"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The page's package."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    folder = tmp_path / "acme_nodes"
    (folder / "badges").mkdir(parents=True)
    for path in (folder, folder / "badges"):
        (path / "__init__.py").touch()
    (folder / "badges" / "print_badge.py").write_text(textwrap.dedent(found[1]), encoding="utf-8")
    return folder


def python(folder: Path, packages: str, program: str, given: str = "") -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder), str(PLUGINS)])
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path, "OFFICEFLOW_NODE_PACKAGES": packages},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_type_of_a_named_package_is_in_the_catalog_beside_ours(package: Path) -> None:
    program = "from officeflow.catalog.registry import node_types; print(*node_types())"
    names = python(package.parent, "acme_nodes", program).stdout.split()
    assert {"badges.print_badge", "audit.record", "flow.delay"} <= set(names)
    assert "badges.print_badge" not in python(package.parent, "", program).stdout


def test_the_command_shows_its_page(package: Path) -> None:
    program = (
        "import sys; sys.argv = ['officeflow', 'node', 'show', 'badges.print_badge']; from"
        " officeflow.cli.main import run; run()"
    )
    assert "# Print badge: `badges.print_badge`" in python(package.parent, "acme_nodes", program).stdout


def test_a_workflow_with_it_builds_and_its_task_has_an_operator_of_that_name(package: Path) -> None:
    node = {"id": "badge", "type": "badges.print_badge", "params": {"name": "Ada"}}
    definition = {
        "slug": "badge",
        "name": "Badge",
        "trigger": {"events": ["employee.onboard"]},
        "nodes": [node],
        "edges": [],
    }
    program = (
        "import json, sys; from dag_factory.airflow_dag import build\n"
        "task = build('acme', json.load(sys.stdin), version=1, content_hash='h').get_task('badge')\n"
        "print(task.task_type, task.node.spec.type)"
    )
    done = python(package.parent, "acme_nodes", program, json.dumps(definition))
    assert done.stdout.splitlines()[-1:] == ["PrintBadgeOperator badges.print_badge"], done.stderr


def test_a_workflow_whose_package_nobody_names_is_refused_with_the_type_and_the_variable(
    package: Path,
) -> None:
    program = "from dag_factory.operators import operator_class; operator_class('badges.print_badge')"
    told = python(package.parent, "", program).stderr.strip().splitlines()[-1]
    assert (
        "NodeTypeMissing: there is no node type 'badges.print_badge' (OFFICEFLOW_NODE_PACKAGES names" in told
    )


def test_a_package_that_cannot_be_imported_is_named(package: Path) -> None:
    done = python(
        package.parent,
        "acme_nodes, acme_modes",
        "from officeflow.catalog.registry import is_known; is_known('flow.delay')",
    )
    assert "InvalidInput" in done.stderr
    assert "the package acme_modes cannot be found: No module named 'acme_modes'" in done.stderr
    assert "OFFICEFLOW_NODE_PACKAGES" in done.stderr


@pytest.mark.parametrize("mistake", ["def", "import no_such_module", "raise RuntimeError('at import')"])
def test_a_file_that_fails_is_named_in_one_line(package: Path, mistake: str) -> None:
    (package / "badges" / "print_badge.py").write_text(mistake, encoding="utf-8")
    program = (
        "import sys; sys.argv = ['officeflow', 'node', 'list']; from officeflow.cli.main import run; run()"
    )
    done = python(package.parent, "acme_nodes", program)
    assert done.returncode == 1
    assert done.stderr.startswith("officeflow: acme_nodes.badges.print_badge cannot be imported: ")
    assert len(done.stderr.splitlines()) == 1


def test_packages_in_the_home_are_found_and_take_the_place_of_none_of_ours(
    package: Path, tmp_path: Path
) -> None:
    """`packages` of the home comes last; what is installed there as a folder is found by its `.pth` file."""
    folder = tmp_path / "home" / "packages"
    folder.mkdir(parents=True)
    (folder / "acme.pth").write_text(f"{package.parent}\n")
    (folder / "click.py").write_text("raise RuntimeError('not ours')")
    program = (
        "from officeflow.catalog.registry import is_known; import click;"
        " print(is_known('badges.print_badge'), click.Path.__name__)"
    )
    variables = {
        **os.environ,
        "OFFICEFLOW_HOME": str(tmp_path / "home"),
        "OFFICEFLOW_NODE_PACKAGES": "acme_nodes",
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], env=variables, capture_output=True, text=True, check=False
    )
    assert done.stdout == "True Path\n", done.stderr


def test_a_package_may_not_replace_a_type_of_ours(package: Path) -> None:
    (package / "flow").mkdir()
    (package / "flow" / "__init__.py").touch()
    (package / "flow" / "delay.py").touch()
    done = python(
        package.parent, "acme_nodes", "from officeflow.catalog.registry import type_names; type_names()"
    )
    assert "acme_nodes declares flow.delay, which officeflow.nodes has already" in done.stderr
