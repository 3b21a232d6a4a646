from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.inquiry_state import InquiryState
from typing import cast
from uuid import UUID

if TYPE_CHECKING:
  from ..models.compared_shown import ComparedShown





T = TypeVar("T", bound="ComparisonShown")



@_attrs_define
class ComparisonShown:
    """ 
        Attributes:
            complete (bool | None): Whether every system was looked into.
            connections (list[ComparedShown] | None):
            found (int | None): How many differences there are; null until it is ANSWERED.
            id (UUID):
            problem (None | str): Why it has FAILED; while it is ASKED what keeps it from beginning, where known.
            progress (str): What is looked at, while it is TAKEN.
            state (InquiryState): `inquiries.state`.

                ASKED: no worker has it yet. TAKEN: one looks. ANSWERED: its result is there. FAILED: its result says why
                there is none.
     """

    complete: bool | None
    connections: list[ComparedShown] | None
    found: int | None
    id: UUID
    problem: None | str
    progress: str
    state: InquiryState
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.compared_shown import ComparedShown # noqa: PLC0415
        complete: bool | None
        complete = self.complete

        connections: list[dict[str, Any]] | None
        if isinstance(self.connections, list):
            connections = []
            for connections_type_0_item_data in self.connections:
                connections_type_0_item = connections_type_0_item_data.to_dict()
                connections.append(connections_type_0_item)


        else:
            connections = self.connections

        found: int | None
        found = self.found

        id = str(self.id)

        problem: None | str
        problem = self.problem

        progress = self.progress

        state = self.state.value


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "complete": complete,
            "connections": connections,
            "found": found,
            "id": id,
            "problem": problem,
            "progress": progress,
            "state": state,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.compared_shown import ComparedShown # noqa: PLC0415
        d = dict(src_dict)
        def _parse_complete(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        complete = _parse_complete(d.pop("complete"))


        def _parse_connections(data: object) -> list[ComparedShown] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                connections_type_0 = []
                _connections_type_0 = data
                for connections_type_0_item_data in (_connections_type_0):
                    connections_type_0_item = ComparedShown.from_dict(connections_type_0_item_data)



                    connections_type_0.append(connections_type_0_item)

                return connections_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ComparedShown] | None, data)

        connections = _parse_connections(d.pop("connections"))


        def _parse_found(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        found = _parse_found(d.pop("found"))


        id = UUID(d.pop("id"))




        def _parse_problem(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        problem = _parse_problem(d.pop("problem"))


        progress = d.pop("progress")

        state = InquiryState(d.pop("state"))




        comparison_shown = cls(
            complete=complete,
            connections=connections,
            found=found,
            id=id,
            problem=problem,
            progress=progress,
            state=state,
        )


        comparison_shown.additional_properties = d
        return comparison_shown

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
