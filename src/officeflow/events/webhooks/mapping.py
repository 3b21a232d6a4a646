"""What a delivery means: its source's expressions, over what came.

`body` is the body, `headers` its headers by lower-case name, `item` what of it is one event (`each`; the body
where a source has none), `item_index` its place. An expression that only looks something up is computed here
(`expressions.lookups`), any other in an evaluator: all those of an event in one round trip.

A field that is looked up and not there is left out. A computed one has to say itself what comes then
(`body.?title.orValue(null)`, `has(body.title)`). A rule that reads what is not there is not met.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from officeflow.errors import InvalidExpression, Problem
from officeflow.events import lifecycle
from officeflow.events.topics import KINDS
from officeflow.events.webhooks import reading
from officeflow.events.webhooks.definition import Definition, Value
from officeflow.events.webhooks.identity import event_id
from officeflow.expressions import lookups
from officeflow.expressions.cel import Expression, compile_all
from officeflow.expressions.evaluator import pool, wire
from officeflow.expressions.values import dump

LEFT_OUT = object()
"""The value of a field that is not there."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came, read. `digest` is of its bytes."""

    body: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    digest: str


@dataclass(frozen=True, slots=True)
class MappedEvent:
    """One event of a delivery. `time` is RFC 3339, or None where the delivery does not say."""

    kind: str
    employee: str
    payload: Mapping[str, Any] = field(repr=False)
    id: str
    time: str | None
    index: int


