from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from uuid import UUID
import datetime






T = TypeVar("T", bound="Verification")



@_attrs_define
class Verification:
    """ What the steward found, which has the chain's key. It stands in the same database as the log: who does
    not trust that runs `officeflow audit verify` with an anchor that was kept elsewhere.

        Attributes:
            anchor (str): NUMBER:HEX of the newest record, for `audit verify --anchor`.
            asked_at (datetime.datetime):
            asked_by (str):
            compared (list[str]): With what outside of the database it was compared.
            done_at (datetime.datetime | None): null: the steward has yet to do it.
            error (str): Why nobody could tell.
            id (UUID):
            is_whole (bool | None): null: not known yet, or nobody could tell.
            problems (list[str]):
            records (int | None):
            waiting (int | None): Records that were not chained yet.
     """

    anchor: str
    asked_at: datetime.datetime
    asked_by: str
    compared: list[str]
    done_at: datetime.datetime | None
    error: str
    id: UUID
    is_whole: bool | None
    problems: list[str]
    records: int | None
    waiting: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        anchor = self.anchor

        asked_at = self.asked_at.isoformat()

        asked_by = self.asked_by

        compared = self.compared



        done_at: None | str
        if isinstance(self.done_at, datetime.datetime):
            done_at = self.done_at.isoformat()
        else:
            done_at = self.done_at

        error = self.error

        id = str(self.id)

        is_whole: bool | None
        is_whole = self.is_whole

        problems = self.problems



        records: int | None
        records = self.records

        waiting: int | None
        waiting = self.waiting


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "anchor": anchor,
            "asked_at": asked_at,
            "asked_by": asked_by,
            "compared": compared,
            "done_at": done_at,
            "error": error,
            "id": id,
            "is_whole": is_whole,
            "problems": problems,
            "records": records,
            "waiting": waiting,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        anchor = d.pop("anchor")

        asked_at = datetime.datetime.fromisoformat(d.pop("asked_at"))




        asked_by = d.pop("asked_by")

        compared = cast(list[str], d.pop("compared"))


        def _parse_done_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                done_at_type_0 = datetime.datetime.fromisoformat(data)



                return done_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        done_at = _parse_done_at(d.pop("done_at"))


        error = d.pop("error")

        id = UUID(d.pop("id"))




        def _parse_is_whole(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        is_whole = _parse_is_whole(d.pop("is_whole"))


        problems = cast(list[str], d.pop("problems"))


        def _parse_records(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        records = _parse_records(d.pop("records"))


        def _parse_waiting(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        waiting = _parse_waiting(d.pop("waiting"))


        verification = cls(
            anchor=anchor,
            asked_at=asked_at,
            asked_by=asked_by,
            compared=compared,
            done_at=done_at,
            error=error,
            id=id,
            is_whole=is_whole,
            problems=problems,
            records=records,
            waiting=waiting,
        )


        verification.additional_properties = d
        return verification

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
