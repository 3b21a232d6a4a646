"""PostgreSQL's notifications, for those who would rather be told than ask again and again.

What is notified while nobody listens is lost, so whoever listens also looks now and then.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import psycopg
import structlog
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

STOP_SECONDS = 0.5
"""How long at most until it is seen that the process is to stop."""

MOST_SECONDS = 15.0
"""The longest pause between two tries to connect."""

Heard = Callable[[str | None], None]

log = structlog.get_logger(__name__)


def notify(session: Session, channel: str, payload: str = "") -> None:
    """Tell those who listen, once the transaction is committed; the same twice in it is told once."""
    session.execute(_NOTIFY, {"channel": channel, "payload": payload})


class Listening:
    """A thread that listens to channels until `stop` is set; it connects again when the server was away.

    What is given for a channel is called in that thread with each payload, and with None whenever it begins
    to listen: what came before that was not heard.
    """

    def __init__(self, url: str, channels: Mapping[str, Heard], *, stop: threading.Event) -> None:
        """`url` is an address of the database in any of PostgreSQL's spellings; any login may listen."""
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._channels = dict(channels)
        self._stop = stop
        self._thread = threading.Thread(target=self._run, name=f"listen-{next(iter(channels))}")

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        """Returns when the thread has ended, which it does once `stop` is set."""
        self._thread.join()

    def _run(self) -> None:
        pause = 0.5
        while not self._stop.is_set():
            try:
                with psycopg.connect(
                    self._url, autocommit=True, connect_timeout=10, application_name="officeflow"
                ) as connection:
                    self._listen(connection)
                    pause = 0.5
                    self._hear(connection)
            except psycopg.OperationalError as error:
                said = str(error).strip().splitlines()
                log.warning("the database does not tell; connecting again", error=said[0] if said else "")
                self._stop.wait(pause)
                pause = min(MOST_SECONDS, pause * 2)

    def _listen(self, connection: psycopg.Connection) -> None:
        for channel in self._channels:
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        for heard in self._channels.values():
            heard(None)

    def _hear(self, connection: psycopg.Connection) -> None:
        while not self._stop.is_set():
            for notification in connection.notifies(timeout=STOP_SECONDS):
                self._channels[notification.channel](notification.payload)
                if self._stop.is_set():
                    return


class Bell:
    """Rings when something was heard: for a thread that otherwise looks every few seconds.

    Safe to share between threads; `ring` is what a `Listening` may call.
    """

    def __init__(self) -> None:
        self._rung = threading.Event()

    def ring(self, payload: str | None = None) -> None:
        del payload
        self._rung.set()

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Until it rings, at most so long; returns soon after `stop` is set. A ring is heard once."""
        left = seconds
        while left > 0 and not stop.is_set():
            if self._rung.wait(min(left, STOP_SECONDS)):
                break
            left -= STOP_SECONDS
        self._rung.clear()


_NOTIFY = text("SELECT pg_notify(:channel, :payload)")
