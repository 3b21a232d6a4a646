from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast






T = TypeVar("T", bound="Trigger")



@_attrs_define
class Trigger:
    """ What starts a run.

        Attributes:
            events (list[str]): Kinds of lifecycle events, such as employee.onboard. None: another workflow calls it, which
                gives it the inputs that it declares; nobody starts it by hand.
            filter_ (None | str | Unset): CEL over event, employee and org: a run starts only where it is true.
     """

    events: list[str]
    filter_: None | str | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        events = self.events



        filter_: None | str | Unset
        if isinstance(self.filter_, Unset):
            filter_ = UNSET
        else:
            filter_ = self.filter_


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "events": events,
        })
        if filter_ is not UNSET:
            field_dict["filter"] = filter_

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        events = cast(list[str], d.pop("events"))


        def _parse_filter_(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        filter_ = _parse_filter_(d.pop("filter", UNSET))


        trigger = cls(
            events=events,
            filter_=filter_,
        )

        return trigger

