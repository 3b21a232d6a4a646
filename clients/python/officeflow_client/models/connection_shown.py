from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.connection_shown_fields import ConnectionShownFields





T = TypeVar("T", bound="ConnectionShown")



@_attrs_define
class ConnectionShown:
    """ 
        Attributes:
            fields (ConnectionShownFields): `(kept)` where there is a secret.
            name (str):
            provider (str):
     """

    fields: ConnectionShownFields
    name: str
    provider: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.connection_shown_fields import ConnectionShownFields # noqa: PLC0415
        fields = self.fields.to_dict()

        name = self.name

        provider = self.provider


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "fields": fields,
            "name": name,
            "provider": provider,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.connection_shown_fields import ConnectionShownFields # noqa: PLC0415
        d = dict(src_dict)
        fields = ConnectionShownFields.from_dict(d.pop("fields"))




        name = d.pop("name")

        provider = d.pop("provider")

        connection_shown = cls(
            fields=fields,
            name=name,
            provider=provider,
        )


        connection_shown.additional_properties = d
        return connection_shown

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
