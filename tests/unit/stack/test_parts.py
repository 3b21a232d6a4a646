"""When a part of the stack is ready."""

from __future__ import annotations

import os
import time

from officeflow.layout import Layout
from officeflow.stack import parts


def test_a_listener_is_healthy_while_it_lives_writes_and_works(layout: Layout) -> None:
    path = layout.home / "health" / "steward.json"
    assert not parts._is_healthy(layout, "steward")
    path.parent.mkdir()
    path.write_text(f'{{"pid": {os.getpid()}, "state": "working"}}')
    assert parts._is_healthy(layout, "steward")
    path.write_text(f'{{"pid": {os.getpid()}, "state": "waiting for the database"}}')
    assert not parts._is_healthy(layout, "steward")
    path.write_text('{"pid": 999999999, "state": "working"}')
    assert not parts._is_healthy(layout, "steward")
    path.write_text(f'{{"pid": {os.getpid()}, "state": "working"}}')
    os.utime(path, (time.time() - 60, time.time() - 60))
    assert not parts._is_healthy(layout, "steward")
