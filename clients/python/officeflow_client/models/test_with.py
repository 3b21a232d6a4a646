from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.test_with_fields import TestWithFields





T = TypeVar("T", bound="TestWith")



@_attrs_define
class TestWith:
    """ 
        Attributes:
            fields (TestWithFields | Unset): Secrets once more, since nobody can read those that are kept.
     """

    fields: TestWithFields | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        from ..models.test_with_fields import TestWithFields # noqa: PLC0415
        fields: dict[str, Any] | Unset = UNSET
        if not isinstance(self.fields, Unset):
            fields = self.fields.to_dict()


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if fields is not UNSET:
            field_dict["fields"] = fields

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.test_with_fields import TestWithFields # noqa: PLC0415
        d = dict(src_dict)
        _fields = d.pop("fields", UNSET)
        fields: TestWithFields | Unset
        if isinstance(_fields,  Unset):
            fields = UNSET
        else:
            fields = TestWithFields.from_dict(_fields)




        test_with = cls(
            fields=fields,
        )

        return test_with

