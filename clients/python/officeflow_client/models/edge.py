from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast






T = TypeVar("T", bound="Edge")



@_attrs_define
class Edge:
    """ `to` may run after `from`: always, or where the condition is true.

        Attributes:
            from_ (str):
            to (str):
            condition (None | str | Unset): CEL over event, employee, nodes, run and org.
            default (bool | Unset): True: it is taken where no other edge of its source is. It has no condition. Default:
                False.
            label (None | str | Unset): For people; the condition itself where it is left out.
     """

    from_: str
    to: str
    condition: None | str | Unset = UNSET
    default: bool | Unset = False
    label: None | str | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        from_ = self.from_

        to = self.to

        condition: None | str | Unset
        if isinstance(self.condition, Unset):
            condition = UNSET
        else:
            condition = self.condition

        default = self.default

        label: None | str | Unset
        if isinstance(self.label, Unset):
            label = UNSET
        else:
            label = self.label


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "from": from_,
            "to": to,
        })
        if condition is not UNSET:
            field_dict["condition"] = condition
        if default is not UNSET:
            field_dict["default"] = default
        if label is not UNSET:
            field_dict["label"] = label

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        from_ = d.pop("from")

        to = d.pop("to")

        def _parse_condition(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        condition = _parse_condition(d.pop("condition", UNSET))


        default = d.pop("default", UNSET)

        def _parse_label(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        label = _parse_label(d.pop("label", UNSET))


        edge = cls(
            from_=from_,
            to=to,
            condition=condition,
            default=default,
            label=label,
        )

        return edge

