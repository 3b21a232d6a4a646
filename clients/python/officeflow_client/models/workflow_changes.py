from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.change_shown import ChangeShown





T = TypeVar("T", bound="WorkflowChanges")



@_attrs_define
class WorkflowChanges:
    """ 
        Attributes:
            against (int | None): The version that is published now; null: there is none.
            changes (list[ChangeShown]):
            slug (str):
     """

    against: int | None
    changes: list[ChangeShown]
    slug: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.change_shown import ChangeShown # noqa: PLC0415
        against: int | None
        against = self.against

        changes = []
        for changes_item_data in self.changes:
            changes_item = changes_item_data.to_dict()
            changes.append(changes_item)



        slug = self.slug


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "against": against,
            "changes": changes,
            "slug": slug,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.change_shown import ChangeShown # noqa: PLC0415
        d = dict(src_dict)
        def _parse_against(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        against = _parse_against(d.pop("against"))


        changes = []
        _changes = d.pop("changes")
        for changes_item_data in (_changes):
            changes_item = ChangeShown.from_dict(changes_item_data)



            changes.append(changes_item)


        slug = d.pop("slug")

        workflow_changes = cls(
            against=against,
            changes=changes,
            slug=slug,
        )


        workflow_changes.additional_properties = d
        return workflow_changes

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
