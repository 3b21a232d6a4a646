"""The steward: duties that nobody waits for, each in a thread of its own.

    python -m listeners.steward

Several stewards may run: a duty is done by one of them at a time.
"""

from __future__ import annotations

import datetime as dt
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import func, select

from listeners import messages
from listeners.parking.hearing import Hearing
from listeners.parking.parking import Parking
from listeners.steward import outbox_relay, privacy
from listeners.steward.announcing import Announcing
from listeners.steward.answers import Answers
from listeners.steward.asking import Asking
from listeners.steward.audit_anchors import Anchoring
from listeners.steward.audit_checks import AuditChecks
from listeners.steward.deadlines import Deadlines
from listeners.steward.outbox_relay import Relay
from listeners.steward.run_watch import RunWatch
from listeners.steward.steering import Steering
from listeners.steward.waking import Waking
from officeflow.airflow_api.client import AirflowApi
from officeflow.audit import chain, tags
from officeflow.audit.anchors import Folder
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.listening import Bell, Listening
from officeflow.events import outbox
from officeflow.events.delivery import OrderedProducer
from officeflow.layout import HEALTH_FOLDER
from officeflow.people import telling as people
from officeflow.privacy.forgetting import Forgetting
from officeflow.runs import control
from officeflow.runtime.health import Health, HealthState
from officeflow.runtime.old_files import remove_older
from officeflow.settings import Settings
from officeflow.waiting import wakes
from officeflow.workflows import store as workflows

NAME = "steward"
MOST_SECONDS = 30.0
"""The longest pause after failures."""

LOOK_SECONDS = 5.0
"""How often a duty looks that is told when there is something to do: what is told may be lost."""

LEAST_REST = 0.1
CONNECTIONS = 20
"""Kept to the database: each duty has one for its turn, and works on another."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Duty:
    """`act` does what there is to do and returns how much that was; it may be done again at any time.

    It is called `every` seconds; where that is 0 it waits itself for what it has to do. One with a `bell` is
    called as soon as that rings, and at once after a turn that did something; `rest` are the seconds after
    which it knows itself of something to do.

    After failures it is called later and later, after `most_seconds` at the latest. Where it is not `alone`,
    stewards do it side by side: it sees itself to what must be.
    """

    name: str
    every: float
    act: Callable[[], int]
    most_seconds: float = MOST_SECONDS
    alone: bool = True
    bell: Bell | None = None
    rest: Callable[[], float] = lambda: math.inf


class Steward:
    """Runs each duty until `stop` is set.

    A duty that fails is logged and tried again, later and later; the others do not notice.
    """

    def __init__(
        self,
        database: Database,
        duties: Sequence[Duty],
        *,
        health: Health,
        stop: threading.Event,
        figures: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        """`figures` is what else the health file tells."""
        self._database = database
        self._duties = duties
        self._health = health
        self._stop = stop
        self._figures = figures
        self.failing: dict[str, str] = {}
        self.tried: dict[str, str] = {}
        """When the turn of a failing duty began that failed last."""

    def run(self) -> None:
        threads = [
            threading.Thread(target=self._keep, args=(duty,), name=f"duty-{duty.name}")
            for duty in self._duties
        ]
        for thread in threads:
            thread.start()
        while not self._stop.wait(1.0):
            self._health.beat(
                HealthState.WORKING, failing=dict(self.failing), tried=dict(self.tried), **self._figures()
            )
        for thread in threads:
            thread.join()

    def _keep(self, duty: Duty) -> None:
        structlog.contextvars.bind_contextvars(process=NAME, duty=duty.name)
        failures = 0
        while not self._stop.is_set():
            done = self.once(duty)
            failures = failures + 1 if done is None else 0
            if done is None:
                self._stop.wait(min(duty.most_seconds, max(duty.every, 0.1) * 2 ** min(failures, 10)))
            elif duty.bell is None:
                self._stop.wait(duty.every)
            elif not done:
                duty.bell.wait(min(duty.every, max(duty.rest(), LEAST_REST)), self._stop)

    def once(self, duty: Duty) -> int | None:
        """Do the duty unless another steward is at it; returns how much was done, None when it failed."""
        began = dt.datetime.now(dt.UTC).isoformat()
        try:
            if done := self._do(duty):
                log.debug("duty done", number=done)
        except Exception as error:  # noqa: BLE001 - whatever a duty does wrong, it is told, tried again, and stops no other
            if duty.name not in self.failing:
                log.warning("duty failed; it will be tried again", error=f"{type(error).__name__}: {error}")
            self.tried[duty.name] = began
            self.failing[duty.name] = f"{type(error).__name__}: {error}"
            return None
        if self.failing.pop(duty.name, None):
            log.info("duty works again")
            self.tried.pop(duty.name, None)
        return done

    def _do(self, duty: Duty) -> int:
        if not duty.alone:
            return duty.act()
        with self._database.service() as session:
            mine = session.scalar(
                select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"steward:{duty.name}", 0)))
            )
            return duty.act() if mine else 0


class OutboxLag:
    """The outbox's lag as it was last looked at."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lag: outbox.Lag | None = None

    def look(self) -> int:
        with self._database.service() as session:
            self._lag = outbox.lag(session)
        return 0

    def figures(self) -> Mapping[str, Any]:
        """`{"outbox": {"waiting", "oldest_seconds", "set_aside"}}`, once it was looked at."""
        return {"outbox": asdict(self._lag)} if self._lag else {}


