"""The people that lifecycle events are about."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged
from officeflow.api.paths import located
from officeflow.api.routing import Route
from officeflow.api.shapes import CREATED, LONGEST_NAME, Body, JsonObject, Named, of_body
from officeflow.database.tables import Employee
from officeflow.rights.permissions import Permission
from officeflow.statuses import EmployeeStatus
from officeflow.tenants import employees, persons

router = APIRouter(tags=["employees"], route_class=Route)
Text = Annotated[str | None, Query(max_length=LONGEST_NAME)]
KNOWN = frozenset({"employee_id", "external_id", "status"})


class EmployeeSort(StrEnum):
    EXTERNAL_ID = "external_id"
    EXTERNAL_ID_DOWN = "-external_id"


@dataclass(frozen=True, slots=True)
class EmployeeFilter:
    status: EmployeeStatus | None = None
    department: Text = None
    manager: Annotated[Text, Query(description="The manager's external id.")] = None


class EmployeeListed(BaseModel):
    employee_id: uuid.UUID = Field(description="Names the person in paths, as `external_id` does.")
    external_id: str = Field(description="The HR system's identifier.")
    name: str | None = Field(description="null: not known, or private.")
    status: EmployeeStatus
    work_email: str | None
    department: str | None
    start_date: dt.date | None
    end_date: dt.date | None

    @classmethod
    def of(cls, employee: Employee) -> Self:
        return cls.model_validate({**employees.to_json(employee), "employee_id": employee.employee_id})


class EmployeeShown(BaseModel):
    employee_id: uuid.UUID
    external_id: str
    status: EmployeeStatus
    fields: JsonObject = Field(
        description=f"What events told, by the fields' names; `{persons.HIDDEN}` where it is sensitive."
    )

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        fields = {name: value for name, value in values.items() if name not in KNOWN}
        return cls.model_validate({**{name: values[name] for name in KNOWN}, "fields": fields})


class NewEmployee(Body):
    external_id: str = Field(min_length=1, max_length=255, description="The HR system's identifier.")
    fields: JsonObject = Field(default_factory=dict, description="As in an event's payload.")


@router.get("/organizations/{org}/employees")
def list_employees(
    caller: Annotated[Caller, Needs(Permission.EMPLOYEE_READ)],
    wanted: Paged,
    asked: Annotated[EmployeeFilter, Depends(EmployeeFilter)],
    sort: EmployeeSort = EmployeeSort.EXTERNAL_ID,
) -> Listed[EmployeeListed]:
    """The organization's people, without what is sensitive."""
    where = employees.Filter(status=asked.status, department=asked.department, manager=asked.manager)
    descending = sort is EmployeeSort.EXTERNAL_ID_DOWN
    with caller.of_tenant() as session:
        page = employees.page(session, caller.tenant_id, wanted, where, descending=descending)
    return Listed(items=[EmployeeListed.of(each) for each in page.rows], next=page.next)


@router.post("/organizations/{org}/employees", status_code=201, responses=CREATED)
def create_employee(
    new: NewEmployee, response: Response, caller: Annotated[Caller, Needs(Permission.EMPLOYEE_WRITE)]
) -> EmployeeListed:
    """Enter a person whose joining no event tells."""
    context = caller.context
    with of_body("body.fields", instead_of="payload"):
        made = persons.enter(
            context.database, context.clock, caller.org, new.external_id, new.fields, by=caller.actor
        )
    response.headers["Location"] = located(caller.org, "employees", made.employee_id)
    return EmployeeListed.of(made)


@router.get("/organizations/{org}/employees/{employee}")
def show_employee(
    employee: Named, caller: Annotated[Caller, Needs(Permission.EMPLOYEE_READ)]
) -> EmployeeShown:
    """All that is known of a person, named by `external_id` or `employee_id`; what is sensitive is hidden."""
    return EmployeeShown.of(persons.look(caller.context.database, caller.org, employee))


@router.get("/organizations/{org}/employees/{employee}/revealed")
def reveal_employee(
    employee: Named, caller: Annotated[Caller, Needs(Permission.EMPLOYEE_REVEAL)]
) -> EmployeeShown:
    """The same with what is sensitive. The audit log notes who looked."""
    return EmployeeShown.of(persons.reveal(caller.context.database, caller.org, employee, by=caller.actor))
