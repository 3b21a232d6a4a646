from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast






T = TypeVar("T", bound="SettingsChange")



@_attrs_define
class SettingsChange:
    """ What is left out, or null, stays as it is.

        Attributes:
            why (str): The reason, for the audit log.
            although_private (bool | Unset): Also show fields that are private by their name. Default: False.
            empty_text_is_null (bool | None | Unset):
            shown_fields (list[str] | None | Unset): All of them, not only what is new.
            time_zone (None | str | Unset):
     """

    why: str
    although_private: bool | Unset = False
    empty_text_is_null: bool | None | Unset = UNSET
    shown_fields: list[str] | None | Unset = UNSET
    time_zone: None | str | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        why = self.why

        although_private = self.although_private

        empty_text_is_null: bool | None | Unset
        if isinstance(self.empty_text_is_null, Unset):
            empty_text_is_null = UNSET
        else:
            empty_text_is_null = self.empty_text_is_null

        shown_fields: list[str] | None | Unset
        if isinstance(self.shown_fields, Unset):
            shown_fields = UNSET
        elif isinstance(self.shown_fields, list):
            shown_fields = self.shown_fields


        else:
            shown_fields = self.shown_fields

        time_zone: None | str | Unset
        if isinstance(self.time_zone, Unset):
            time_zone = UNSET
        else:
            time_zone = self.time_zone


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "why": why,
        })
        if although_private is not UNSET:
            field_dict["although_private"] = although_private
        if empty_text_is_null is not UNSET:
            field_dict["empty_text_is_null"] = empty_text_is_null
        if shown_fields is not UNSET:
            field_dict["shown_fields"] = shown_fields
        if time_zone is not UNSET:
            field_dict["time_zone"] = time_zone

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        why = d.pop("why")

        although_private = d.pop("although_private", UNSET)

        def _parse_empty_text_is_null(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        empty_text_is_null = _parse_empty_text_is_null(d.pop("empty_text_is_null", UNSET))


        def _parse_shown_fields(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                shown_fields_type_0 = cast(list[str], data)

                return shown_fields_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        shown_fields = _parse_shown_fields(d.pop("shown_fields", UNSET))


        def _parse_time_zone(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        time_zone = _parse_time_zone(d.pop("time_zone", UNSET))


        settings_change = cls(
            why=why,
            although_private=although_private,
            empty_text_is_null=empty_text_is_null,
            shown_fields=shown_fields,
            time_zone=time_zone,
        )

        return settings_change

