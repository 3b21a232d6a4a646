from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.request_kind import RequestKind
from ..models.request_state import RequestState
from ..types import UNSET, Unset
from typing import cast
from uuid import UUID
import datetime






T = TypeVar("T", bound="RequestShown")



@_attrs_define
class RequestShown:
    """ A request in a list.

        Attributes:
            created_at (datetime.datetime):
            dag_id (str):
            dag_run_id (str):
            deadline (datetime.datetime | None):
            decided_at (datetime.datetime | None):
            decision (str):
            due_at (datetime.datetime | None):
            kind (RequestKind): `human_requests.kind`: what a person is asked for.
            map_index (int):
            node (str):
            request_id (UUID):
            run_id (UUID):
            state (RequestState): `human_requests.state`.

                EXPIRED: its deadline passed, and its default, if it has one, was taken. WITHDRAWN: its run needs it no
                more.
            subject (str):
            waits_for (str): Of an open one: of whom, and how many have said yes.
            airflow (str | Unset): The run's required actions in Airflow. Default: ''.
     """

    created_at: datetime.datetime
    dag_id: str
    dag_run_id: str
    deadline: datetime.datetime | None
    decided_at: datetime.datetime | None
    decision: str
    due_at: datetime.datetime | None
    kind: RequestKind
    map_index: int
    node: str
    request_id: UUID
    run_id: UUID
    state: RequestState
    subject: str
    waits_for: str
    airflow: str | Unset = ''
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at.isoformat()

        dag_id = self.dag_id

        dag_run_id = self.dag_run_id

        deadline: None | str
        if isinstance(self.deadline, datetime.datetime):
            deadline = self.deadline.isoformat()
        else:
            deadline = self.deadline

        decided_at: None | str
        if isinstance(self.decided_at, datetime.datetime):
            decided_at = self.decided_at.isoformat()
        else:
            decided_at = self.decided_at

        decision = self.decision

        due_at: None | str
        if isinstance(self.due_at, datetime.datetime):
            due_at = self.due_at.isoformat()
        else:
            due_at = self.due_at

        kind = self.kind.value

        map_index = self.map_index

        node = self.node

        request_id = str(self.request_id)

        run_id = str(self.run_id)

        state = self.state.value

        subject = self.subject

        waits_for = self.waits_for

        airflow = self.airflow


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "created_at": created_at,
            "dag_id": dag_id,
            "dag_run_id": dag_run_id,
            "deadline": deadline,
            "decided_at": decided_at,
            "decision": decision,
            "due_at": due_at,
            "kind": kind,
            "map_index": map_index,
            "node": node,
            "request_id": request_id,
            "run_id": run_id,
            "state": state,
            "subject": subject,
            "waits_for": waits_for,
        })
        if airflow is not UNSET:
            field_dict["airflow"] = airflow

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))




        dag_id = d.pop("dag_id")

        dag_run_id = d.pop("dag_run_id")

        def _parse_deadline(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                deadline_type_0 = datetime.datetime.fromisoformat(data)



                return deadline_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        deadline = _parse_deadline(d.pop("deadline"))


        def _parse_decided_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                decided_at_type_0 = datetime.datetime.fromisoformat(data)



                return decided_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        decided_at = _parse_decided_at(d.pop("decided_at"))


        decision = d.pop("decision")

        def _parse_due_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                due_at_type_0 = datetime.datetime.fromisoformat(data)



                return due_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        due_at = _parse_due_at(d.pop("due_at"))


        kind = RequestKind(d.pop("kind"))




        map_index = d.pop("map_index")

        node = d.pop("node")

        request_id = UUID(d.pop("request_id"))




        run_id = UUID(d.pop("run_id"))




        state = RequestState(d.pop("state"))




        subject = d.pop("subject")

        waits_for = d.pop("waits_for")

        airflow = d.pop("airflow", UNSET)

        request_shown = cls(
            created_at=created_at,
            dag_id=dag_id,
            dag_run_id=dag_run_id,
            deadline=deadline,
            decided_at=decided_at,
            decision=decision,
            due_at=due_at,
            kind=kind,
            map_index=map_index,
            node=node,
            request_id=request_id,
            run_id=run_id,
            state=state,
            subject=subject,
            waits_for=waits_for,
            airflow=airflow,
        )


        request_shown.additional_properties = d
        return request_shown

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
