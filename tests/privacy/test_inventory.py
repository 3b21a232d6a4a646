"""What docs/personal-data.md says is complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from officeflow.database.tables import Base
from officeflow.privacy import clearing, inventory
from officeflow.privacy.inventory import EMPTIED, OURS, REMOVED, REPLACED
from officeflow.privacy.places import PLACES, UNOWNED

OF_OURS = (sa.Boolean, sa.Integer, sa.DateTime, sa.Uuid, sa.Enum)
"""Numbers, moments, states, ids."""
TABLES = sorted(Base.metadata.tables)


@pytest.mark.parametrize("table", TABLES)
def test_of_every_column_it_is_said_what_an_erasure_does(table: str) -> None:
    """A text, a document, a date or bytes in a new column, or a new table: say in `inventory.OURS` whether it
    can hold something of a person, and have an erasure reach it.
    """
    assert table in OURS
    columns = Base.metadata.tables[table].columns
    answered = [name for answer in OURS[table] for name in answer.columns]
    assert len(answered) == len(set(answered))
    assert set(answered) <= set(columns.keys())
    assert {column.name for column in columns if not isinstance(column.type, OF_OURS)} <= set(answered)


def test_no_table_is_answered_for_that_there_is_not() -> None:
    assert sorted(OURS) == TABLES


def test_what_is_said_to_be_emptied_is_in_a_statement_of_an_erasure() -> None:
    statements = "\n".join(
        each
        for name, value in vars(clearing).items()
        if name.isupper()
        for each in (value.values() if isinstance(value, dict) else [value])
        if isinstance(each, str)
    )
    changed = set(re.findall(r"(?:UPDATE|DELETE FROM) (\w+)", statements))
    reached = {
        table
        for table, answers in OURS.items()
        if any(answer.fate in {EMPTIED, REMOVED, REPLACED} for answer in answers)
    }
    assert reached == changed
    for table in sorted(reached):
        for answer in OURS[table]:
            if answer.fate in {EMPTIED, REPLACED} and table not in {"employees", "workflow_runs"}:
                assert [name for name in answer.columns if not re.search(rf"\b{name}\b", statements)] == []


def test_what_is_encrypted_is_emptied_too() -> None:
    fates = {
        f"{table}.{name}": answer.fate
        for table, answers in OURS.items()
        for answer in answers
        for name in answer.columns
    }
    sealed = {f"{place.table}.{name}" for place in PLACES for name in place.columns}
    assert {name for name in sealed if fates[name] not in {EMPTIED, REMOVED}} == set()
    assert not sealed & UNOWNED


def test_the_page_is_what_the_inventory_says() -> None:
    page = Path(__file__).parents[2] / "docs" / "personal-data.md"
    assert page.read_text() == inventory.page(), (
        "call `python -m officeflow.privacy.inventory > docs/personal-data.md`"
    )
