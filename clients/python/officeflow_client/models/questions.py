from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.request_kind import RequestKind
from typing import cast
import datetime






T = TypeVar("T", bound="Questions")



@_attrs_define
class Questions:
    """ Open questions to people, by age.

        Attributes:
            kind (RequestKind): `human_requests.kind`: what a person is asked for.
            older (int):
            oldest (datetime.datetime):
            open_ (int):
            overdue (int): Tasks that should be done by now.
            within_day (int):
            within_hour (int):
            within_week (int):
     """

    kind: RequestKind
    older: int
    oldest: datetime.datetime
    open_: int
    overdue: int
    within_day: int
    within_hour: int
    within_week: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        kind = self.kind.value

        older = self.older

        oldest = self.oldest.isoformat()

        open_ = self.open_

        overdue = self.overdue

        within_day = self.within_day

        within_hour = self.within_hour

        within_week = self.within_week


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "kind": kind,
            "older": older,
            "oldest": oldest,
            "open": open_,
            "overdue": overdue,
            "within_day": within_day,
            "within_hour": within_hour,
            "within_week": within_week,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = RequestKind(d.pop("kind"))




        older = d.pop("older")

        oldest = datetime.datetime.fromisoformat(d.pop("oldest"))




        open_ = d.pop("open")

        overdue = d.pop("overdue")

        within_day = d.pop("within_day")

        within_hour = d.pop("within_hour")

        within_week = d.pop("within_week")

        questions = cls(
            kind=kind,
            older=older,
            oldest=oldest,
            open_=open_,
            overdue=overdue,
            within_day=within_day,
            within_hour=within_hour,
            within_week=within_week,
        )


        questions.additional_properties = d
        return questions

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
