from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from uuid import UUID
import datetime






T = TypeVar("T", bound="DelegationShown")



@_attrs_define
class DelegationShown:
    """ Somebody answers in somebody's place, from the first to the last day.

        Attributes:
            delegation (UUID):
            ended_at (datetime.datetime | None):
            first_day (datetime.date):
            giver (str):
            last_day (datetime.date):
            made_by (str):
            taker (str):
            why (str):
     """

    delegation: UUID
    ended_at: datetime.datetime | None
    first_day: datetime.date
    giver: str
    last_day: datetime.date
    made_by: str
    taker: str
    why: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        delegation = str(self.delegation)

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        first_day = self.first_day.isoformat()

        giver = self.giver

        last_day = self.last_day.isoformat()

        made_by = self.made_by

        taker = self.taker

        why = self.why


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "delegation": delegation,
            "ended_at": ended_at,
            "first_day": first_day,
            "giver": giver,
            "last_day": last_day,
            "made_by": made_by,
            "taker": taker,
            "why": why,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        delegation = UUID(d.pop("delegation"))




        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)



                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))


        first_day = datetime.date.fromisoformat(d.pop("first_day"))




        giver = d.pop("giver")

        last_day = datetime.date.fromisoformat(d.pop("last_day"))




        made_by = d.pop("made_by")

        taker = d.pop("taker")

        why = d.pop("why")

        delegation_shown = cls(
            delegation=delegation,
            ended_at=ended_at,
            first_day=first_day,
            giver=giver,
            last_day=last_day,
            made_by=made_by,
            taker=taker,
            why=why,
        )


        delegation_shown.additional_properties = d
        return delegation_shown

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
