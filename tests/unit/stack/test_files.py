"""Folders, secrets, ports, given services, logs: what the stack keeps and reads."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from officeflow.errors import Unavailable
from officeflow.layout import SOCKET_PATH_LIMIT, Layout, read_json, write_private
from officeflow.settings import KafkaAccess
from officeflow.stack import ports
from officeflow.stack.secrets import Secrets
from officeflow.stack.servers import counterparts
from officeflow.stack.stack import Given, Stack
from officeflow.stack.supervision import logfiles


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A home of the test's own; what checkouts share is the test's own too."""
    shared = tmp_path / "tmp"
    shared.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(shared))
    made = Layout(home=tmp_path / "home", servers=tmp_path / "servers")
    made.prepare()
    return made


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_home_and_servers_follow_the_environment(tmp_path: Path) -> None:
    assert Layout.from_environment({"OFFICEFLOW_HOME": str(tmp_path)}).servers == tmp_path / "servers"
    assert Layout.from_environment({"OFFICEFLOW_SERVERS": str(tmp_path)}).servers == tmp_path


def test_a_deep_home_has_its_socket_where_the_path_is_short(tmp_path: Path) -> None:
    deep = Layout(home=tmp_path / ("x" * 90), servers=tmp_path)
    assert len(os.fsencode(deep.socket)) <= SOCKET_PATH_LIMIT
    assert Layout(home=tmp_path / ("y" * 90), servers=tmp_path).socket != deep.socket


def test_run_folder_and_secrets_are_the_owners_alone(layout: Layout) -> None:
    secrets = Secrets(layout.home / "secrets.json")
    assert len(secrets["valkey"]) >= 24
    assert mode(secrets.path) == 0o600
    assert mode(layout.run) == 0o700


def test_a_secret_stays_and_two_who_ask_first_get_the_same(layout: Layout) -> None:
    seen: list[str] = []
    threads = [
        threading.Thread(target=lambda: seen.append(Secrets(layout.home / "secrets.json")["one"]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 1
    assert Secrets(layout.home / "secrets.json")["two"] != seen[0]


def test_a_broken_file_reads_as_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "half.json").write_text('{"a": 1')
    (tmp_path / "list.json").write_text("[1]")
    assert (
        read_json(tmp_path / "half.json")
        == read_json(tmp_path / "list.json")
        == read_json(tmp_path / "none.json")
        == {}
    )


def test_a_taken_port_is_moved_and_the_move_is_remembered(
    layout: Layout, listening: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "DEFAULTS", {"kafka": listening})
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
    monkeypatch.setattr(ports, "DEFAULTS", {"kafka": free})
    other = Layout(home=tmp_path / "other", servers=tmp_path)
    other.prepare()
    assert ports.choose(layout, ["kafka"]) == {"kafka": free}
    assert ports.choose(other, ["kafka"])["kafka"] > free
    ports.release(layout)
    (other.home / "ports.json").unlink()
    assert ports.choose(other, ["kafka"]) == {"kafka": free}


def test_no_port_left_is_said(layout: Layout, listening: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "DEFAULTS", {"kafka": listening})
    monkeypatch.setattr(ports, "TRIES", 1)
    with pytest.raises(Unavailable, match="no free port"):
        ports.choose(layout, ["kafka"])


def test_a_broken_note_of_all_checkouts_ports_is_started_anew(layout: Layout) -> None:
    ports._claims_file().write_text("{")
    assert ports.choose(layout, ["kafka"])
    assert len(json.loads(ports._claims_file().read_text())) == 1


def test_given_services_replace_our_addresses(layout: Layout) -> None:
    given = Given.from_environment(
        layout, {"OFFICEFLOW_KAFKA_BOOTSTRAP": "k:1", "OFFICEFLOW_DATABASE_URL": "postgresql://elsewhere/o"}
    )
    stack = Stack(layout, ports.DEFAULTS, given)
    assert stack.kafka == KafkaAccess("k:1")
    addresses = [stack.environment[f"OFFICEFLOW_DATABASE_{kind}URL"] for kind in ("", "TENANT_", "SERVICE_")]
    assert addresses == ["postgresql://elsewhere/o"] * 3, (
        "processes are not given the owner's under its own name"
    )
    assert "127.0.0.1:16379" in stack.redis_url
    assert not given.both_databases


def test_a_process_of_the_stack_that_calls_up_gives_nothing(layout: Layout) -> None:
    stack = Stack(layout, ports.DEFAULTS, Given(redis_url="redis://elsewhere"))
    write_private(layout.state_file, json.dumps({"environment": stack.environment, "given": ["redis_url"]}))
    assert Given.from_environment(layout, stack.environment) == Given(redis_url="redis://elsewhere")


def test_a_password_with_signs_is_quoted_in_addresses(layout: Layout) -> None:
    write_private(layout.home / "secrets.json", json.dumps({"postgres_officeflow": "a/b@c"}))
    assert "officeflow:a%2Fb%40c@127.0.0.1" in Stack(layout, ports.DEFAULTS).database_url


def test_last_lines_are_the_last_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(f"{n}\n" for n in range(1000)))
    assert logfiles.last_lines(path, 2) == ["998", "999"]
    assert logfiles.last_lines(path, 3, end=len("0\n1\n2\n3")) == ["1", "2", "3"]
    assert logfiles.last_lines(tmp_path / "none.log", 2) == []


def test_no_lines_are_none_and_many_are_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logfiles, "BLOCK", 64)
    path = tmp_path / "a.log"
    lines = [f"line {n} \x85\u2028" for n in range(1000)]
    path.write_text("\n".join(lines) + "\n")
    assert logfiles.last_lines(path, 0) == []
    assert logfiles.last_lines(path, 900) == lines[-900:]
    assert logfiles.last_lines(path, 5000) == lines


def test_following_shows_whole_lines_and_goes_on_after_a_rotation(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("old\n")
    steps = iter(
        [lambda: _append(path, "ne"), lambda: _append(path, "w\nhal"), lambda: _rotate(path), lambda: None]
    )

    def until() -> bool:
        step = next(steps, None)
        if step:
            step()
        return step is None

    seen = list(logfiles.follow({"a": path}, until=until))
    assert seen == [("a", "new"), ("a", "hal"), ("a", "after")]


def test_following_begins_where_it_is_told_and_with_files_that_come_later(tmp_path: Path) -> None:
    first, later = tmp_path / "a.log", tmp_path / "b.log"
    first.write_text("old\nshown later\n")
    steps = iter(
        [
            lambda: _append(later, "b1\n"),
            lambda: _append(first, "last of it\n") or _rotate(first),
            lambda: None,
        ]
    )

    def until() -> bool:
        step = next(steps, None)
        if step:
            step()
        return step is None

    seen = list(logfiles.follow({"a": first, "b": later}, starts={"a": len("old\n"), "b": 0}, until=until))
    assert seen == [("a", "shown later"), ("b", "b1"), ("a", "last of it"), ("a", "after")]


def _append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def _rotate(path: Path) -> None:
    path.rename(path.with_suffix(".log.1"))
    path.write_text("after\n")


@pytest.mark.parametrize("forgetful", [False, True])
def test_the_directory_forgets_identities_only_where_that_is_asked_for(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, forgetful: bool
) -> None:
    monkeypatch.delenv(counterparts.FORGETFUL, raising=False)
    if forgetful:
        monkeypatch.setenv(counterparts.FORGETFUL, "yes")
    (scim,) = (
        each
        for each in counterparts.counterpart_services(Stack(layout, ports.DEFAULTS))
        if each.name == "scim"
    )
    assert ("--forgets" in scim.command) is forgetful
