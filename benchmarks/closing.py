"""`bench closing`: an emergency. Somebody with an account in seven systems, and sessions where these have
them, is ended at once: seconds from the event to the last door closed, by the systems' own journals, against
the calls of the slowest single system made by a script in a row.

Both reach the systems through wires that bring each answer later: of the systems that stand for a vendor's
service as over the Internet (`--cloud`), of the company's own as in its network (`--company`).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from benchmarks import frame, systems
from benchmarks.bench import PROGRESS
from benchmarks.measure import NotFinished, median
from officeflow.connectors.families import Capability, capabilities_of
from officeflow.connectors.opening import open_provider
from officeflow.demo import setup
from officeflow.demo.identity import leaving, publishing
from officeflow.demo.identity.doors import Door, left_open
from officeflow.demo.identity.expected import Step
from officeflow.demo.identity.people import Newcomer, next_person
from officeflow.demo.identity.report import Told
from officeflow.demo.identity.running import Office
from officeflow.demo.identity.starting import Started
from officeflow.demo.identity.story import look, see_to_head, sign_in, take
from officeflow.demo.report import Teller
from officeflow.settings import load_settings
from officeflow.stack.counterparts import Connection

CLOUD = frozenset({"scim", "okta", "entra", "google"})
"""Keys of the systems that stand for services of vendors."""
KEY = "c105e" * 13


@dataclass(slots=True)
class Measured:
    """Seconds of each round: of ours to the last door, which one that was, and of the script by system."""

    last: list[float] = field(default_factory=list)
    doors: list[Door] = field(default_factory=list)
    script: dict[str, list[float]] = field(default_factory=dict)

    @property
    def slowest(self) -> tuple[str, float]:
        """The system of which a script's calls take longest."""
        by_system = {name: median(seconds) for name, seconds in self.script.items()}
        name = max(by_system, key=lambda each: by_system[each])
        return name, by_system[name]


def hire(office: Office, started: Started) -> Newcomer:
    """Somebody who is in all systems, with sessions."""
    person = next_person(office.database, office.org)
    take(office, started, person, Step.HIRED)
    return person


def by_event(office: Office, started: Started, person: Newcomer) -> list[Door]:
    """The doors in the order in which they were closed."""
    told = Told(person, started.left_out, {})
    told.runs.append(take(office, started, person, Step.ENDED))
    told.cells += look(started, person, Step.ENDED)
    found = leaving.closed(started, told)
    if problems := told.problems() + left_open(started.systems, found):
        raise NotFinished("; ".join(problems))
    return found


def by_script(made: Connection, person: Newcomer) -> float:
    """Seconds for the calls that the nodes make, in a row, by one client."""
    began = time.monotonic()
    client = open_provider(systems.opened_by(made), correlation_id="bench", family="identity")
    with closing(client):
        account = client.find_account(external_id=person.employee_id)
        client.set_active(account.id, active=False, key=KEY)
        if Capability.END_SESSIONS in capabilities_of(type(client)):
            account = client.find_account(external_id=person.employee_id)
            client.sessions_of(account.id)
            client.end_sessions(account.id, key=KEY)
    return time.monotonic() - began


def rounds(office: Office, started: Started, far: Mapping[str, Connection], number: int) -> Measured:
    """The two ways in turns, each with somebody of its own."""
    measured = Measured()
    for _ in range(number):
        person = hire(office, started)
        doors = by_event(office, started, person)
        measured.last.append(doors[-1].seconds)
        if doors[-1].seconds == median(measured.last):
            measured.doors = doors
        person = hire(office, started)
        sign_in(started, person)
        for system in started.systems:
            took = by_script(far[system.key], person)
            measured.script.setdefault(system.key, []).append(took)
    return measured


def measure(given: argparse.Namespace) -> Sequence[frame.Result]:
    here, left_out = systems.fetched()
    seconds = {each.key: given.cloud if each.key in CLOUD else given.company for each in here}
    with frame.bench_stack(further=systems.further(here)) as bench:
        started = Started(bench.stack, here, left_out)
        org = publishing.publish(started, load_settings(), bench.database, bench.api, PROGRESS)
        office = Office(bench.stack, bench.database, bench.api, org, Teller(json_output=True))
        see_to_head(office, started)
        with systems.far(bench.stack, here, seconds) as far:
            setup.ensure_connections(bench.api, far.values())
            measured = rounds(office, started, far, 1 if given.quick else given.rounds)
    return [_result(measured, len(here), cloud=given.cloud, company=given.company)]


def _result(measured: Measured, systems_ended: int, *, cloud: float, company: float) -> frame.Result:
    name, seconds = measured.slowest
    ours = median(measured.last)
    shown: dict[str, Any] = {
        f"script, slowest system ({name}), s": seconds,
        "own, event to last door, s": ours,
        "own, slowest, s": max(measured.last),
        "systems": systems_ended,
        "an answer of a vendor, s": cloud,
        "an answer of the company's, s": company,
        "rounds": len(measured.last),
    }
    shown |= {f"script {key}, s": median(each) for key, each in measured.script.items()}
    shown |= {f"door {each.system.key} {each.closing.door}, s": each.seconds for each in measured.doors}
    return frame.Result("closing", ours / seconds, "max:1", shown)


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=5, help="How many people each way ends.")
    parser.add_argument("--cloud", type=float, default=0.25, help="Seconds until a vendor's service answers.")
    parser.add_argument("--company", type=float, default=0.01, help="Seconds until the company's own do.")
    parser.add_argument("--quick", action="store_true", help="A smoke test: one round.")


if __name__ == "__main__":
    frame.main(measure, options)
