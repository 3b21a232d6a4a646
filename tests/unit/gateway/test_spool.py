"""What is kept while Kafka is away: on the disk, in order, not more than may be, and unreadable to others."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from officeflow.errors import InvalidInput
from officeflow.events.message import Message
from officeflow.gateway.spool import FILE, Kind, Record, Spool, SpoolFull

MIB = 2**20


def record(number: int, *, kind: Kind = Kind.EVENT, topic: str = "t", size: int = 0) -> Record:
    value = f"private {number}\n".encode() + bytes(size)
    message = Message(
        topic=topic, partition=-1, offset=number, key=b"k", value=value, headers=(("h", b"\xff"),)
    )
    return Record(kind, message, {"why": "x"})


def with_spool(folder: Path, work: Callable[[Spool], Awaitable[None]], *, most: int = 64 * MIB) -> None:
    async def run() -> None:
        spool = Spool(folder, most_bytes=most)
        try:
            await work(spool)
        finally:
            await spool.close()

    asyncio.run(run())


def test_what_was_appended_is_there_after_the_next_start_in_order_and_whole(tmp_path: Path) -> None:
    async def fill(spool: Spool) -> None:
        await asyncio.gather(*(spool.append([record(n, topic=f"t{n % 2}")]) for n in range(50)))
        await spool.append([record(99, kind=Kind.LETTER)])

    async def empty(spool: Spool) -> None:
        assert dict(spool.waiting) == {Kind.EVENT: 50, Kind.LETTER: 1}
        found = await spool.oldest(Kind.EVENT)
        assert [each.message.offset for each in found] == list(range(50))
        assert found[0].message == record(0, topic="t0").message
        assert found[0].note == {"why": "x"}
        assert len(await spool.oldest(Kind.EVENT, without=["t0"])) == 25
        await spool.remove(found)
        await spool.remove(await spool.oldest(Kind.LETTER))
        assert (dict(spool.waiting), spool.bytes) == ({Kind.EVENT: 0, Kind.LETTER: 0}, 0)

    with_spool(tmp_path, fill)
    with_spool(tmp_path, empty)


def test_nothing_of_it_can_be_read_without_the_keys(tmp_path: Path) -> None:
    async def fill(spool: Spool) -> None:
        await spool.append([record(1)])
        await spool.remember("sources", b"private too")
        assert await spool.recall("sources") == b"private too"
        contents = await asyncio.to_thread(lambda: [path.read_bytes() for path in tmp_path.iterdir()])
        assert len(contents) >= 2
        assert not [content for content in contents if b"private" in content]

    with_spool(tmp_path, fill)
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_a_spool_without_room_takes_nothing_of_a_delivery_and_then_all_again(tmp_path: Path) -> None:
    async def fill(spool: Spool) -> None:
        await spool.append([record(1, size=MIB // 2)])
        with pytest.raises(SpoolFull):
            await spool.append([record(2), record(3, size=MIB // 2)])
        assert spool.waiting[Kind.EVENT] == 1
        await spool.remove(await spool.oldest(Kind.EVENT))
        await spool.append([record(2), record(3, size=MIB // 2)])

    with_spool(tmp_path, fill, most=MIB)


def test_a_disk_that_fails_is_told_to_who_waits(tmp_path: Path) -> None:
    async def fail(spool: Spool) -> None:
        await spool._run(lambda: spool._database.execute("DROP TABLE waiting"))
        with pytest.raises(SpoolFull, match="cannot be written"):
            await spool.append([record(1)])
        assert (spool.waiting[Kind.EVENT], spool.bytes) == (0, 0)

    with_spool(tmp_path, fail)


def test_two_gateways_do_not_share_one(tmp_path: Path) -> None:
    async def again(spool: Spool) -> None:
        with pytest.raises(InvalidInput, match="one of its own"):
            await asyncio.to_thread(Spool, tmp_path, most_bytes=MIB)

    with_spool(tmp_path, again)


KILLED = """
import asyncio, os, sys
from pathlib import Path
from tests.unit.gateway.test_spool import record
from officeflow.gateway.spool import Spool
async def main():
    spool = Spool(Path(sys.argv[1]), most_bytes=2**26)
    async def one(n):
        await spool.append([record(n)])
        os.write(1, b"%d\\n" % n)
        if n == 200:
            os.kill(os.getpid(), 9)
    await asyncio.gather(*map(one, range(1000)))
asyncio.run(main())
"""


def test_what_was_said_to_be_kept_survives_a_kill(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path],
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    said = {int(line) for line in done.stdout.split()}
    assert done.returncode == -9, done.stderr
    assert said

    async def look(spool: Spool) -> None:
        found = {each.message.offset for each in await spool.oldest(Kind.EVENT, limit=2000)}
        assert said <= found

    with_spool(tmp_path, look)
