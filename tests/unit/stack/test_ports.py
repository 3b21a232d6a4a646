"""Ports: the usual ones, or the next that nobody has."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from officeflow.errors import Unavailable
from officeflow.layout import Layout, read_json, write_private
from officeflow.stack import ports


def test_a_taken_port_is_moved_and_the_move_is_remembered(
    layout: Layout, listening: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "defaults", lambda: {"kafka": listening})
    chosen = ports.choose(layout, ["kafka"])["kafka"]
    assert chosen > listening
    assert ports.choose(layout, ["kafka"]) == {"kafka": chosen}
    assert read_json(layout.home / "ports.json") == {"kafka": chosen}


def test_a_running_server_keeps_its_port(layout: Layout, listening: int) -> None:
    write_private(layout.home / "ports.json", json.dumps({"kafka": listening}))
    assert ports.choose(layout, ["kafka"], in_use=["kafka"]) == {"kafka": listening}


def test_two_checkouts_that_start_at_once_choose_different_ports(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    monkeypatch.setattr(ports, "defaults", lambda: {"kafka": free})
    other = Layout(home=tmp_path / "other", servers=tmp_path)
    other.prepare()
    assert ports.choose(layout, ["kafka"]) == {"kafka": free}
    assert ports.choose(other, ["kafka"])["kafka"] > free
    ports.release(layout)
    (other.home / "ports.json").unlink()
    assert ports.choose(other, ["kafka"]) == {"kafka": free}


def test_no_port_left_is_said(layout: Layout, listening: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "defaults", lambda: {"kafka": listening})
    monkeypatch.setattr(ports, "TRIES", 1)
    with pytest.raises(Unavailable, match="no free port"):
        ports.choose(layout, ["kafka"])


def test_a_broken_note_of_all_checkouts_ports_is_started_anew(layout: Layout) -> None:
    ports._claims_file().write_text("{")
    assert ports.choose(layout, ["kafka"])
    assert len(json.loads(ports._claims_file().read_text())) == 1
