"""Where a home is, and what it keeps."""

from __future__ import annotations

import os
from pathlib import Path

from officeflow.layout import SOCKET_PATH_LIMIT, Layout, read_json


def test_home_and_servers_follow_the_environment(tmp_path: Path) -> None:
    assert Layout.from_environment({"OFFICEFLOW_HOME": str(tmp_path)}).servers == tmp_path / "servers"
    assert Layout.from_environment({"OFFICEFLOW_SERVERS": str(tmp_path)}).servers == tmp_path


def test_a_deep_home_has_its_socket_where_the_path_is_short(tmp_path: Path) -> None:
    deep = Layout(home=tmp_path / ("x" * 90), servers=tmp_path)
    assert len(os.fsencode(deep.socket)) <= SOCKET_PATH_LIMIT
    assert Layout(home=tmp_path / ("y" * 90), servers=tmp_path).socket != deep.socket


def test_a_broken_file_reads_as_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "half.json").write_text('{"a": 1')
    (tmp_path / "list.json").write_text("[1]")
    assert (
        read_json(tmp_path / "half.json")
        == read_json(tmp_path / "list.json")
        == read_json(tmp_path / "none.json")
        == {}
    )
