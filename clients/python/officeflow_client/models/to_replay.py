from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.to_replay_event_type_0 import ToReplayEventType0





T = TypeVar("T", bound="ToReplay")



@_attrs_define
class ToReplay:
    """ 
        Attributes:
            why (str): For the audit log.
            event (None | ToReplayEventType0 | Unset): The corrected event, whole: a CloudEvent or the bare event. Left out:
                as it came.
     """

    why: str
    event: None | ToReplayEventType0 | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        from ..models.to_replay_event_type_0 import ToReplayEventType0 # noqa: PLC0415
        why = self.why

        event: dict[str, Any] | None | Unset
        if isinstance(self.event, Unset):
            event = UNSET
        elif isinstance(self.event, ToReplayEventType0):
            event = self.event.to_dict()
        else:
            event = self.event


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "why": why,
        })
        if event is not UNSET:
            field_dict["event"] = event

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.to_replay_event_type_0 import ToReplayEventType0 # noqa: PLC0415
        d = dict(src_dict)
        why = d.pop("why")

        def _parse_event(data: object) -> None | ToReplayEventType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                event_type_0 = ToReplayEventType0.from_dict(data)



                return event_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ToReplayEventType0 | Unset, data)

        event = _parse_event(d.pop("event", UNSET))


        to_replay = cls(
            why=why,
            event=event,
        )

        return to_replay

