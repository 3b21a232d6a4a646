"""Secrets are made once, for their owner alone."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

from officeflow.layout import Layout
from officeflow.stack.secrets import Secrets


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


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
