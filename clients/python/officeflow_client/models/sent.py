from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.dispatched import Dispatched





T = TypeVar("T", bound="Sent")



@_attrs_define
class Sent:
    """ 
        Attributes:
            correlation_id (str):
            event_id (str):
            outcome (Dispatched | None): null where it was not dispatched within `wait`.
            source (str):
            topic (str):
     """

    correlation_id: str
    event_id: str
    outcome: Dispatched | None
    source: str
    topic: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.dispatched import Dispatched # noqa: PLC0415
        correlation_id = self.correlation_id

        event_id = self.event_id

        outcome: dict[str, Any] | None
        if isinstance(self.outcome, Dispatched):
            outcome = self.outcome.to_dict()
        else:
            outcome = self.outcome

        source = self.source

        topic = self.topic


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "correlation_id": correlation_id,
            "event_id": event_id,
            "outcome": outcome,
            "source": source,
            "topic": topic,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.dispatched import Dispatched # noqa: PLC0415
        d = dict(src_dict)
        correlation_id = d.pop("correlation_id")

        event_id = d.pop("event_id")

        def _parse_outcome(data: object) -> Dispatched | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                outcome_type_0 = Dispatched.from_dict(data)



                return outcome_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Dispatched | None, data)

        outcome = _parse_outcome(d.pop("outcome"))


        source = d.pop("source")

        topic = d.pop("topic")

        sent = cls(
            correlation_id=correlation_id,
            event_id=event_id,
            outcome=outcome,
            source=source,
            topic=topic,
        )


        sent.additional_properties = d
        return sent

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
