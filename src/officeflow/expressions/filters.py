"""The filters of templates.

None can give more than it is charged for, and none depends on chance or on the present moment.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import zoneinfo
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import GeneratorType
from typing import Any
from urllib.parse import quote

from jinja2 import Undefined, pass_eval_context
from jinja2.filters import FILTERS as DEFAULT_FILTERS

from officeflow.errors import InvalidExpression
from officeflow.expressions import zones
from officeflow.expressions.budget import ITEM, charge, weight
from officeflow.expressions.values import to_text

Filter = Callable[..., Any]

PLAIN = (
    *(
        "abs",
        "capitalize",
        "count",
        "d",
        "default",
        "dictsort",
        "e",
        "escape",
        "first",
        "float",
        "int",
        "items",
        "last",
        "length",
        "list",
    ),
    *(
        "lower",
        "map",
        "max",
        "min",
        "reject",
        "rejectattr",
        "reverse",
        "select",
        "selectattr",
        "sort",
        "string",
        "title",
        "trim",
    ),
    *("truncate", "unique", "upper", "wordcount"),
)
"""Jinja's own, as they are: what they give is no larger than a small multiple of what they get."""


def _counted(function: Filter) -> Filter:
    """The same, charged for what it reads and what it gives; a lazy result is drawn at once, so that its work
    is counted here.
    """

    @functools.wraps(function)
    def filtered(*arguments: Any, **options: Any) -> Any:
        charge(sum(map(weight, arguments)))
        result = function(*arguments, **options)
        if isinstance(result, GeneratorType) or hasattr(result, "__next__"):
            result = list(result)
        charge(weight(result))
        return result

    return filtered


@pass_eval_context
def _join(eval_ctx: Any, value: Any, d: str = "", attribute: str | int | None = None) -> str:
    items = list(value)
    charge(len(items) * (ITEM + len(str(d))) + sum(len(str(item)) for item in items))
    joined: str = DEFAULT_FILTERS["join"](eval_ctx, items, d, attribute)
    return joined


@pass_eval_context
def _replace(eval_ctx: Any, value: Any, old: str, new: str, count: int | None = None) -> str:
    text, old, new = str(value), str(old), str(new)
    charge(len(text) + (text.count(old) if old else len(text) + 1) * len(new))
    replaced: str = DEFAULT_FILTERS["replace"](eval_ctx, value, old, new, count)
    return replaced


@pass_eval_context
def _tojson(eval_ctx: Any, value: Any) -> str:
    text: str = DEFAULT_FILTERS["tojson"](eval_ctx, value)
    return text


def _indent(value: Any, width: Any = 4, first: bool = False) -> str:
    if not isinstance(width, int) or not 0 <= width <= 80:
        raise InvalidExpression("indent takes a width from 0 to 80")
    text = str(value)
    charge(len(text) + (text.count("\n") + 1) * width)
    indented: str = DEFAULT_FILTERS["indent"](text, width, first)
    return indented


def _round(value: float, precision: Any = 0) -> float:
    if not isinstance(precision, int) or abs(precision) > 15:
        raise InvalidExpression("round takes a precision from -15 to 15")
    rounded: float = round(value, int(precision))
    return rounded


def _sum(value: Any) -> float:
    total: float = sum(item for item in value if _is_number(item))
    return total


def _is_number(value: Any) -> bool:
    if isinstance(value, int | float):
        return True
    raise InvalidExpression("sum adds numbers only")


DIRECTIVE = re.compile(r"%-?[aAbBdejmyYHIklMpSUVZz%]")


def _date(value: Any, form: str = "%Y-%m-%d", zone: str = "") -> str:
    """`{{ employee.start_date | date("%A, %-d %B %Y") }}`; with `zone`, a moment as clocks there show it.

    A date is that day everywhere, and a time without an offset is what clocks show, wherever they are: no
    zone moves either.
    """
    there = _zone(zone) if zone else None
    moment = _moment(str(value))
    if there is not None and isinstance(moment, dt.datetime):
        moment = moment.replace(tzinfo=there) if moment.tzinfo is None else moment.astimezone(there)
    if "%" in DIRECTIVE.sub("", form) or len(form) > 100:
        raise InvalidExpression(
            f"date does not know the format {form[:100]!r}", hint="for instance %A, %-d %B %Y or %H:%M"
        )
    return moment.strftime(form)


def _moment(text: str) -> dt.date | dt.datetime:
    for read in (dt.date.fromisoformat, dt.datetime.fromisoformat):
        with suppress(ValueError):
            return read(text)
    raise InvalidExpression(f"date needs an ISO 8601 date or time, not {text[:40]!r}")


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zones.zone(name)
    except zoneinfo.ZoneInfoNotFoundError as error:
        raise InvalidExpression(f"{name!r} is not an IANA time zone") from error


class Quoted(str):
    """Text in which nothing has a meaning of its own in an address."""

    __slots__ = ()


def _urlencode(value: Any) -> Quoted:
    """One value as a part of an address, also of its path: every character but letters, digits and `-._~` is
    encoded, `/` too.

    An object or a list of pairs becomes a query, `a=1&b=2`.
    """
    if isinstance(value, Mapping | list | tuple):
        return Quoted(DEFAULT_FILTERS["urlencode"](value))
    if isinstance(value, Undefined):
        return Quoted(value)  # StrictUndefined raises here
    return Quoted(quote(to_text(value), safe=""))


FILTERS: Mapping[str, Filter] = {
    **{name: _counted(DEFAULT_FILTERS[name]) for name in PLAIN},
    "tojson": _counted(_tojson),
    "join": _counted(_join),
    "replace": _counted(_replace),
    "indent": _counted(_indent),
    "round": _counted(_round),
    "sum": _counted(_sum),
    "date": _counted(_date),
    "urlencode": _counted(_urlencode),
}
