from __future__ import annotations

import datetime as dt
import uuid

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select, text

from officeflow.audit import store as audit
from officeflow.database import encryption, sealing
from officeflow.database.engine import Database
from officeflow.database.tables import (
    DeadLetter,
    Employee,
    HumanRequest,
    IdempotencyKey,
    KeyPass,
    NodeRun,
    Organization,
    OrganizationKey,
    PersonKey,
)
from officeflow.errors import InvalidInput
from officeflow.ids import new_id
from officeflow.owners import Owner
from officeflow.privacy import passes, rotation
from officeflow.privacy.places import PLACES
from officeflow.statuses import KeyPassState
from tests.privacy.conftest import HIDDEN, Somebody

pytestmark = pytest.mark.integration
KEYS = "OFFICEFLOW_ENCRYPTION_KEYS"
AT_ONCE = dt.timedelta(0)


def keys_in_use(database: Database) -> set[uuid.UUID]:
    with database.service() as session:
        return {
            sealing.key_of(bytes(value))[1]
            for place in PLACES
            for column in place.columns
            for value in session.scalars(
                text(f"SELECT {column} FROM {place.table} WHERE {column} IS NOT NULL")  # noqa: S608 - names of ours
            )
        }


def as_from_before(database: Database) -> int:
    """Every value as it was before people had keys; how many there are."""
    number = 0
    with database.service() as session:
        for place in PLACES:
            for column in place.columns:
                query = f"SELECT {place.key}, {column} FROM {place.table} WHERE {column} IS NOT NULL"  # noqa: S608
                for key, value in session.execute(text(query)).all():
                    opened = encryption.opened(f"{place.table}.{column}", bytes(value), session.bind.dialect)  # type: ignore[union-attr]
                    assert opened is not None
                    old = opened if place.was_plain else encryption.keyring().encrypt(opened)
                    session.execute(text(place.change(column)), {"new": old, "key": key, "old": value})
                    number += 1
        session.execute(text("DELETE FROM person_keys"))
        session.execute(text("DELETE FROM organization_keys"))
    database.keys.forget()
    return number


def go(database: Database, *, settled: dt.timedelta = AT_ONCE, batch: int = 500) -> None:
    while passes.advance(database, batch=batch, settled=settled):
        pass


def private(database: Database, org: Organization) -> str:
    """What an act was given, a question said and an employee keeps."""
    with database.tenant(org.org_id) as session:
        given = session.scalars(select(NodeRun.input)).one()["params"]["private"]
        asked = session.scalars(select(HumanRequest.body)).one()
        kept = session.scalars(select(Employee.sensitive)).one()["personal_email"]
        letters = b"".join(body or b"" for body in session.scalars(select(DeadLetter.body)))
    assert (HIDDEN in asked, HIDDEN in kept, HIDDEN.encode() in letters) == (True, True, True)
    return str(given)


def test_rows_from_before_come_under_their_owners_keys(
    somebody: Somebody, database: Database, org: Organization
) -> None:
    number = as_from_before(database)
    assert private(database, org) == HIDDEN
    assert (passes.adopt(database), passes.adopt(database)) == (1, 0)
    go(database)
    owners = {database.keys.of_owner(one).key_id for one in (somebody.ref.owner, Owner(org.org_id))}
    assert keys_in_use(database) == owners
    assert private(database, org) == HIDDEN
    (done,) = rotation.progress(database, "acme")
    assert (done.way.state, done.way.unread) == (KeyPassState.DONE, 0)
    assert 0 < done.way.changed <= number


def test_an_interrupted_way_goes_on_where_it_was(
    somebody: Somebody, database: Database, org: Organization
) -> None:
    as_from_before(database)
    passes.adopt(database)
    places = []
    for _ in range(100):
        with Database(database.engine.url.render_as_string(hide_password=False)) as another_process:
            if not passes.advance(another_process, batch=1, settled=AT_ONCE):
                break
        with database.service() as session:
            places.append(session.scalars(select(KeyPass.table_name)).one())
    assert places[: len(set(places))] != places  # it took many processes
    assert private(database, org) == HIDDEN
    assert somebody.ref.owner.person is not None
    assert rotation.progress(database)[0].way.state == KeyPassState.DONE


