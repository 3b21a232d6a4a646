"""Which door was closed in which second after the event that ended somebody's access."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from officeflow import columns
from officeflow.connectors.families import Capability, Family
from officeflow.connectors.providers import provider
from officeflow.demo.identity.reading.seen import ACCOUNT, SESSIONS, Closing
from officeflow.demo.identity.systems import System
from officeflow.demo.report import Teller


@dataclass(frozen=True, slots=True)
class Door:
    """`seconds` are from the event to the closing, by the system's own clock."""

    system: System
    closing: Closing
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return {
            "system": self.system.key,
            "door": self.closing.door,
            "at": self.closing.at.isoformat(),
            "seconds": round(self.seconds, 3),
            "told": self.closing.told,
        }


def doors_of(system: System) -> tuple[str, ...]:
    """The ways in that the system has, as far as it lets them be closed."""
    (connection,) = system.declared.connections
    family = provider(connection.provider).service(Family.IDENTITY)
    ends = family is not None and Capability.END_SESSIONS in family.capabilities
    return (ACCOUNT, SESSIONS) if ends else (ACCOUNT,)


def in_order(found: Iterable[tuple[System, Closing]], event_at: dt.datetime) -> list[Door]:
    """The first closed first."""
    doors = [Door(system, each, (each.at - event_at).total_seconds()) for system, each in found]
    return sorted(doors, key=lambda door: door.seconds)


def left_open(systems: Iterable[System], doors: Sequence[Door]) -> list[str]:
    """Doors of which no system's journal says that they were closed."""
    closed = {(door.system.key, door.closing.door) for door in doors}
    return [
        f"{system.title}: its journal does not tell that the way in by {door} was closed"
        for system in systems
        for door in doors_of(system)
        if (system.key, door) not in closed
    ]


def tell(teller: Teller, doors: Sequence[Door]) -> None:
    teller.line(
        "\nDoors, in the order in which they were closed: seconds from the event, by each system itself"
    )
    rows = [
        [f"{door.seconds:7.2f}", door.system.title, door.closing.door, door.closing.told] for door in doors
    ]
    width = columns.width_of(teller.stream)
    for line in columns.table(["seconds", "system", "door", "told by"], rows, width):
        teller.line(line)
