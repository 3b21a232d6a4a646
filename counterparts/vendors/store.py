"""The state of a fake: documents by kind and id, in memory, and in a SQLite file after every transaction.

Documents are never changed in place: what `get` and `all` give is read, and `put` takes what replaces it. A
write can be hidden from readers for a while (`hide`): eventual consistency.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Document = Mapping[str, Any]
Key = tuple[str, str]
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS documents (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY"
    " KEY (kind, id))"
)


@dataclass
class Veil:
    """What readers see in the place of what was written: until `reads` of them came by, or `until` (monotonic
    seconds). `routes` are those readers, as `GET /users`; empty means all.
    """

    old: Mapping[Key, Document | None]
    routes: frozenset[str]
    reads: int | None = None
    until: float | None = None

    @property
    def over(self) -> bool:
        return self.reads == 0 or (self.until is not None and time.monotonic() >= self.until)

    def hangs(self, route: str) -> bool:
        return not self.over and (not self.routes or route in self.routes)


class Undone(Exception):
    """Ends a transaction whose changes are taken back."""


class Store:
    """Safe from several threads: a transaction and a reading exclude each other."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=NORMAL")
        self._file.execute(SCHEMA)
        self._kinds: dict[str, dict[str, Document]] = {}
        for kind, identity, body in self._file.execute("SELECT kind, id, body FROM documents ORDER BY rowid"):
            self._kinds.setdefault(kind, {})[identity] = json.loads(body)
        self._lock = threading.RLock()
        self._undo: dict[Key, Document | None] | None = None
        self._veils: list[Veil] = []
        self._over: dict[Key, Document | None] = {}

    @property
    def empty(self) -> bool:
        return not any(self._kinds.values())

    def get(self, kind: str, identity: str) -> Document | None:
        if (kind, identity) in self._over:
            return self._over[kind, identity]
        return self._kinds.get(kind, {}).get(identity)

    def all(self, kind: str) -> list[Document]:
        """In the order in which they were put first."""
        known = self._kinds.get(kind, {})
        over = {identity: old for (hidden, identity), old in self._over.items() if hidden == kind}
        if not over:
            return list(known.values())
        seen = [over.get(identity, document) for identity, document in known.items()]
        seen += [old for identity, old in over.items() if identity not in known]
        return [document for document in seen if document is not None]

    def put(self, kind: str, identity: str, document: Document) -> Document:
        kept: Document = json.loads(json.dumps(document))
        self._remember(kind, identity)
        self._kinds.setdefault(kind, {})[identity] = kept
        return kept

    def change(self, kind: str, identity: str, **fields: Any) -> Document:
        """The document with these fields; `KeyError` if there is none."""
        return self.put(kind, identity, {**self._kinds[kind][identity], **fields})

    def remove(self, kind: str, identity: str) -> bool:
        if identity not in self._kinds.get(kind, {}):
            return False
        self._remember(kind, identity)
        del self._kinds[kind][identity]
        return True

    def _remember(self, kind: str, identity: str) -> None:
        if self._undo is None:
            raise RuntimeError("writes stand in a transaction")
        self._undo.setdefault((kind, identity), self._kinds.get(kind, {}).get(identity))

    @contextmanager
    def transaction(self) -> Iterator[dict[Key, Document | None]]:
        """What it yields fills up with what each changed document was before. Any exception takes the changes
        back; `Undone` does not leave.
        """
        with self._lock:
            if self._undo is not None:
                yield self._undo
                return
            self._undo = {}
            try:
                yield self._undo
                self._write(self._undo)
            except BaseException as error:
                self._take_back(self._undo)
                if not isinstance(error, Undone):
                    raise
            finally:
                self._undo = None

    def _write(self, keys: Iterable[Key]) -> None:
        self._file.execute("BEGIN")
        for kind, identity in keys:
            document = self._kinds.get(kind, {}).get(identity)
            if document is None:
                self._file.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, identity))
            else:
                self._file.execute(
                    "INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body ="
                    " excluded.body",
                    (kind, identity, json.dumps(document)),
                )
        self._file.execute("COMMIT")

    def _take_back(self, undo: Mapping[Key, Document | None]) -> None:
        for (kind, identity), old in undo.items():
            if old is None:
                self._kinds.get(kind, {}).pop(identity, None)
            else:
                self._kinds.setdefault(kind, {})[identity] = old

    @contextmanager
    def reading(self, route: str) -> Iterator[None]:
        """What is read inside is what this route (`GET /users`) sees."""
        with self._lock:
            hanging = [veil for veil in self._veils if veil.hangs(route)]
            for veil in reversed(hanging):
                self._over.update(veil.old)
                veil.reads = None if veil.reads is None else veil.reads - 1
            try:
                yield
            finally:
                self._over.clear()

    def hide(self, veil: Veil) -> None:
        with self._lock:
            self._veils = [*(each for each in self._veils if not each.over), veil]

    def keys(self, kind: str) -> list[tuple[str, Document]]:
        """As `all`, with the ids, and nothing hidden."""
        return list(self._kinds.get(kind, {}).items())

    def clear(self) -> None:
        with self._lock:
            self._kinds.clear()
            self._veils.clear()
            self._file.execute("DELETE FROM documents")

    def state(self) -> dict[str, dict[str, Document]]:
        """All, without what is hidden from readers; kinds with `_` in front are the fake's own."""
        with self._lock:
            return {
                kind: dict(documents) for kind, documents in self._kinds.items() if not kind.startswith("_")
            }
