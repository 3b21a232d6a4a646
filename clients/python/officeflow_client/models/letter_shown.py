from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.quarantine_status import QuarantineStatus
from ..models.refusal_reason import RefusalReason
from typing import cast
from uuid import UUID
import datetime






T = TypeVar("T", bound="LetterShown")



@_attrs_define
class LetterShown:
    """ 
        Attributes:
            arrived (datetime.datetime):
            dead_letter_id (UUID):
            detail (str):
            offset (int):
            partition (int):
            reason (RefusalReason): `dead_letters.reason`: why a message could not be taken, for people in
                `events.quarantine.REASONS`.
            status (QuarantineStatus): `dead_letters.status`: what a person has decided about a message that could not be
                taken.
            topic (str):
     """

    arrived: datetime.datetime
    dead_letter_id: UUID
    detail: str
    offset: int
    partition: int
    reason: RefusalReason
    status: QuarantineStatus
    topic: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        arrived = self.arrived.isoformat()

        dead_letter_id = str(self.dead_letter_id)

        detail = self.detail

        offset = self.offset

        partition = self.partition

        reason = self.reason.value

        status = self.status.value

        topic = self.topic


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "arrived": arrived,
            "dead_letter_id": dead_letter_id,
            "detail": detail,
            "offset": offset,
            "partition": partition,
            "reason": reason,
            "status": status,
            "topic": topic,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        arrived = datetime.datetime.fromisoformat(d.pop("arrived"))




        dead_letter_id = UUID(d.pop("dead_letter_id"))




        detail = d.pop("detail")

        offset = d.pop("offset")

        partition = d.pop("partition")

        reason = RefusalReason(d.pop("reason"))




        status = QuarantineStatus(d.pop("status"))




        topic = d.pop("topic")

        letter_shown = cls(
            arrived=arrived,
            dead_letter_id=dead_letter_id,
            detail=detail,
            offset=offset,
            partition=partition,
            reason=reason,
            status=status,
            topic=topic,
        )


        letter_shown.additional_properties = d
        return letter_shown

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
