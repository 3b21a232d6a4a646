from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.bulk_action import BulkAction
from typing import cast

if TYPE_CHECKING:
  from ..models.matching import Matching





T = TypeVar("T", bound="ToDecideInBulk")



@_attrs_define
class ToDecideInBulk:
    """ 
        Attributes:
            action (BulkAction):
            expect (int): How many they are, as `count` told: otherwise nothing is done.
            matching (Matching): Which of the open messages; what is left out may be anything.
            why (str): For the audit log.
     """

    action: BulkAction
    expect: int
    matching: Matching
    why: str





    def to_dict(self) -> dict[str, Any]:
        from ..models.matching import Matching # noqa: PLC0415
        action = self.action.value

        expect = self.expect

        matching = self.matching.to_dict()

        why = self.why


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "action": action,
            "expect": expect,
            "matching": matching,
            "why": why,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.matching import Matching # noqa: PLC0415
        d = dict(src_dict)
        action = BulkAction(d.pop("action"))




        expect = d.pop("expect")

        matching = Matching.from_dict(d.pop("matching"))




        why = d.pop("why")

        to_decide_in_bulk = cls(
            action=action,
            expect=expect,
            matching=matching,
            why=why,
        )

        return to_decide_in_bulk

