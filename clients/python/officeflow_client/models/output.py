from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.output_schema import OutputSchema





T = TypeVar("T", bound="Output")



@_attrs_define
class Output:
    """ A value that the workflow gives to the one that calls it.

        Attributes:
            value (Any): Written as a parameter: ${{ CEL }} over the nodes and what they see.
            schema (OutputSchema | Unset): JSON Schema that the value fits.
     """

    value: Any
    schema: OutputSchema | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        from ..models.output_schema import OutputSchema # noqa: PLC0415
        value = self.value

        schema: dict[str, Any] | Unset = UNSET
        if not isinstance(self.schema, Unset):
            schema = self.schema.to_dict()


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "value": value,
        })
        if schema is not UNSET:
            field_dict["schema"] = schema

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.output_schema import OutputSchema # noqa: PLC0415
        d = dict(src_dict)
        value = d.pop("value")

        _schema = d.pop("schema", UNSET)
        schema: OutputSchema | Unset
        if isinstance(_schema,  Unset):
            schema = UNSET
        else:
            schema = OutputSchema.from_dict(_schema)




        output = cls(
            value=value,
            schema=schema,
        )

        return output

