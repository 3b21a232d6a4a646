"""`./officeflow` makes its environments: in a checkout in miniature, with real packages from the real index."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from officeflow.stack.layout import ROOT

pytestmark = pytest.mark.integration

PACKAGES = ("hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers", "click")
NO_NETWORK = {"UV_OFFLINE": "1"}


def pinned(names: tuple[str, ...]) -> str:
    """The lines of `requirements.txt`, hashes too, of these packages alone."""
    blocks = re.findall(r"^[a-z].*(?:\n    .*)*", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    return "\n".join(block for block in blocks if block.split("==")[0] in names) + "\n"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("officeflow", "requirements-installer.txt", "README.md", "LICENSE", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "requirements.txt").write_text(pinned(PACKAGES))
    (folder / "requirements-servers.txt").write_text(pinned(("click",)))
    for package in ("src/officeflow/cli", "dag_factory", "listeners"):
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").touch()
    (folder / "src" / "officeflow" / "__init__.py").touch()
    shutil.copy(ROOT / "src" / "officeflow" / "cli" / "commands.py", folder / "src" / "officeflow" / "cli")
    (folder / "src" / "officeflow" / "cli" / "main.py").write_text("import os, sys, click\nprint(sys.argv[1:], os.getcwd())\n")
    return folder


def call(checkout: Path, *arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("OFFICEFLOW_", "COV"))}
    command = [sys.executable, str(checkout / "officeflow"), *arguments]
    return subprocess.run(command, cwd=cwd, env={**variables, **environment}, capture_output=True, text=True, check=False)


def test_without_a_network_the_first_start_says_so(checkout: Path, tmp_path: Path) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": "/dev/null", "PIP_FIND_LINKS": ""}
    done = call(checkout, "up", OFFICEFLOW_HOME=str(tmp_path), **nowhere)
    assert done.returncode == 1
    assert "is there a network?" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "installer" / ".complete").exists()


def test_the_first_start_installs_and_later_ones_need_no_network(checkout: Path, tmp_path: Path) -> None:
    first = call(checkout, "up", "--no-demo")
    assert first.returncode == 0, first.stderr
    assert "✓ Packages of env" in first.stderr
    assert "✓ Packages of servers" in first.stderr
    second = call(checkout, "up", "--json", cwd=tmp_path, **NO_NETWORK)
    assert second.stdout == f"['up', '--json'] {tmp_path}\n"
    assert second.stderr == ""


@pytest.mark.crash
def test_an_installation_that_was_killed_is_made_again(checkout: Path) -> None:
    home = checkout / ".officeflow"
    call(checkout, "up")
    (home / "env" / ".complete").unlink()
    shutil.rmtree(next((home / "env" / "lib").glob("python*/site-packages/click")))
    victim = subprocess.Popen([sys.executable, checkout / "officeflow", "up"], stderr=subprocess.DEVNULL, start_new_session=True)
    time.sleep(0.5)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    again = call(checkout, "up", **NO_NETWORK)
    assert again.returncode == 0, again.stderr
    assert again.stdout.startswith("['up']")


def test_changed_requirements_are_installed_at_the_next_call(checkout: Path) -> None:
    call(checkout, "up")
    (checkout / "requirements.txt").write_text(pinned((*PACKAGES, "structlog")))
    done = call(checkout, "workflow", "list")
    assert "brought up to date" in done.stderr
    assert list((checkout / ".officeflow" / "env" / "lib").glob("python*/site-packages/structlog"))


def test_a_package_with_another_hash_is_refused(checkout: Path) -> None:
    call(checkout, "up")
    (checkout / "requirements.txt").write_text(re.sub(r"sha256:\w{8}", "sha256:00000000", pinned((*PACKAGES, "jinja2", "markupsafe"))))
    done = call(checkout, "up")
    assert done.returncode == 1
    assert "hash" in done.stderr.lower()
    (checkout / "requirements.txt").write_text(pinned(PACKAGES))
    assert call(checkout, "up").returncode == 0
    assert "requirements.txt" in json.loads((checkout / ".officeflow" / "env" / ".complete").read_text())
