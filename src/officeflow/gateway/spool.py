"""What was accepted while Kafka (or, for the quarantine, the database) is away: on disk, in order.

SQLite keeps it: a commit returns when it is on the disk (`synchronous=FULL`, a write-ahead log with
checksums), so what was accepted survives `kill -9` and a power cut. All that wait to be written share one
commit. Contents are encrypted by the installation's keys, since they are about persons.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from cryptography.fernet import InvalidToken

from officeflow.database.encryption import keyring
from officeflow.errors import InvalidInput, Unavailable
from officeflow.events.message import Message
from officeflow.events.producer import NOWHERE

FILE = "spool.sqlite"
SCHEMA = """
CREATE TABLE IF NOT EXISTS waiting (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, place TEXT NOT NULL, size INTEGER NOT NULL, record BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS waiting_by_kind ON waiting (kind, position);
CREATE TABLE IF NOT EXISTS known (name TEXT PRIMARY KEY, content BLOB NOT NULL);
"""
OVERHEAD = 200
"""Bytes of a record beside its content."""

T = TypeVar("T")


class Kind(StrEnum):
    EVENT = "event"
    """A message for Kafka."""
    LETTER = "letter"
    """A delivery for the quarantine."""


class SpoolFull(Unavailable):
    """There is no room for more: Kafka has been away for long, or the disk is full."""

    code = "spool_full"


@dataclass(frozen=True, slots=True)
class Record:
    """`note` is what goes with a message: why it is in quarantine, and whose it is."""

    kind: Kind
    message: Message
    note: dict[str, str] = field(default_factory=dict)
    position: int = 0


class Spool:
    """For one process; its methods are for one event loop."""

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        """`InvalidInput` where another process has it, or it cannot be opened."""
        self._most = most_bytes
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._database = self._thread.submit(_opened, folder).result()
        counted = self._thread.submit(_count, self._database).result()
        self.waiting: dict[Kind, int] = {kind: counted.get(kind, (0, 0))[0] for kind in Kind}
        """How many of each kind are in it, or on their way into it."""
        self.bytes = sum(size for _, size in counted.values())
        self._new: list[tuple[Record, bytes, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def append(self, records: Iterable[Record]) -> None:
        """Returning means that they are on the disk. `SpoolFull` where there is no room: none is kept."""
        made = [(record, _packed(record)) for record in records]
        size = sum(len(content) + OVERHEAD for _, content in made)
        if self.bytes + size > self._most:
            raise SpoolFull(
                f"the spool has its {self._most // 2**20} MiB", hint="Kafka has to be there again"
            )
        loop = asyncio.get_running_loop()
        futures = []
        for record, content in made:
            futures.append(loop.create_future())
            self._new.append((record, content, futures[-1]))
            self.waiting[record.kind] += 1
        self.bytes += size
        if self._writing is None:
            self._writing = loop.create_task(self._write())
        told = await asyncio.gather(*futures, return_exceptions=True)
        if failed := next((each for each in told if isinstance(each, BaseException)), None):
            raise failed

    async def _write(self) -> None:
        """One commit for all that wait, until none does."""
        while self._new:
            batch, self._new = self._new, []
            rows = [
                (r.kind.value, r.message.topic, len(content) + OVERHEAD, content) for r, content, _ in batch
            ]
            try:
                await self._run(partial(_insert, self._database, rows))
            except sqlite3.Error as error:
                self._not_written(batch, error)
            else:
                for _, _, future in batch:
                    if not future.done():
                        future.set_result(None)
        self._writing = None

    def _not_written(
        self, batch: Sequence[tuple[Record, bytes, asyncio.Future[None]]], error: sqlite3.Error
    ) -> None:
        for record, content, future in batch:
            self.waiting[record.kind] -= 1
            self.bytes -= len(content) + OVERHEAD
            if not future.done():
                future.set_exception(SpoolFull(f"the spool cannot be written: {error}"))

    async def oldest(self, kind: Kind, *, without: Iterable[str] = (), limit: int = 200) -> list[Record]:
        """The first that are on the disk, in order; none for these topics."""
        left_out = tuple(without)
        rows = await self._run(lambda: _oldest(self._database, kind.value, left_out, limit))
        return [_unpacked(kind, position, content) for position, content in rows]

    async def remove(self, records: Sequence[Record]) -> None:
        """They are where they belong."""
        positions = [(record.position,) for record in records]
        freed = await self._run(lambda: _delete(self._database, positions))
        self.bytes -= freed
        for record in records:
            self.waiting[record.kind] -= 1

    async def remember(self, name: str, content: bytes) -> None:
        sealed = keyring().encrypt(content)
        await self._run(lambda: _remember(self._database, name, sealed))

    async def recall(self, name: str) -> bytes | None:
        """None where nothing of that name was remembered, or by keys that are not there any more."""
        found = await self._run(
            lambda: self._database.execute("SELECT content FROM known WHERE name = ?", (name,)).fetchone()
        )
        try:
            return None if found is None else keyring().decrypt(found[0])
        except InvalidToken:
            return None

    async def close(self) -> None:
        if self._writing is not None:
            await self._writing
        await self._run(self._database.close)
        self._thread.shutdown()

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _opened(folder: Path) -> sqlite3.Connection:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        database = sqlite3.connect(folder / FILE, isolation_level=None, timeout=2)
        (folder / FILE).chmod(0o600)
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
            database.execute(f"PRAGMA {pragma}")
        database.executescript(SCHEMA)
        database.execute("BEGIN EXCLUSIVE")
        database.execute("COMMIT")
    except (sqlite3.Error, OSError) as error:
        raise InvalidInput(
            f"the spool in {folder} cannot be opened: {error}",
            hint="each gateway needs one of its own (OFFICEFLOW_GATEWAY_SPOOL)",
        ) from error
    return database


def _count(database: sqlite3.Connection) -> dict[str, tuple[int, int]]:
    rows = database.execute("SELECT kind, count(*), sum(size) FROM waiting GROUP BY kind").fetchall()
    return {kind: (number, size) for kind, number, size in rows}


def _insert(database: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    database.execute("BEGIN IMMEDIATE")
    try:
        database.executemany("INSERT INTO waiting (kind, place, size, record) VALUES (?, ?, ?, ?)", rows)
        database.execute("COMMIT")
    except sqlite3.Error:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _oldest(
    database: sqlite3.Connection, kind: str, without: tuple[str, ...], limit: int
) -> list[tuple[int, bytes]]:
    marks = ",".join("?" * len(without))
    statement = (
        f"SELECT position, record FROM waiting WHERE kind = ? AND place NOT IN ({marks})"  # noqa: S608 - marks alone
        " ORDER BY position LIMIT ?"
    )
    return database.execute(statement, (kind, *without, limit)).fetchall()


def _delete(database: sqlite3.Connection, positions: Sequence[tuple[int]]) -> int:
    """The bytes that they had."""
    freed = 0
    database.execute("BEGIN IMMEDIATE")
    for position in positions:
        for (size,) in database.execute("DELETE FROM waiting WHERE position = ? RETURNING size", position):
            freed += size
    database.execute("COMMIT")
    return freed


def _remember(database: sqlite3.Connection, name: str, content: bytes) -> None:
    database.execute("INSERT OR REPLACE INTO known VALUES (?, ?)", (name, content))


def _packed(record: Record) -> bytes:
    """A line of JSON about it, and the value."""
    message = record.message
    about = {
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
        "key": None if message.key is None else message.key.decode(),
        "headers": [[name, (value or b"").decode("latin-1")] for name, value in message.headers],
        "note": record.note,
    }
    return keyring().encrypt(json.dumps(about).encode() + b"\n" + (message.value or b""))


def _unpacked(kind: Kind, position: int, content: bytes) -> Record:
    line, _, value = keyring().decrypt(content).partition(b"\n")
    about = json.loads(line)
    message = Message(
        topic=about["topic"],
        partition=about.get("partition", NOWHERE),
        offset=about.get("offset", NOWHERE),
        key=None if about["key"] is None else about["key"].encode(),
        value=value,
        headers=tuple((name, text.encode("latin-1")) for name, text in about["headers"]),
    )
    return Record(kind, message, about["note"], position)
