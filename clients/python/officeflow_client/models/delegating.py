from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast
import datetime






T = TypeVar("T", bound="Delegating")



@_attrs_define
class Delegating:
    """ 
        Attributes:
            last_day (datetime.date):
            to (str): Who answers instead.
            first_day (datetime.date | None | Unset): null: today.
            giver (None | str | Unset): In whose place, where an admin says so; null: in yours.
            why (str | Unset):  Default: ''.
     """

    last_day: datetime.date
    to: str
    first_day: datetime.date | None | Unset = UNSET
    giver: None | str | Unset = UNSET
    why: str | Unset = ''
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        last_day = self.last_day.isoformat()

        to = self.to

        first_day: None | str | Unset
        if isinstance(self.first_day, Unset):
            first_day = UNSET
        elif isinstance(self.first_day, datetime.date):
            first_day = self.first_day.isoformat()
        else:
            first_day = self.first_day

        giver: None | str | Unset
        if isinstance(self.giver, Unset):
            giver = UNSET
        else:
            giver = self.giver

        why = self.why


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "last_day": last_day,
            "to": to,
        })
        if first_day is not UNSET:
            field_dict["first_day"] = first_day
        if giver is not UNSET:
            field_dict["giver"] = giver
        if why is not UNSET:
            field_dict["why"] = why

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        last_day = datetime.date.fromisoformat(d.pop("last_day"))




        to = d.pop("to")

        def _parse_first_day(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                first_day_type_0 = datetime.date.fromisoformat(data)



                return first_day_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        first_day = _parse_first_day(d.pop("first_day", UNSET))


        def _parse_giver(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        giver = _parse_giver(d.pop("giver", UNSET))


        why = d.pop("why", UNSET)

        delegating = cls(
            last_day=last_day,
            to=to,
            first_day=first_day,
            giver=giver,
            why=why,
        )


        delegating.additional_properties = d
        return delegating

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