def test_an_organizations_key_is_replaced_and_goes_in_the_end(
    somebody: Somebody, database: Database, org: Organization
) -> None:
    before = keys_in_use(database)
    person = database.keys.of_owner(somebody.ref.owner).key_id
    rotation.rotate_organization(database, "acme", why="it leaked", by="cli:boss")
    go(database)
    assert private(database, org) == HIDDEN
    assert keys_in_use(database) & before == {person}
    with database.service() as session:
        (whole,) = session.scalars(select(OrganizationKey)).all()
        assert session.scalars(select(PersonKey.org_key_id)).all() == [whole.key_id]
    database.keys.forget()
    assert private(database, org) == HIDDEN


def test_the_keys_of_people_are_replaced_too(
    somebody: Somebody, database: Database, org: Organization
) -> None:
    before = keys_in_use(database)
    rotation.rotate_organization(database, "acme", why="it leaked", by="cli:boss", people=True)
    go(database)
    assert keys_in_use(database) & before == set()
    assert private(database, org) == HIDDEN
    with database.service() as session:
        assert session.scalar(select(func.count()).select_from(PersonKey)) == 1
        actions = [each.action for each in audit.newest(session, org.org_id)]
    assert actions[-2:] == ["keys.rotation_asked", "keys.rotated"]
    assert somebody.external_id == "E-77"


def test_a_replaced_key_stays_while_somebody_may_write_under_it(
    somebody: Somebody, database: Database
) -> None:
    rotation.rotate_organization(database, "acme", why="it leaked", by="cli:boss")
    go(database, settled=dt.timedelta(hours=1))
    (way,) = rotation.progress(database, "acme")
    assert (way.way.state, way.way.round) == (KeyPassState.RUNNING, 2)
    with database.service() as session:
        assert session.scalar(select(func.count()).select_from(OrganizationKey)) == 2
    assert somebody.external_id == "E-77"


def test_what_no_key_opens_stays_with_its_key(
    somebody: Somebody, database: Database, org: Organization
) -> None:
    with database.service() as session:
        session.execute(text("UPDATE node_runs SET progress = input"))
    rotation.rotate_organization(database, "acme", why="it leaked", by="cli:boss", people=True)
    go(database)
    (way,) = rotation.progress(database, "acme")
    assert (way.way.state, way.way.unread) == (KeyPassState.DONE, 1)
    with database.service() as session:
        assert session.scalar(select(func.count()).select_from(PersonKey)) == 2
    assert somebody.org.org_id == org.org_id


def test_the_installations_old_key_is_not_needed_after_its_rotation(
    somebody: Somebody, database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with database.service() as session:
        session.execute(text("DELETE FROM person_keys"))
        session.execute(text("DELETE FROM organization_keys"))
        for place in PLACES:
            for column in place.columns:
                if not place.was_plain and column not in {"body", "sensitive", "input"}:
                    session.execute(text(f"UPDATE {place.table} SET {column} = NULL"))  # noqa: S608 - names of ours
    monkeypatch.setenv(KEYS, old)
    database.keys.forget()
    again = Somebody(database, org, "E-80", dag_run_id="evt__again")
    again._employ()
    with database.service() as session:
        session.add(
            DeadLetter(
                dead_letter_id=new_id(),
                topic="t",
                partition=0,
                offset=1,
                reason="not_json",
                detail="",
                body=b"nobody's",
            )
        )
        session.add(IdempotencyKey(owner="o", key="k", content="c", begun_at=func.now(), answer={"a": 1}))
    monkeypatch.setenv(KEYS, f"{new},{old}")
    rotation.rotate_installation(database, why="it leaked", by="cli:root")
    assert not rotation.standing(database).only_the_first_is_needed
    go(database)
    assert rotation.standing(database).only_the_first_is_needed
    monkeypatch.setenv(KEYS, new)
    database.keys.forget()
    with database.service() as session:
        query = select(Employee.sensitive).where(Employee.external_id == "E-80")
        assert session.scalars(query).one() == {"personal_email": f"{HIDDEN}@home.example"}
        unowned = select(DeadLetter.body).where(DeadLetter.org_id.is_(None))
        assert session.scalars(unowned).one() == b"nobody's"
        assert session.scalars(select(IdempotencyKey.answer)).one() == {"a": 1}
    assert somebody.external_id == "E-77"


def test_a_rotation_needs_its_reason(database: Database, org: Organization) -> None:
    with pytest.raises(InvalidInput, match="reason is empty"):
        rotation.rotate_organization(database, org.slug, why=" ", by="cli:boss")
