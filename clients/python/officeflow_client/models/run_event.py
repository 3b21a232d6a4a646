from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset






T = TypeVar("T", bound="RunEvent")



@_attrs_define
class RunEvent:
    """ The event that started a run, without its payload.

        Attributes:
            employee (str | Unset):  Default: ''.
            id (str | Unset):  Default: ''.
            kind (str | Unset):  Default: ''.
            source (str | Unset):  Default: ''.
            time (str | Unset):  Default: ''.
     """

    employee: str | Unset = ''
    id: str | Unset = ''
    kind: str | Unset = ''
    source: str | Unset = ''
    time: str | Unset = ''
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        employee = self.employee

        id = self.id

        kind = self.kind

        source = self.source

        time = self.time


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
        })
        if employee is not UNSET:
            field_dict["employee"] = employee
        if id is not UNSET:
            field_dict["id"] = id
        if kind is not UNSET:
            field_dict["kind"] = kind
        if source is not UNSET:
            field_dict["source"] = source
        if time is not UNSET:
            field_dict["time"] = time

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        employee = d.pop("employee", UNSET)

        id = d.pop("id", UNSET)

        kind = d.pop("kind", UNSET)

        source = d.pop("source", UNSET)

        time = d.pop("time", UNSET)

        run_event = cls(
            employee=employee,
            id=id,
            kind=kind,
            source=source,
            time=time,
        )


        run_event.additional_properties = d
        return run_event

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
