"""The lifecycle listener: Kafka → inbox, then the offset; and the dispatcher: inbox → workflow runs.

    python -m listeners.inbound

Any number of them may run: Kafka divides the topics among them, and the dispatchers divide the inbox.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from listeners.inbound import dead_letters
from listeners.inbound.calls import THREADS as CALL_THREADS
from listeners.inbound.calls import Calls
from listeners.inbound.dispatch import Dispatcher
from listeners.inbound.flood import FloodGuard
from listeners.inbound.kafka import Source
from listeners.inbound.options import Options, load_options
from listeners.inbound.run_control import RunOrders
from listeners.process import Backoff
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.errors import InvalidEvent, Unavailable
from officeflow.events import inbox, quarantine, run_orders
from officeflow.events.inbox import Stored
from officeflow.events.message import Message
from officeflow.events.producer import EventProducer
from officeflow.events.quarantine import Refused
from officeflow.runtime.health import Health, HealthState
from officeflow.settings import Settings
from officeflow.statuses import RefusalReason

NAME = "lifecycle_events"
POLL_SECONDS = 0.5
FORWARD_SECONDS = 15.0
"""How often dead letters are looked for that could not be forwarded at once."""

log = structlog.get_logger(__name__)


class Store(Protocol):
    """Puts messages into a table of theirs, or into quarantine; what it has put there tells as `event` its
    `organization`, `kind`, `id` and `correlation_id`.
    """

    def __call__(self, session: Session, messages: Sequence[Message]) -> Stored[Any]: ...


class Beat(Protocol):
    """Takes what a listener says of itself: a `Health`, or who passes it on."""

    def beat(self, state: HealthState, **facts: Any) -> None: ...


class Listener:
    """Stores what arrives.

    A batch is either in the database when its offsets are committed, or it is read again.
    """

    def __init__(
        self,
        *,
        source: Source,
        database: Database,
        producer: EventProducer,
        store: Store,
        flood: FloodGuard,
        arrived: Callable[[], None],
        health: Beat,
        stop: threading.Event,
    ) -> None:
        self._source = source
        self._database = database
        self._producer = producer
        self._store_messages = store
        self._flood = flood
        self._arrived = arrived
        self._health = health
        self._stop = stop
        self._backoff = Backoff(stop)
        self._forwarded_at = float("-inf")
        self._passed_over: Counter[str] = Counter()

    def run(self) -> None:
        """Until the process is to stop."""
        while not self._stop.is_set():
            self._source.hold(self._flood.held())
            messages = self._source.batch(POLL_SECONDS)
            if messages:
                self._take(messages)
            elif time.monotonic() - self._forwarded_at > FORWARD_SECONDS:
                self._forward()
            self._health.beat(HealthState.READING, topics=self._source.assignment(), **self._figures())

    def _figures(self) -> Mapping[str, Any]:
        """What is held, and how many messages without a value each topic has had since the start."""
        held = [f"{topic}[{partition}]" for topic, partition in self._flood.held()]
        return {"held": held, "passed_over": dict(self._passed_over)}

    def _take(self, messages: Sequence[Message]) -> None:
        stored = self._store(messages)
        if stored is None:
            return
        self._source.commit(messages)
        self._tell(stored)
        if stored.new:
            self._arrived()
        if stored.refused:
            self._forward()
        bad = {id(refused.message) for refused in stored.refused}
        counted = (message for message in messages if message.value is not None)
        for topic, partition in self._flood.seen(((m.topic, m.partition), id(m) not in bad) for m in counted):
            log.error("too many bad messages: the topic is held", topic=topic, partition=partition)

    def _store(self, messages: Sequence[Message]) -> Stored[Any] | None:
        """Waits for the database as long as it takes; None when the process is to stop before it is there.

        Nothing is polled meanwhile: when it takes minutes, Kafka gives the topics to another listener, and
        what is stored twice is found to be here.
        """
        while not self._stop.is_set():
            try:
                stored = self._try_to_store(messages)
            except Unavailable as error:
                self._health.beat(HealthState.WAITING, error=str(error))
                log.warning("the inbox cannot be written; waiting", error=str(error), messages=len(messages))
                self._backoff.wait()
            else:
                self._backoff.reset()
                return stored
        return None

    def _try_to_store(self, messages: Sequence[Message]) -> Stored[Any]:
        try:
            with self._database.service() as session:
                return self._store_messages(session, messages)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise Unavailable(f"the connection to the database broke: {error.orig}") from error
            if len(messages) == 1:
                return self._refuse(messages[0], error)
        log.warning("a batch cannot be stored; each message by itself", messages=len(messages))
        total: Stored[Any] = Stored()
        for message in messages:
            one = self._try_to_store([message])
            total.new.extend(one.new)
            total.known.extend(one.known)
            total.refused.extend(one.refused)
            total.passed_over.extend(one.passed_over)
        return total

    def _refuse(self, message: Message, cause: DBAPIError) -> Stored[Any]:
        """The database will not have it, whatever the reason: it must not stop those behind it."""
        log.error("a message cannot be stored", message=str(message), error=type(cause.orig).__name__)
        error = InvalidEvent("the database does not take it", reason_code=RefusalReason.UNSTORABLE)
        refused = Refused(message, error)
        with self._database.service() as session:
            quarantine.store(session, [refused])
        return Stored(refused=[refused])

    def _forward(self) -> None:
        self._forwarded_at = time.monotonic()
        dead_letters.try_to_forward(self._database, self._producer)

    def _tell(self, stored: Stored[Any]) -> None:
        for item in stored.new:
            log.info(
                "event received",
                org=item.event.organization,
                kind=item.event.kind,
                event_id=item.event.id,
                correlation_id=item.event.correlation_id,
            )
        if stored.passed_over:
            log.info("messages without a value passed over", number=len(stored.passed_over))
            self._passed_over.update(message.topic for message in stored.passed_over)
        if stored.known:
            log.info("events known already", number=len(stored.known))
        for refused in stored.refused:
            log.warning(
                "message quarantined",
                message=str(refused.message),
                reason=refused.error.reason_code,
                detail=refused.detail,
            )


class Aside:
    """What a second listener of this process says of itself, told along with the first one's."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._last: Mapping[str, Any] = {}

    def beat(self, state: HealthState, **facts: Any) -> None:
        self._last = {"state": state, **facts}

    def along(self) -> Beat:
        return _Along(self._health, lambda: {"run_control": self._last})


