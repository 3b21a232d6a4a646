"""What a person should have by the rules, with the record as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from officeflow.access.rules import ApplicationGrant, EntitlementKind, Given, Grant, Rule, Rules
from officeflow.errors import InvalidInput
from officeflow.expressions.cel import answers
from officeflow.sdk import is_zone
from officeflow.statuses import EmployeeStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An entitlement that a person should have at a connection, and the rules that say so.

    `role` is one of an application's own.
    """

    connection: str
    kind: EntitlementKind
    name: str
    role: str | None = None
    sensitive: bool = False
    rules: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """As a system names it: `crm/editor`."""
        return f"{self.name}/{self.role}" if self.role else self.name

    def to_json(self) -> dict[str, Any]:
        return {
            "connection": self.connection,
            "kind": self.kind.value,
            "name": self.label,
            "sensitive": self.sensitive,
            "rules": list(self.rules),
        }


def has_left(record: Mapping[str, Any], today: dt.date) -> bool:
    """Whether the person works here no more: they have exited, and their last day, where one is known, is
    past.
    """
    if record.get("status") != EmployeeStatus.EXITED:
        return False
    last = record.get("end_date")
    try:
        return last is None or dt.date.fromisoformat(str(last)[:10]) < today
    except ValueError:
        return True


def due(rules: Rules, record: Mapping[str, Any], today: dt.date) -> list[Due]:
    """Everything that the person should have, by connection, kind and name: nothing where they have left.

    `record` is the person's, as expressions see `employee`. `InvalidInput` names a rule whose condition
    cannot be told.
    """
    if has_left(record, today):
        return []
    found: dict[tuple[str, EntitlementKind, str], Due] = {}
    for rule in applicable(rules.rules, record):
        for connection, given in rule.connections.items():
            for each in _given(connection, given, rule.name):
                place = (connection, each.kind, each.label.casefold())
                known = found.get(place)
                found[place] = each if known is None else _both(known, each)
    return [found[place] for place in sorted(found)]


def applicable(rules: Sequence[Rule], record: Mapping[str, Any]) -> list[Rule]:
    """Those of the rules that are about the person."""
    matching = [rule for rule in rules if _matches(rule, record)]
    asked = [rule for rule in matching if rule.when is not None]
    told = dict(
        zip(
            (rule.name for rule in asked),
            answers([str(rule.when) for rule in asked], {"employee": dict(record)}),
            strict=True,
        )
    )
    for name, answer in told.items():
        if not isinstance(answer, bool):
            raise InvalidInput(
                f"the access rule {name!r} cannot be told: {answer.message}",
                hint="a field that not everybody has is asked for by `has(employee.field) && …`",
            )
    return [rule for rule in matching if told.get(rule.name, True)]


def ruled(rules: Rules, connection: str) -> Mapping[EntitlementKind, Sequence[Due]]:
    """Everything that any rule gives to anybody at the connection, by kind: what the rules decide about."""
    every = [each for rule, given in rules.at(connection) for each in _given(connection, given, rule.name)]
    return {kind: [each for each in every if each.kind is kind] for kind in EntitlementKind}


def _matches(rule: Rule, record: Mapping[str, Any]) -> bool:
    return all(
        record.get(field) is not None and str(record[field]) in texts for field, texts in rule.match.items()
    )


def _given(connection: str, given: Given, rule: str) -> Iterable[Due]:
    for kind in EntitlementKind:
        for grant in given.of(kind):
            yield Due(
                connection=connection,
                kind=kind,
                name=grant.name,
                role=_role(grant),
                sensitive=grant.sensitive,
                rules=(rule,),
            )


def _role(grant: Grant) -> str | None:
    return grant.role if isinstance(grant, ApplicationGrant) else None


def _both(one: Due, other: Due) -> Due:
    """What one rule holds sensitive is so, whatever the other says."""
    return Due(
        connection=one.connection,
        kind=one.kind,
        name=one.name,
        role=one.role,
        sensitive=one.sensitive or other.sensitive,
        rules=tuple(dict.fromkeys((*one.rules, *other.rules))),
    )


def today(settings: Mapping[str, Any], now: dt.datetime) -> dt.date:
    """By the organization's clocks."""
    zone = settings.get("time_zone")
    known = isinstance(zone, str) and is_zone(zone)
    return now.astimezone(ZoneInfo(str(zone)) if known else dt.UTC).date()
