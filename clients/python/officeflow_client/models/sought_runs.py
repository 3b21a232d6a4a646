from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.shown_run_status import ShownRunStatus
from ..types import UNSET, Unset
from typing import cast
import datetime






T = TypeVar("T", bound="SoughtRuns")



@_attrs_define
class SoughtRuns:
    """ The filter of the list of runs.

        Attributes:
            attention (bool | None | Unset):
            employee (None | str | Unset): The HR system's identifier.
            since (datetime.datetime | None | Unset): Started then or later.
            status (list[ShownRunStatus] | Unset):
            until (datetime.datetime | None | Unset): Started before.
            version (int | None | Unset):
            workflow (None | str | Unset): Its slug, or the id of a DAG.
     """

    attention: bool | None | Unset = UNSET
    employee: None | str | Unset = UNSET
    since: datetime.datetime | None | Unset = UNSET
    status: list[ShownRunStatus] | Unset = UNSET
    until: datetime.datetime | None | Unset = UNSET
    version: int | None | Unset = UNSET
    workflow: None | str | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        attention: bool | None | Unset
        if isinstance(self.attention, Unset):
            attention = UNSET
        else:
            attention = self.attention

        employee: None | str | Unset
        if isinstance(self.employee, Unset):
            employee = UNSET
        else:
            employee = self.employee

        since: None | str | Unset
        if isinstance(self.since, Unset):
            since = UNSET
        elif isinstance(self.since, datetime.datetime):
            since = self.since.isoformat()
        else:
            since = self.since

        status: list[str] | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = []
            for status_item_data in self.status:
                status_item = status_item_data.value
                status.append(status_item)



        until: None | str | Unset
        if isinstance(self.until, Unset):
            until = UNSET
        elif isinstance(self.until, datetime.datetime):
            until = self.until.isoformat()
        else:
            until = self.until

        version: int | None | Unset
        if isinstance(self.version, Unset):
            version = UNSET
        else:
            version = self.version

        workflow: None | str | Unset
        if isinstance(self.workflow, Unset):
            workflow = UNSET
        else:
            workflow = self.workflow


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if attention is not UNSET:
            field_dict["attention"] = attention
        if employee is not UNSET:
            field_dict["employee"] = employee
        if since is not UNSET:
            field_dict["since"] = since
        if status is not UNSET:
            field_dict["status"] = status
        if until is not UNSET:
            field_dict["until"] = until
        if version is not UNSET:
            field_dict["version"] = version
        if workflow is not UNSET:
            field_dict["workflow"] = workflow

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        def _parse_attention(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        attention = _parse_attention(d.pop("attention", UNSET))


        def _parse_employee(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        employee = _parse_employee(d.pop("employee", UNSET))


        def _parse_since(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                since_type_0 = datetime.datetime.fromisoformat(data)



                return since_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        since = _parse_since(d.pop("since", UNSET))


        _status = d.pop("status", UNSET)
        status: list[ShownRunStatus] | Unset = UNSET
        if _status is not UNSET:
            status = []
            for status_item_data in _status:
                status_item = ShownRunStatus(status_item_data)



                status.append(status_item)


        def _parse_until(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                until_type_0 = datetime.datetime.fromisoformat(data)



                return until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        until = _parse_until(d.pop("until", UNSET))


        def _parse_version(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        version = _parse_version(d.pop("version", UNSET))


        def _parse_workflow(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        workflow = _parse_workflow(d.pop("workflow", UNSET))


        sought_runs = cls(
            attention=attention,
            employee=employee,
            since=since,
            status=status,
            until=until,
            version=version,
            workflow=workflow,
        )

        return sought_runs

