from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.what_went_wrong import WhatWentWrong





T = TypeVar("T", bound="ServiceTested")



@_attrs_define
class ServiceTested:
    """ 
        Attributes:
            address (str):
            error (None | WhatWentWrong): Why it did not answer, or not let us in.
            family (str):
            notes (list[str]):
            who (str): Whom the system takes us for, in its own words.
     """

    address: str
    error: None | WhatWentWrong
    family: str
    notes: list[str]
    who: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.what_went_wrong import WhatWentWrong # noqa: PLC0415
        address = self.address

        error: dict[str, Any] | None
        if isinstance(self.error, WhatWentWrong):
            error = self.error.to_dict()
        else:
            error = self.error

        family = self.family

        notes = self.notes



        who = self.who


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "address": address,
            "error": error,
            "family": family,
            "notes": notes,
            "who": who,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.what_went_wrong import WhatWentWrong # noqa: PLC0415
        d = dict(src_dict)
        address = d.pop("address")

        def _parse_error(data: object) -> None | WhatWentWrong:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = WhatWentWrong.from_dict(data)



                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | WhatWentWrong, data)

        error = _parse_error(d.pop("error"))


        family = d.pop("family")

        notes = cast(list[str], d.pop("notes"))


        who = d.pop("who")

        service_tested = cls(
            address=address,
            error=error,
            family=family,
            notes=notes,
            who=who,
        )


        service_tested.additional_properties = d
        return service_tested

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
