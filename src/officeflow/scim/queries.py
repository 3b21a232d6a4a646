"""Filters and sort of SCIM as SQL: what `ScimFilter.match` finds in memory, this finds in the database."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import (
    ORDERING_OPERATORS,
    STRING_OPERATORS,
    AttributeBinding,
    CompareOperator,
    Comparison,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
    coerce_value,
)
from sqlalchemy import ColumnElement, String, and_, collate, false, func, not_, or_, true
from sqlalchemy.orm import InstrumentedAttribute

Column = ColumnElement[Any] | InstrumentedAttribute[Any]
Exists = Callable[[ColumnElement[bool]], ColumnElement[bool]]
Key = tuple[str, str | None]
"""An attribute and its sub-attribute, by the names of the models."""


@dataclass(frozen=True, slots=True)
class Several:
    """A multi-valued attribute: `exists` is whether one of its values is as a condition on `columns` says."""

    exists: Exists
    columns: Mapping[str, Column]


@dataclass(frozen=True, slots=True)
class Searched:
    """What can be searched of a kind of resource. `sorted_by` is beside `single` what can be sorted by."""

    single: Mapping[Key, Column]
    several: Mapping[str, Several]
    sorted_by: Mapping[Key, Column] = field(default_factory=dict)

    def condition(self, found: ScimFilter[Any]) -> ColumnElement[bool]:
        """`InvalidFilterException` where it names what cannot be searched."""
        return _Translation(self, found).visit(found.ast)

    def order(self, binding: AttributeBinding) -> Column:
        """What sorts as SCIM does; `InvalidFilterException` where nothing is kept to sort by."""
        key = (binding.field_name, binding.sub_field_name)
        column = self.sorted_by.get(key, self.single.get(key))
        if column is None:
            raise InvalidFilterException(detail=f"{_shown(binding)} cannot be sorted by")
        return _ordered(column, binding) if binding.target_type is not bool else column


class _Translation(FilterVisitor[ColumnElement[bool]]):
    def __init__(self, searched: Searched, found: ScimFilter[Any]) -> None:
        self._searched = searched
        self._filter = found

    def visit_comparison(self, node: Comparison) -> ColumnElement[bool]:
        binding = self._filter.resolve_comparison(node.attr_path, strict=False)
        if binding is None:
            return false()
        value = _value(binding, node)
        several = self._searched.several.get(binding.field_name)
        if several is not None:
            return _any(several, binding, node.op, value)
        return _compared(self._single(binding), binding, node.op, value)

    def visit_present(self, node: Present) -> ColumnElement[bool]:
        binding = self._filter.resolve(node.attr_path, strict=False)
        if binding is None:
            return false()
        several = self._searched.several.get(binding.field_name)
        if several is None:
            return or_(*(_present(column) for column in self._parts(binding)))
        columns = several.columns
        if binding.sub_field_name is not None:
            return several.exists(_present(_column(several, binding)))
        return several.exists(or_(*map(_present, columns.values())))

    def visit_not(self, node: Not) -> ColumnElement[bool]:
        return not_(self.visit(node.expr))

    def visit_logical_expr(self, node: LogicalExpr) -> ColumnElement[bool]:
        terms = [self.visit(term) for term in node.terms]
        return and_(*terms) if node.op == LogicalOperator.and_ else or_(*terms)

    def visit_value_path(self, node: ValuePath) -> ColumnElement[bool]:
        binding = self._filter.resolve(node.attr_path, strict=False)
        if binding is None:
            return false()
        several = self._searched.several.get(binding.field_name)
        if several is None:
            raise InvalidFilterException(detail=f"{node.attr_path} cannot be searched")
        item: Any = binding.field_type
        inner = Searched({(name, None): column for name, column in several.columns.items()}, {})
        return several.exists(inner.condition(ScimFilter.__class_getitem__(item)(node.val_filter)))

    def _single(self, binding: AttributeBinding) -> Column:
        column = self._searched.single.get((binding.field_name, binding.sub_field_name))
        if column is None:
            raise InvalidFilterException(detail=f"{_shown(binding)} cannot be searched")
        return column

    def _parts(self, binding: AttributeBinding) -> list[Column]:
        """A complex attribute is there where a part of it is."""
        if binding.sub_field_name is None:
            parts = [
                column for (name, _), column in self._searched.single.items() if name == binding.field_name
            ]
            if parts:
                return parts
        return [self._single(binding)]


def _any(several: Several, binding: AttributeBinding, op: CompareOperator, value: Any) -> ColumnElement[bool]:
    """One of the values is so; `ne`: none of them is equal, as none is where there are none."""
    column = _column(several, binding)
    if value is None:
        missing = or_(not_(several.exists(true())), several.exists(column.is_(None)))
        match op:
            case CompareOperator.eq:
                return missing
            case CompareOperator.ne:
                return not_(missing)
            case _:
                return false()
    if op == CompareOperator.ne:
        return not_(several.exists(_compared(column, binding, CompareOperator.eq, value)))
    return several.exists(_compared(column, binding, op, value))


def _column(several: Several, binding: AttributeBinding) -> Column:
    column = several.columns.get(binding.sub_field_name or "value")
    if column is None:
        raise InvalidFilterException(detail=f"{_shown(binding)} cannot be searched")
    return column


def _compared(
    column: Column, binding: AttributeBinding, op: CompareOperator, value: Any
) -> ColumnElement[bool]:
    """True or false, never unknown: what has no value is unequal to every value."""
    if value is None:
        nothing = {CompareOperator.eq: column.is_(None), CompareOperator.ne: column.is_not(None)}
        return nothing.get(op, false())
    is_text = isinstance(column.type, String)
    if op in STRING_OPERATORS:
        return func.coalesce(_part(_folded(column, binding), op, value), false()) if is_text else false()
    if op in ORDERING_OPERATORS:
        return func.coalesce(_BIGGER[op](_ordered(column, binding), value), false())
    left = _folded(column, binding)
    if op == CompareOperator.ne:
        return func.coalesce(left != value, true())
    return and_(left.is_not(None), left == value)  # which an index can answer, as `coalesce` could not


_BIGGER: Mapping[CompareOperator, Callable[[Any, Any], Any]] = {
    CompareOperator.gt: operator.gt,
    CompareOperator.ge: operator.ge,
    CompareOperator.lt: operator.lt,
    CompareOperator.le: operator.le,
}


def _part(left: Column, op: CompareOperator, value: str) -> ColumnElement[bool]:
    match op:
        case CompareOperator.co:
            return left.contains(value, autoescape=True)
        case CompareOperator.sw:
            return left.startswith(value, autoescape=True)
        case _:
            return left.endswith(value, autoescape=True)


def _folded(column: Column, binding: AttributeBinding) -> Column:
    """Without its case, where SCIM says so."""
    is_exact = binding.case_exact or not isinstance(column.type, String)
    return column if is_exact else func.lower(column)


def _ordered(column: Column, binding: AttributeBinding) -> Column:
    """Texts by their characters, whatever the language of the database."""
    folded = _folded(column, binding)
    return collate(folded, "C") if isinstance(column.type, String) else folded


def _present(column: Column) -> ColumnElement[bool]:
    return func.coalesce(column != "", false()) if isinstance(column.type, String) else column.is_not(None)


def _value(binding: AttributeBinding, node: Comparison) -> Any:
    """In the form that is compared; a text must be one that PostgreSQL can hold."""
    value = coerce_value(binding, node.value, node.op)
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        value = value.replace(tzinfo=dt.UTC)
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= each <= "\udfff" for each in value):
            raise InvalidFilterException(detail=f"{_shown(binding)} is compared with what is no text")
        return str(binding.comparable(value))
    return value


def _shown(binding: AttributeBinding) -> str:
    return binding.urn.rpartition(":")[2] or binding.field_name