@dataclass(frozen=True, slots=True)
class _Along:
    health: Health
    facts: Callable[[], Mapping[str, Any]]

    def beat(self, state: HealthState, **facts: Any) -> None:
        self.health.beat(state, **facts, **self.facts())


@dataclass(frozen=True, slots=True)
class Acting:
    """What acts on what was stored: the dispatcher, the orders of other systems, and calls of workflows."""

    dispatcher: Dispatcher
    orders: RunOrders
    calls: Calls

    @classmethod
    def over(
        cls, database: Database, api: AirflowApi, settings: Settings, options: Options, stop: threading.Event
    ) -> Acting:
        patience = dt.timedelta(seconds=settings.replace_patience)
        return cls(
            Dispatcher(database, api, options=options, stop=stop, replace_patience=patience),
            RunOrders(database, api, settings, stop=stop),
            Calls(database, api, patience=options.missing_dag_patience, stop=stop),
        )

    def start(self) -> None:
        self.dispatcher.start()
        self.orders.start()
        self.calls.start()

    def join(self) -> None:
        """Returns when what is at hand is done."""
        self.dispatcher.join()
        self.orders.join()
        self.calls.join()


def sources(settings: Settings, options: Options) -> tuple[Source, Source]:
    """Of lifecycle events, and of what other systems ask of runs; each with its own consumer group."""
    of_orders = {"group": options.control_group, "topics": options.control_topics}
    return Source(settings.kafka, options), Source(settings.kafka, options.model_copy(update=of_orders))


def listeners(
    acting: Acting,
    of_events: Source,
    of_orders: Source,
    *,
    settings: Settings,
    options: Options,
    database: Database,
    health: Health,
    stop: threading.Event,
) -> tuple[Listener, Listener]:
    """The listener to lifecycle events and the one to orders, of which the first one's health tells too."""
    aside = Aside(health)

    def listener(source: Source, store: Store, arrived: Callable[[], None], beat: Beat) -> Listener:
        return Listener(
            source=source,
            database=database,
            producer=EventProducer(settings.kafka),
            store=store,
            flood=FloodGuard(limit=options.flood_limit, wait=options.flood_wait, share=options.flood_share),
            arrived=arrived,
            health=beat,
            stop=stop,
        )

    ahead = dt.timedelta(hours=settings.event_ahead_hours)
    events = partial(inbox.store, own_source=settings.event_source, ahead=ahead)
    asked = partial(run_orders.store, own_source=settings.event_source)
    return (
        listener(of_events, events, acting.dispatcher.wake, aside.along()),
        listener(of_orders, asked, acting.orders.wake, aside),
    )


def work(settings: Settings, health: Health, stop: threading.Event, options: Options | None = None) -> None:
    options = options or load_options()
    database = Database.from_settings(settings, pool_size=2 * options.dispatchers + 2 * CALL_THREADS + 4)
    api = AirflowApi.from_settings(settings)
    acting = Acting.over(database, api, settings, options, stop)
    both = sources(settings, options)
    first, second = listeners(
        acting, *both, settings=settings, options=options, database=database, health=health, stop=stop
    )
    reading = threading.Thread(target=second.run, name="run-control")
    acting.start()
    reading.start()
    try:
        first.run()
    finally:
        stop.set()
        reading.join()
        for source in both:
            source.close()
        acting.join()
        api.close()
        database.dispose()
