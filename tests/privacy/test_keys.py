from __future__ import annotations

import uuid

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select, text, update

from officeflow.database.encryption import EncryptedBytes, EncryptedJSON, EncryptedText, keyring
from officeflow.database.engine import Database
from officeflow.database.keys import FRESH_SECONDS, Keys
from officeflow.database.tables import Base, Employee, NodeRun, Organization, OrganizationKey, PersonKey
from officeflow.errors import InvalidInput
from officeflow.ids import new_id
from officeflow.owners import Owner, owned, owner
from officeflow.privacy.places import PLACES, UNOWNED
from tests.privacy.conftest import Somebody

pytestmark = pytest.mark.integration
KEYS = "OFFICEFLOW_ENCRYPTION_KEYS"


def test_every_encrypting_column_has_its_place() -> None:
    """A column that is in no place would keep its keys for ever, and lose its content with them."""
    encrypting = {
        f"{table.name}.{column.name}": column.type
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, EncryptedBytes | EncryptedJSON | EncryptedText)
    }
    assert {name: each.place for name, each in encrypting.items()} == {name: name for name in encrypting}
    owned = {f"{place.table}.{column}" for place in PLACES for column in place.columns}
    assert owned | UNOWNED == set(encrypting)


def test_each_person_has_a_key_and_the_organization_one(database: Database, org: Organization) -> None:
    employees = [owner(org.org_id, name) for name in ("E-1", "E-2", "")]
    keys = {database.keys.of_owner(each).key_id for each in employees}
    assert len(keys) == 3
    assert {database.keys.of_owner(each).key_id for each in employees} == keys
    with database.service() as session:
        assert session.scalar(select(func.count()).select_from(PersonKey)) == 2
        assert session.scalars(select(OrganizationKey.key_id)).one() in keys


def test_a_value_in_another_column_or_under_another_name_is_not_read(
    database: Database, org: Organization
) -> None:
    key = database.keys.of_owner(owner(org.org_id, "E-1"))
    stored = key.seal("node_runs.input", b"1")
    assert key.open("node_runs.input", stored) == b"1"
    for place, value in (("employees.sensitive", stored), ("node_runs.input", _renamed(stored))):
        with pytest.raises(InvalidInput, match="cannot be read"):
            key.open(place, value)


def _renamed(stored: bytes) -> bytes:
    return stored[:17] + new_id().bytes + stored[33:]


def test_a_key_is_forgotten_in_seconds(database: Database, org: Organization) -> None:
    now = 0.0
    keys = Keys(database.tenants, database.keys._enter, clock=lambda: now)
    stored = keys.of_owner(owner(org.org_id, "E-1")).seal("x", b"1")
    with database.service() as session:
        session.execute(
            update(PersonKey).values(wrapped=None, destroyed_at=func.now(), retired_at=func.now())
        )
    assert keys.of_value(stored) is not None
    now = FRESH_SECONDS
    assert keys.of_value(stored) is None
    assert FRESH_SECONDS <= 5


def test_a_tenant_reads_no_others_keys(database: Database, org: Organization, other: Organization) -> None:
    stored = database.keys.of_owner(owner(other.org_id, "E-1")).seal("x", b"1")
    forged = stored[:1] + org.org_id.bytes + stored[17:]
    database.keys.forget()
    with pytest.raises(InvalidInput, match="has no such key"):
        database.keys.of_value(forged)


def test_without_the_installations_key_nothing_is_read_and_that_is_said(
    database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.tenant(org.org_id) as session:
        session.add(_employee(org.org_id))
    database.keys.forget()
    monkeypatch.setenv(KEYS, Fernet.generate_key().decode())
    with pytest.raises(InvalidInput, match="lacks the key"), database.tenant(org.org_id) as session:
        session.scalars(select(Employee.sensitive)).all()
    with pytest.raises(InvalidInput, match="lacks the key"), database.tenant(org.org_id) as session:
        session.add(_employee(org.org_id, "E-2"))


def test_a_key_is_made_while_the_organization_is_locked(database: Database, org: Organization) -> None:
    """By another connection, which must not wait for the transaction that needs it."""
    with database.service() as session:
        session.execute(text("SET LOCAL lock_timeout = '3s'"))
        session.execute(select(Organization).where(Organization.org_id == org.org_id).with_for_update())
        session.add(_employee(org.org_id))
        session.flush()


def _employee(org_id: uuid.UUID, name: str = "E-1") -> Employee:
    value = owned(owner(org_id, name), {"salary": 1})
    return Employee(employee_id=new_id(), org_id=org_id, external_id=name, status="active", sensitive=value)


@pytest.mark.parametrize("value", [{"a": 1}, [1], "text", b"bytes"])
def test_an_owned_value_is_what_it_was(value: object) -> None:
    assert owned(Owner(uuid.UUID(int=1)), value) == value
    assert owned(Owner(uuid.UUID(int=1)), None) is None


def test_what_has_no_owner_yet_is_read_as_before(somebody: Somebody, database: Database) -> None:
    with database.service() as session:
        session.execute(
            text("UPDATE node_runs SET input = :old"), {"old": keyring().encrypt(b'{"params": {"a": 1}}')}
        )
    with somebody.tenant() as session:
        assert session.scalars(select(NodeRun.input)).one() == {"params": {"a": 1}}
