"""Keycloak is fetched and built once for all who share a cache, whole or not at all."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from officeflow.errors import Unavailable
from officeflow.layout import Layout
from officeflow.stack.progress import TextProgress
from officeflow.stack.servers import fetch_jars, keycloak
from tests.unit.stack.servers.programs import program

JAVA = """
case "$*" in
  *-version*) echo 'openjdk version "21"' >&2 ;;
  *" build "*) echo build >> {calls}; {build} ;;
  *bootstrap-admin*) echo bootstrap >> {calls}; mkdir -p data/h2
    echo "$OPERATOR_SECRET" > data/h2/keycloakdb.mv.db ;;
esac
"""
FETCH = """
cd "$(mktemp -d -p {scratch})"
echo fetch >> {calls}
mkdir -p keycloak-1/lib && touch keycloak-1/lib/quarkus-run.jar
{python} -m zipfile -c "$3"/{archive} keycloak-1
echo 'g:a:1 done'
"""
ARCHIVE = fetch_jars.jar_name(fetch_jars.read_lock(keycloak.LOCK)[0][0])


class Machine:
    """With programs that stand for Java and for what fetches; both say that they were called."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.calls_file = folder, folder / "calls"
        self.java = folder / "java"
        self.let_build("true")

    def let_build(self, how: str) -> None:
        program(self.java, JAVA.format(calls=self.calls_file, build=how))

    def checkout(self, name: str) -> Layout:
        """All have one cache."""
        home = self.folder / name
        home.mkdir()
        (self.folder / "cache").mkdir(exist_ok=True)
        (home / "cache").symlink_to(self.folder / "cache")
        layout = Layout(home=home, servers=home / "servers")
        fetching = FETCH.format(
            calls=self.calls_file, python=sys.executable, archive=ARCHIVE, scratch=self.folder
        )
        program(layout.servers_python, fetching)
        return layout

    def prepare(self, layout: Layout) -> dict[str, str]:
        with TextProgress().step("Keycloak") as step:
            keycloak.prepare(layout, step)
        told: dict[str, str] = json.loads(keycloak.place_file(layout).read_text())
        return told

    def calls(self) -> list[str]:
        return self.calls_file.read_text().split()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.setenv("OFFICEFLOW_JAVA", str(machine.java))
    monkeypatch.setenv("PATH", os.defpath)
    return machine


def test_a_second_checkout_with_the_same_cache_neither_fetches_nor_builds(machine: Machine) -> None:
    first, second = (machine.prepare(machine.checkout(name)) for name in ("first", "second"))
    assert machine.calls() == ["fetch", "build", "bootstrap"]
    assert first == second
    assert Path(first["server"]).is_relative_to(machine.folder / "cache")
    secret = Path(first["secret_file"])
    assert Path(first["database"]).read_text().strip() == secret.read_text()
    assert secret.stat().st_mode & 0o777 == 0o600


def test_other_options_are_built_of_the_archive_that_is_there(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = machine.checkout("only")
    first = machine.prepare(layout)
    monkeypatch.setattr(keycloak, "BUILT_FOR", ("--db=dev-mem",))
    assert machine.prepare(layout)["server"] != first["server"]
    assert machine.calls() == ["fetch", "build", "bootstrap", "build", "bootstrap"]


def test_a_build_that_fails_is_said_and_done_again(machine: Machine) -> None:
    layout = machine.checkout("only")
    machine.let_build("echo 'ERROR: no such option' >&2; exit 2")
    with pytest.raises(Unavailable, match="`build` failed: ERROR: no such option"):
        machine.prepare(layout)
    assert not keycloak.place_file(layout).exists()
    machine.let_build("true")
    assert Path(machine.prepare(layout)["server"]).is_dir()
    assert machine.calls() == ["fetch", "build", "build", "bootstrap"]