@dataclass(frozen=True, slots=True)
class Failure:
    """What of a delivery is no event, and why."""

    index: int
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Outcome:
    """`ignored` counts what a rule says does not concern us."""

    events: list[MappedEvent] = field(default_factory=list)
    ignored: int = 0
    failures: list[Failure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Computed:
    """An expression of a source, by its place in the definition."""

    place: str
    source: str
    direct: lookups.Reader | None


class EventMapping:
    """A source's definition, compiled. It may be kept and shared between threads."""

    def __init__(self, definition: Definition) -> None:
        """`InvalidExpression` names the expressions that are none."""
        self._definition = definition
        places = dict(expressions_of(definition))
        compiled = _compiled(places)
        self.reads: frozenset[tuple[str, ...]] = frozenset(
            path for each in compiled.values() for path in (each.reads or ((each.source,),))
        )
        """The fields that its expressions read."""
        self._all = {
            place: _Computed(place, each.source, lookups.reader(each.lookup) if each.lookup else None)
            for place, each in compiled.items()
        }
        self._asked = [each for each in self._all.values() if each.direct is None and each.place != "each"]

    @property
    def computes(self) -> bool:
        """Whether an evaluator is asked: then a call takes longer, and is for a thread."""
        return any(each.direct is None for each in self._all.values())

    def apply(self, delivery: Delivery, *, only: Iterable[int] | None = None) -> Outcome:
        """What comes of it. `only` are the places of its items that are wanted.

        `InvalidExpression` where the list of its items cannot be had.
        """
        wanted, outcome = None if only is None else frozenset(only), Outcome()
        for index, item in enumerate(self._items(delivery)):
            if wanted is None or index in wanted:
                self._add(outcome, delivery, item, index)
        return outcome

    def _items(self, delivery: Delivery) -> list[Any]:
        if (each := self._all.get("each")) is None:
            return [delivery.body]
        values = {"body": delivery.body, "headers": delivery.headers}
        found = _told([each], values)["each"] if each.direct is None else _looked_up(each.direct, values)
        if isinstance(found, InvalidExpression):
            raise found
        if not isinstance(found, list):
            raise InvalidExpression(f"each: `{each.source}` gives no list")
        return found

    def _add(self, outcome: Outcome, delivery: Delivery, item: Any, index: int) -> None:
        values = {"body": delivery.body, "headers": delivery.headers, "item": item, "item_index": index}
        told = _told(self._asked, values) if self._asked else {}
        one = _One(self._definition, self._all, values, told)
        kind = one.kind()
        if kind is None and not one.problems:
            outcome.ignored += 1
            return
        event = one.event(str(kind), delivery, index) if kind is not None else None
        if event is None or one.problems:
            outcome.failures.append(Failure(index, tuple(one.problems)))
        else:
            outcome.events.append(event)


class _One:
    """One item on its way to an event; what is wrong gathers in `problems`."""

    def __init__(
        self,
        definition: Definition,
        computed: Mapping[str, _Computed],
        values: Mapping[str, Any],
        told: Mapping[str, Any],
    ) -> None:
        self._definition, self._computed, self._values, self._told = definition, computed, values, told
        self.problems: list[Problem] = []

    def kind(self) -> str | None:
        """None where a rule says that it is nothing, or (with a problem) where none says anything."""
        why = []
        for number, rule in enumerate(self._definition.kinds):
            met = self._raw(f"kinds.{number}.when")
            if met is True:
                return rule.kind
            if isinstance(met, InvalidExpression):
                why.append(f"rule {number + 1}: {met.message}")
        if self._definition.kind is not None:
            named = self._value("kind")
            if named in KINDS:
                return str(named)
            why.append("kind gives no lifecycle event")
        said = "".join(f"; {each}" for each in why)
        self._wrong("kinds", f"no rule says what it is{said}", "add a rule")
        return None

    def event(self, kind: str, delivery: Delivery, index: int) -> MappedEvent | None:
        employee = self._employee()
        payload = self._payload()
        self.problems += lifecycle.payload_problems(kind, payload)
        moment = self._time()
        if self.problems or employee is None:
            return None
        parts = [self._value(f"id.{number}") for number in range(len(self._definition.id))]
        is_item = self._definition.each is not None
        identity = event_id(parts, delivery.digest, self._values["item"] if is_item else None)
        return MappedEvent(kind, employee, payload, identity, moment, index)

    def _employee(self) -> str | None:
        found = self._value("employee")
        text = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
        if not text.strip():
            self._wrong("employee", f"`{self._definition.employee}` names nobody")
            return None
        return text

    def _payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = {}
        if self._definition.payload_from is not None:
            whole = self._value("payload_from")
            if isinstance(whole, dict):
                payload |= whole
            elif whole is not LEFT_OUT:
                self._wrong("payload_from", f"`{self._definition.payload_from}` gives no object")
        for name, how in self._definition.payload.items():
            found = self._value(f"payload.{name}")
            if found is not LEFT_OUT:
                payload[name] = self._read(f"payload.{name}", how, found)
        return payload

    def _read(self, place: str, how: Any, found: Any) -> Any:
        if found == "":
            return None
        if not isinstance(how, Value) or how.date is None:
            return found
        try:
            return reading.date(found, how.date)
        except ValueError as error:
            self._wrong(place, str(error))
            return None

    def _time(self) -> str | None:
        how = self._definition.time
        if how is None or (found := self._value("time")) in (LEFT_OUT, None, ""):
            return None
        given = how if isinstance(how, Value) else Value(value=how)
        try:
            return reading.time(found, given.date, given.zone)
        except ValueError as error:
            self._wrong("time", str(error))
            return None

    def _value(self, place: str) -> Any:
        found = self._raw(place)
        if isinstance(found, InvalidExpression):
            if isinstance(found, _Absent):
                return LEFT_OUT
            self._wrong(place, found.message, found.hint)
            return LEFT_OUT
        return found

    def _raw(self, place: str) -> Any:
        computed = self._computed[place]
        return self._told[place] if computed.direct is None else _looked_up(computed.direct, self._values)

    def _wrong(self, place: str, reason: str, suggestion: str = "") -> None:
        self.problems.append(Problem(place, reason, suggestion))


class _Absent(InvalidExpression):
    """It reads a field that is not there."""


def _looked_up(direct: lookups.Reader, values: Mapping[str, Any]) -> Any:
    try:
        return direct(values)
    except lookups.NotThere as error:
        return _Absent(f"{error} is not there")


def _told(asked: list[_Computed], values: Mapping[str, Any]) -> dict[str, Any]:
    """The value of each, or the error that it ended with, in one round trip."""
    try:
        answers = pool.ask([["value", each.source] for each in asked], values=dump(values))
    except InvalidExpression as error:
        return {each.place: error for each in asked}
    return {
        each.place: answer if isinstance(answer, InvalidExpression) else wire.unpack(answer)
        for each, answer in zip(asked, answers, strict=True)
    }


def expressions_of(definition: Definition) -> Iterator[tuple[str, str]]:
    """Each with its place."""
    for name in ("each", "kind", "employee", "payload_from"):
        if (source := getattr(definition, name)) is not None:
            yield name, source
    for number, rule in enumerate(definition.kinds):
        yield f"kinds.{number}.when", rule.when
    for number, source in enumerate(definition.id):
        yield f"id.{number}", source
    if definition.time is not None:
        yield "time", _source(definition.time)
    for name, how in definition.payload.items():
        yield f"payload.{name}", _source(how)


def _source(how: str | Value) -> str:
    return how.value if isinstance(how, Value) else how


def _compiled(places: Mapping[str, str]) -> dict[str, Expression]:
    found = dict(zip(places, compile_all(places.values(), _names()), strict=True))
    problems = [
        Problem(place, told.message, told.hint or "; ".join(map(str, told.problems)))
        for place, told in found.items()
        if isinstance(told, InvalidExpression)
    ]
    if problems:
        raise InvalidExpression("expressions of the source are not valid", problems=problems)
    return {place: told for place, told in found.items() if isinstance(told, Expression)}


@functools.cache
def _names() -> Any:
    from officeflow.expressions.names import EACH, OF_DELIVERIES, Names

    return Names(nodes=None, visible=frozenset({*OF_DELIVERIES, *EACH}))
