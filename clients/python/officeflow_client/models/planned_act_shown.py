from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.doing import Doing
from typing import cast

if TYPE_CHECKING:
  from ..models.field_change_shown import FieldChangeShown





T = TypeVar("T", bound="PlannedActShown")



@_attrs_define
class PlannedActShown:
    """ 
        Attributes:
            doing (Doing): In the words that people read.
            fields (list[FieldChangeShown]):
            note (str): What else to know; of what is unknown, why.
            what (str): What it is done to, and where.
     """

    doing: Doing
    fields: list[FieldChangeShown]
    note: str
    what: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.field_change_shown import FieldChangeShown # noqa: PLC0415
        doing = self.doing.value

        fields = []
        for fields_item_data in self.fields:
            fields_item = fields_item_data.to_dict()
            fields.append(fields_item)



        note = self.note

        what = self.what


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "doing": doing,
            "fields": fields,
            "note": note,
            "what": what,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.field_change_shown import FieldChangeShown # noqa: PLC0415
        d = dict(src_dict)
        doing = Doing(d.pop("doing"))




        fields = []
        _fields = d.pop("fields")
        for fields_item_data in (_fields):
            fields_item = FieldChangeShown.from_dict(fields_item_data)



            fields.append(fields_item)


        note = d.pop("note")

        what = d.pop("what")

        planned_act_shown = cls(
            doing=doing,
            fields=fields,
            note=note,
            what=what,
        )


        planned_act_shown.additional_properties = d
        return planned_act_shown

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