@dataclass(frozen=True, slots=True)
class Bells:
    """For the duties that are told when there is something to do."""

    answers: Bell = field(default_factory=Bell)
    asking: Bell = field(default_factory=Bell)
    control: Bell = field(default_factory=Bell)

    def people(self, payload: str | None) -> None:
        """Something has become of what people are asked."""
        self.answers.ring(payload)
        self.asking.ring(payload)


def duties(database: Database, api: AirflowApi, bells: Bells, *, audit_key: bytes) -> list[Duty]:
    watch, steering = RunWatch(database, api), Steering(database, api)
    return [
        Duty(
            "audit-chain",
            0.3,
            lambda: chain.chain_pending(database, key=audit_key, announce=messages.chained),
        ),
        Duty("run-watch", 1.0, watch.follow),
        Duty("run-check", 30.0, watch.check),
        Duty("control", LOOK_SECONDS, steering.act, bell=bells.control, rest=steering.rest),
        Duty("retire-workflows", 10.0, lambda: workflows.retire_finished(database)),
    ]


def anchor_duty(settings: Settings, database: Database, key: bytes) -> Duty:
    folder = Folder(Path(settings.audit_anchors)) if settings.audit_anchors else None
    anchoring = Anchoring(database, SystemClock(), key=key, folder=folder)
    return Duty("audit-anchors", settings.audit_anchor_seconds, anchoring.act)


def audit_checks(settings: Settings, database: Database) -> Duty:
    return Duty("audit-verify", 5.0, AuditChecks(settings, database, SystemClock()).act)


def outbox_duties(database: Database, relay: Relay, lag: OutboxLag, *, keep: dt.timedelta) -> list[Duty]:
    return [
        Duty("outbox-relay", 0.2, relay.relay, most_seconds=1.0, alone=False),
        Duty("outbox-lag", 2.0, lag.look, most_seconds=2.0, alone=False),
        Duty("outbox-prune", 60.0, lambda: outbox_relay.prune(database, older_than=keep)),
    ]


def wake_duties(database: Database, waking: Waking) -> list[Duty]:
    def prune() -> int:
        with database.service() as session:
            return wakes.prune(session)

    return [
        Duty("wake", 0.0, waking.act, most_seconds=2.0, alone=False),
        Duty("wake-prune", 3600.0, prune),
    ]


def parking_duties(settings: Settings, parking: Parking | None, hearing: Hearing | None) -> list[Duty]:
    """None where there is no login for it. Switched off, what is parked is put back."""
    if parking is None or hearing is None:
        return []
    if not settings.parking:
        return [Duty("parking-off", 60.0, parking.wake_all, most_seconds=5.0)]
    return [
        Duty("parking", 1.0, parking.act, most_seconds=5.0),
        Duty("unparking", 0.0, hearing.act, most_seconds=1.0, alone=False),
    ]


