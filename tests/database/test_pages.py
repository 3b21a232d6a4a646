"""Cursors: what they look like, and what becomes of those that are damaged or another list's."""

from __future__ import annotations

import re
import uuid

import pytest
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.pages import Wanted, every, page_of
from officeflow.database.tables import Organization
from officeflow.errors import InvalidInput

pytestmark = pytest.mark.integration
BY_TIME = select(Organization.name).order_by(Organization.created_at.desc(), Organization.org_id)
BY_NAME = select(Organization.name).order_by(Organization.name, Organization.org_id)
BY_ID = select(Organization.name).order_by(Organization.org_id)
NAMES = ["a~b\\nc", 'd"+\n,e', "日本🎉"]


@pytest.fixture(autouse=True)
def _organizations(database: Database) -> None:
    with database.service() as session:
        for number, name in enumerate(NAMES):
            slug = f"o{number}"
            session.add(Organization(org_id=uuid.uuid4(), slug=slug, name=name, domain=f"{slug}.example"))


def cursor_of(database: Database) -> str:
    with database.service() as session:
        found = page_of(session, BY_TIME, Wanted(1)).next
    assert found is not None
    return found


def test_a_cursor_stays_what_it_is_in_an_address(database: Database) -> None:
    assert re.fullmatch("[A-Za-z0-9_-]+", cursor_of(database))


def test_whatever_the_last_row_is_called_the_next_one_follows(database: Database) -> None:
    with database.service() as session:
        found = [
            name for (name,) in every(lambda wanted: page_of(session, BY_NAME, Wanted(1, wanted.cursor)))
        ]
    assert sorted(found) == sorted(NAMES)


def test_one_that_is_damaged_is_no_page(database: Database) -> None:
    cursor = cursor_of(database)
    changed = ["B" if each != "B" else "C" for each in cursor]
    damaged = [
        cursor[:place] + changed[place] + cursor[place + 1 :] for place in range(0, len(cursor) - 1, 5)
    ]
    damaged += [cursor[:-4], cursor + "AAAA", cursor.replace(cursor[9], " "), "A", "AAAAAA", "+", "é", "=="]
    with database.service() as session:
        for each in damaged:
            with pytest.raises(InvalidInput, match="there is no such page"):
                page_of(session, BY_TIME, Wanted(1, each))


@pytest.mark.parametrize("other", [BY_NAME, BY_ID])
def test_one_of_another_list_is_no_page(database: Database, other: object) -> None:
    cursor = cursor_of(database)
    with database.service() as session, pytest.raises(InvalidInput, match="there is no such page"):
        page_of(session, other, Wanted(1, cursor))  # type: ignore[arg-type]
