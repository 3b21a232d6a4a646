"""What an error of the database says: what is wrong, and nothing of what is in the row."""

from __future__ import annotations

import traceback

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from officeflow.database.constraints import violated_unique
from officeflow.database.engine import Database
from officeflow.database.tables import Employee, Organization
from officeflow.ids import new_id

pytestmark = pytest.mark.integration
VALUE = "marked-4711"
INCOMPLETE = text(
    "INSERT INTO employees (employee_id, org_id, external_id, department, status)"
    " VALUES (gen_random_uuid(), :org, NULL, :value, 'active')"
)


def told(error: BaseException) -> str:
    """As a log has it."""
    return "".join(traceback.format_exception(error))


def test_what_is_there_already_is_named_by_its_constraint(database: Database, org: Organization) -> None:
    def add() -> None:
        with database.tenant(org.org_id) as session:
            employee = Employee(
                employee_id=new_id(), org_id=org.org_id, external_id=VALUE, department=VALUE, status="active"
            )
            session.add(employee)

    add()
    with pytest.raises(IntegrityError) as caught:
        add()
    assert "uq_employees" in told(caught.value)
    assert VALUE not in told(caught.value)
    assert violated_unique(caught.value)


def test_a_row_that_is_refused_is_not_shown(database: Database, org: Organization) -> None:
    with pytest.raises(DBAPIError) as caught, database.tenant(org.org_id) as session:
        session.execute(INCOMPLETE, {"org": org.org_id, "value": VALUE})
    assert "external_id" in told(caught.value)
    assert "INSERT INTO employees" in told(caught.value)
    assert VALUE not in told(caught.value)