def parking_of(settings: Settings, api: AirflowApi) -> Parking | None:
    url = settings.parking_database_url.get_secret_value()
    return Parking(url, api) if url else None


def people_duties(
    settings: Settings, database: Database, api: AirflowApi, bells: Bells, stop: threading.Event
) -> list[Duty]:
    """Those that concern what people are asked. Mails are sent where the settings name a mail server."""
    clock = SystemClock()
    answers, deadlines = Answers(database, api, clock, stop=stop), Deadlines(database, clock)
    asking = Asking.from_settings(settings, database, clock)
    mails = (
        [
            Duty("asking", LOOK_SECONDS, asking.ask, bell=bells.asking),
            Duty("remind", 5.0, asking.remind),
            Duty("stand-ins", LOOK_SECONDS, asking.stand_ins),
        ]
        if asking
        else []
    )
    announcing = Announcing.from_settings(settings, database)
    if announcing:
        mails.append(Duty("releases", LOOK_SECONDS, announcing.announce))
    return [
        Duty("answers", LOOK_SECONDS, answers.tell, bell=bells.answers, rest=answers.rest),
        Duty("escalate", 2.0, deadlines.escalate),
        Duty("expire", 2.0, deadlines.expire),
        *mails,
    ]


def privacy_duties(settings: Settings, database: Database, api: AirflowApi) -> list[Duty]:
    forgetting = Forgetting(database, api, settings)
    return [
        Duty("keys", 2.0, lambda: privacy.renew(database)),
        Duty("erasures", 2.0, forgetting.act),
    ]


def tidying(settings: Settings) -> list[Duty]:
    """Every steward tidies the machine that it runs on."""

    def tidy() -> int:
        """Also what a process left in the health folder that was killed while it wrote."""
        left_behind = remove_older(settings.home / HEALTH_FOLDER, 3600.0, pattern="tmp*")
        if not settings.airflow_logs:
            return left_behind
        return left_behind + remove_older(Path(settings.airflow_logs), settings.task_log_days * 86_400.0)

    return [Duty("tidy", 3600.0, tidy, alone=False)]


def work(settings: Settings, health: Health, stop: threading.Event) -> None:
    key = chain.key_from_settings(settings)
    tags.require_key()
    database = Database.from_settings(settings, pool_size=CONNECTIONS)
    api = AirflowApi.from_settings(settings)
    producer = OrderedProducer(settings.kafka)
    relay = Relay(database, producer, source=settings.event_source, kafka=settings.kafka, stop=stop)
    lag = OutboxLag(database)
    waking = Waking(database, api, stop=stop)
    parking = parking_of(settings, api)
    hearing = Hearing(database, parking, stop=stop) if parking else None
    bells = Bells()

    def heard(payload: str | None) -> None:
        if hearing and settings.parking:
            hearing.heard(payload)
        waking.bell.ring(payload)

    def figures() -> Mapping[str, Any]:
        return {**lag.figures(), **(parking.figures() if parking and settings.parking else {})}

    channels = {wakes.CHANNEL: heard, people.CHANNEL: bells.people, control.CHANNEL: bells.control.ring}
    listening = Listening(database.service_url, channels, stop=stop)
    listening.start()
    all_duties = [
        *duties(database, api, bells, audit_key=key),
        anchor_duty(settings, database, key),
        audit_checks(settings, database),
        *outbox_duties(database, relay, lag, keep=dt.timedelta(days=settings.outbox_days)),
        *wake_duties(database, waking),
        *parking_duties(settings, parking, hearing),
        *people_duties(settings, database, api, bells, stop),
        *privacy_duties(settings, database, api),
        *tidying(settings),
    ]
    Steward(database, all_duties, health=health, stop=stop, figures=figures).run()
    listening.join()
    if parking:
        parking.close()
    relay.close()
    api.close()
    database.dispose()
