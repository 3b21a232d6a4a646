from __future__ import annotations

import datetime as dt
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

from officeflow.database.encryption import EncryptedBytes, EncryptedJSON, fingerprint
from officeflow.database.engine import Database
from officeflow.database.tables import Employee, Organization
from officeflow.errors import InvalidInput
from officeflow.ids import new_id

KEYS = "OFFICEFLOW_ENCRYPTION_KEYS"
DIALECT: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def write(value: Any) -> bytes | None:
    processor = EncryptedJSON().bind_processor(DIALECT)
    assert processor is not None
    stored: bytes | None = processor(value)
    return stored


def read(stored: bytes | None) -> Any:
    processor = EncryptedJSON().result_processor(DIALECT, None)
    assert processor is not None
    return processor(stored)


@given(value=json_values)
def test_any_json_value_comes_back_as_it_was(value: Any) -> None:
    assert read(write(value)) == value


def test_none_is_null() -> None:
    assert write(None) is None
    assert EncryptedBytes().process_bind_param(None, DIALECT) is None


def test_equal_values_are_stored_differently() -> None:
    assert write({"salary": 1}) != write({"salary": 1})


def test_after_a_rotation_old_rows_are_read_and_new_ones_need_the_new_key_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(KEYS, OLD)
    old_row = write({"salary": 1})
    monkeypatch.setenv(KEYS, f"{NEW}, {OLD}")
    assert read(old_row) == {"salary": 1}
    new_row = write({"salary": 2})
    monkeypatch.setenv(KEYS, NEW)
    assert read(new_row) == {"salary": 2}
    with pytest.raises(InvalidInput, match="lacks the key it was written with"):
        read(old_row)


@pytest.mark.parametrize("keys", ["", " , ", "short", f"{OLD},short"])
def test_bad_keys_are_told_by_the_variables_name(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv(KEYS, keys)
    with pytest.raises(InvalidInput, match=KEYS):
        write(1)


def test_a_fingerprint_depends_on_value_and_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEYS, OLD)
    first = fingerprint(b"a")
    assert (fingerprint(b"a") == first, fingerprint(b"b") == first) == (True, False)
    monkeypatch.setenv(KEYS, NEW)
    assert fingerprint(b"a") != first


@pytest.mark.integration
def test_a_sensitive_column_cannot_be_read_in_the_database(
    database: Database, database_url: str, org: Organization
) -> None:
    with database.tenant(org.org_id) as session:
        session.add(
            Employee(
                employee_id=new_id(),
                org_id=org.org_id,
                external_id="E1",
                status="active",
                sensitive={"bank_account": "DE02-1203"},
            )
        )
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT employees::text, sensitive FROM employees").fetchone()
    assert row is not None
    assert "DE02-1203" not in row[0]
    assert b"DE02-1203" not in row[1]
    with database.tenant(org.org_id) as session:
        assert session.query(Employee.sensitive).scalar() == {"bank_account": "DE02-1203"}


@pytest.mark.integration
def test_each_row_is_read_with_the_key_it_was_written_with(
    database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    for keys, person in ((OLD, "E1"), (f"{NEW},{OLD}", "E2")):
        monkeypatch.setenv(KEYS, keys)
        with database.tenant(org.org_id) as session:
            session.add(
                Employee(
                    employee_id=new_id(),
                    org_id=org.org_id,
                    external_id=person,
                    status="active",
                    sensitive={"of": person},
                    last_event_at=dt.datetime.now(dt.UTC),
                )
            )
    with database.tenant(org.org_id) as session:
        rows = session.query(Employee.external_id, Employee.sensitive).order_by(Employee.external_id).all()
    assert [tuple(row) for row in rows] == [("E1", {"of": "E1"}), ("E2", {"of": "E2"})]
