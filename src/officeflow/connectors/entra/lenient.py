"""Reading with patience what only describes; what identifies is read strictly."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator


def _or_absent(value: object, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _flag(value: object) -> object:
    """`active` as text is read as what it says."""
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


def _moment(value: object) -> object:
    """None for what is no moment, and for one without a zone."""
    try:
        moment = dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


Described = WrapValidator(_or_absent)
Id = Annotated[str, Field(min_length=1)]
Text = Annotated[str | None, BeforeValidator(_text), Described]
Flag = Annotated[bool | None, BeforeValidator(_flag)]
Moment = Annotated[dt.datetime | None, BeforeValidator(_moment)]
Texts = Annotated[list[str] | None, Described]
