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

if TYPE_CHECKING:
  from ..models.letter_resolution import LetterResolution
  from ..models.message_header import MessageHeader





T = TypeVar("T", bound="WholeLetter")



@_attrs_define
class WholeLetter:
    """ 
        Attributes:
            arrived (datetime.datetime):
            bytes_ (int):
            dead_letter_id (UUID):
            detail (str):
            headers (list[MessageHeader]):
            means (str): What the reason means.
            offset (int):
            partition (int):
            reason (RefusalReason): `dead_letters.reason`: why a message could not be taken, for people in
                `events.quarantine.REASONS`.
            resolution (LetterResolution | None):
            status (QuarantineStatus): `dead_letters.status`: what a person has decided about a message that could not be
                taken.
            topic (str):
     """

    arrived: datetime.datetime
    bytes_: int
    dead_letter_id: UUID
    detail: str
    headers: list[MessageHeader]
    means: str
    offset: int
    partition: int
    reason: RefusalReason
    resolution: LetterResolution | None
    status: QuarantineStatus
    topic: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.letter_resolution import LetterResolution # noqa: PLC0415
        from ..models.message_header import MessageHeader # noqa: PLC0415
        arrived = self.arrived.isoformat()

        bytes_ = self.bytes_

        dead_letter_id = str(self.dead_letter_id)

        detail = self.detail

        headers = []
        for headers_item_data in self.headers:
            headers_item = headers_item_data.to_dict()
            headers.append(headers_item)



        means = self.means

        offset = self.offset

        partition = self.partition

        reason = self.reason.value

        resolution: dict[str, Any] | None
        if isinstance(self.resolution, LetterResolution):
            resolution = self.resolution.to_dict()
        else:
            resolution = self.resolution

        status = self.status.value

        topic = self.topic


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "arrived": arrived,
            "bytes": bytes_,
            "dead_letter_id": dead_letter_id,
            "detail": detail,
            "headers": headers,
            "means": means,
            "offset": offset,
            "partition": partition,
            "reason": reason,
            "resolution": resolution,
            "status": status,
            "topic": topic,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.letter_resolution import LetterResolution # noqa: PLC0415
        from ..models.message_header import MessageHeader # noqa: PLC0415
        d = dict(src_dict)
        arrived = datetime.datetime.fromisoformat(d.pop("arrived"))




        bytes_ = d.pop("bytes")

        dead_letter_id = UUID(d.pop("dead_letter_id"))




        detail = d.pop("detail")

        headers = []
        _headers = d.pop("headers")
        for headers_item_data in (_headers):
            headers_item = MessageHeader.from_dict(headers_item_data)



            headers.append(headers_item)


        means = d.pop("means")

        offset = d.pop("offset")

        partition = d.pop("partition")

        reason = RefusalReason(d.pop("reason"))




        def _parse_resolution(data: object) -> LetterResolution | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                resolution_type_0 = LetterResolution.from_dict(data)



                return resolution_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(LetterResolution | None, data)

        resolution = _parse_resolution(d.pop("resolution"))


        status = QuarantineStatus(d.pop("status"))




        topic = d.pop("topic")

        whole_letter = cls(
            arrived=arrived,
            bytes_=bytes_,
            dead_letter_id=dead_letter_id,
            detail=detail,
            headers=headers,
            means=means,
            offset=offset,
            partition=partition,
            reason=reason,
            resolution=resolution,
            status=status,
            topic=topic,
        )


        whole_letter.additional_properties = d
        return whole_letter

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
