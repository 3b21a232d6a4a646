from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.unsent_state import UnsentState
from typing import cast
from uuid import UUID
import datetime






T = TypeVar("T", bound="MessageShown")



@_attrs_define
class MessageShown:
    """ 
        Attributes:
            message_id (UUID):
            state (UnsentState): Where a message of the outbox is that is not in Kafka.
            subject (None | str):
            topic (str):
            type_ (str):
            why (None | str): Why it is not in Kafka, where that is known.
            written (datetime.datetime):
     """

    message_id: UUID
    state: UnsentState
    subject: None | str
    topic: str
    type_: str
    why: None | str
    written: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        message_id = str(self.message_id)

        state = self.state.value

        subject: None | str
        subject = self.subject

        topic = self.topic

        type_ = self.type_

        why: None | str
        why = self.why

        written = self.written.isoformat()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "message_id": message_id,
            "state": state,
            "subject": subject,
            "topic": topic,
            "type": type_,
            "why": why,
            "written": written,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        message_id = UUID(d.pop("message_id"))




        state = UnsentState(d.pop("state"))




        def _parse_subject(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        subject = _parse_subject(d.pop("subject"))


        topic = d.pop("topic")

        type_ = d.pop("type")

        def _parse_why(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        why = _parse_why(d.pop("why"))


        written = datetime.datetime.fromisoformat(d.pop("written"))




        message_shown = cls(
            message_id=message_id,
            state=state,
            subject=subject,
            topic=topic,
            type_=type_,
            why=why,
            written=written,
        )


        message_shown.additional_properties = d
        return message_shown

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
