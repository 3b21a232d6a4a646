"""From a form of the web, which knows texts alone, to values of the types that the request's form names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from officeflow.marks import SENSITIVE_MARK
from officeflow.sdk import form as forms

PREFIX = "field."
INPUTS: Mapping[str, str] = {
    "date": "date",
    "date-time": "datetime-local",
    "time": "time",
    "email": "email",
    "uri": "url",
}
"""JSON Schema's format to the kind of input that asks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field as the page shows it. `kind` is `text`, `lines`, `choice`, `choices`, `yes`, or an input's
    type.
    """

    name: str
    title: str
    description: str
    kind: str
    required: bool
    value: str
    chosen: Sequence[str] = ()
    options: Sequence[str] = ()
    problem: str = ""
    private: bool = False


def fields_of(
    form: Mapping[str, Any], given: Mapping[str, list[str]], problems: Mapping[str, str]
) -> Iterator[Field]:
    """The form's fields in order, with what was filled in before."""
    required = form.get("required") or ()
    for name, schema in forms.fields_in_order(form).items():
        texts = given.get(PREFIX + name, [])
        default = schema.get("default")
        before = texts if given else _texts(default)
        yield Field(
            name=PREFIX + name,
            title=str(schema.get("title") or name.replace("_", " ").capitalize()),
            description=str(schema.get("description") or ""),
            kind=_kind(schema),
            required=name in required,
            value=before[0] if before else "",
            chosen=before,
            options=_options(schema),
            problem=problems.get(name, ""),
            private=bool(schema.get(SENSITIVE_MARK)),
        )


def values_of(form: Mapping[str, Any], given: Mapping[str, list[str]]) -> dict[str, Any]:
    """What was filled in. A text that is no value of its field's type stays a text: the form's check says
    so.
    """
    return {
        name: _value(schema, given.get(PREFIX + name, []))
        for name, schema in (form.get("properties") or {}).items()
    }


def _value(schema: Mapping[str, Any], texts: list[str]) -> Any:
    kind, text = schema.get("type"), (texts or [""])[0].strip()
    if kind == "boolean":
        return text == "yes"
    if kind == "array":
        items = texts if _options(schema) else text.splitlines()
        return [each.strip() for each in items if each.strip()] or None
    if not text:
        return None
    if kind in {"integer", "number"}:
        return _number(text, whole=kind == "integer")
    if kind == "string" and schema.get("format") in {"date-time", "time"}:
        return _moment(text)
    return text


def _number(text: str, *, whole: bool) -> Any:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        return text


def _moment(text: str) -> str:
    """Browsers leave out seconds and the zone; what is entered is UTC, as the page says."""
    with_seconds = text + ":00" if text.count(":") == 1 else text
    has_zone = with_seconds.endswith("Z") or "+" in with_seconds
    return with_seconds if has_zone else f"{with_seconds}Z"


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if kind == "boolean":
        return "yes"
    if kind == "array":
        return "choices" if _options(schema) else "lines"
    if _options(schema):
        return "choice"
    if kind in {"integer", "number"}:
        return "number"
    if schema.get("format") == "multiline":
        return "lines"
    return INPUTS.get(str(schema.get("format")), "text")


def _options(schema: Mapping[str, Any]) -> list[str]:
    of_items = schema.get("items") if schema.get("type") == "array" else schema
    return [str(each) for each in (of_items or {}).get("enum") or ()]


def _texts(default: Any) -> list[str]:
    if default is None:
        return []
    if isinstance(default, bool):
        return ["yes"] if default else []
    return [str(each) for each in default] if isinstance(default, list) else [str(default)]
