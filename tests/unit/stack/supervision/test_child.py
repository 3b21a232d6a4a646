"""What becomes a process of the stack."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from officeflow.layout import Layout, write_private
from officeflow.stack.supervision import child


def test_a_child_becomes_its_command_in_its_folder_with_its_environment_alone(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    specification = layout.run / "it.json"
    write_private(
        specification,
        '{"command": ["/bin/it", "now"], "environment": {"A": "1"}, "directory": "/", "user": null,'
        ' "parent_death_signal": "CHLD"}',
    )
    became: list[object] = []
    monkeypatch.chdir(layout.home)
    monkeypatch.setattr(os, "execve", lambda *arguments: became.extend(arguments))
    child.main(str(specification))
    assert became == ["/bin/it", ["/bin/it", "now"], {"A": "1"}]
    assert Path.cwd() == Path("/")
    assert (layout.run / "it.pid").read_text() == str(os.getpid())
