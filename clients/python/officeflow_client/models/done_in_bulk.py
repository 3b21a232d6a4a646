from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.failed_shown import FailedShown





T = TypeVar("T", bound="DoneInBulk")



@_attrs_define
class DoneInBulk:
    """ 
        Attributes:
            done (int):
            failed (list[FailedShown]):
            left (int): Still open, of those that match; a call sees to 500 at most.
     """

    done: int
    failed: list[FailedShown]
    left: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.failed_shown import FailedShown # noqa: PLC0415
        done = self.done

        failed = []
        for failed_item_data in self.failed:
            failed_item = failed_item_data.to_dict()
            failed.append(failed_item)



        left = self.left


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "done": done,
            "failed": failed,
            "left": left,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.failed_shown import FailedShown # noqa: PLC0415
        d = dict(src_dict)
        done = d.pop("done")

        failed = []
        _failed = d.pop("failed")
        for failed_item_data in (_failed):
            failed_item = FailedShown.from_dict(failed_item_data)



            failed.append(failed_item)


        left = d.pop("left")

        done_in_bulk = cls(
            done=done,
            failed=failed,
            left=left,
        )


        done_in_bulk.additional_properties = d
        return done_in_bulk

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
