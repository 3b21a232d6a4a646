"""Keeps what is sensitive out of what is told of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from officeflow.runner.masking import Mask
from officeflow.runner.planning.leaves import Computed, Known
from officeflow.runs.acts import MASK
from officeflow.sdk import FieldChange, Planned


def private_values(found: Computed, known: Known) -> tuple[Any, ...]:
    """The values of the person's sensitive fields, of sensitive outputs, and of the parameters that were
    computed from them.
    """
    named = [value for value in _differing(known.values, known.masked) if not isinstance(value, bool)]
    return (*named, *found.private)


def veiled_plan(plan: Planned, mask: Mask, hidden: Sequence[Any]) -> Planned:
    """What may be shown of it. Of a field whose new value comes from what is sensitive, the old one is not
    shown either.
    """
    return replace(
        plan,
        what=mask.text(plan.what),
        note=mask.text(plan.note),
        fields=tuple(_veiled(each, mask, hidden) for each in plan.fields),
    )


def _veiled(field: FieldChange, mask: Mask, hidden: Sequence[Any]) -> FieldChange:
    is_private = field.secret or any(
        _is_hidden(value, mask, hidden) for value in (field.before, field.after) if value is not None
    )
    if not is_private:
        return replace(field, field=mask.text(field.field))
    return replace(
        field,
        field=mask.text(field.field),
        before=None if field.before is None else MASK,
        after=None if field.after is None else MASK,
        secret=True,
    )


def _is_hidden(value: Any, mask: Mask, hidden: Sequence[Any]) -> bool:
    """Also where it is too short for a mask, or no text."""
    return value in [each for each in hidden if each not in (None, "", [], {})] or mask.value(value) != value


def _differing(real: Any, masked: Any) -> Iterator[Any]:
    """The values that are masked."""
    if isinstance(real, Mapping) and isinstance(masked, Mapping):
        for name, value in real.items():
            yield from _differing(value, masked.get(name))
    elif isinstance(real, list) and isinstance(masked, list) and len(real) == len(masked):
        for value, shown in zip(real, masked, strict=True):
            yield from _differing(value, shown)
    elif real != masked:
        yield real
