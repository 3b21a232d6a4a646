from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from uuid import UUID






T = TypeVar("T", bound="Answered")



@_attrs_define
class Answered:
    """ 
        Attributes:
            by (str):
            decided (bool): This answer decided, and the run goes on.
            decision (str):
            needed (int):
            request (UUID):
            yes (int):
     """

    by: str
    decided: bool
    decision: str
    needed: int
    request: UUID
    yes: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        by = self.by

        decided = self.decided

        decision = self.decision

        needed = self.needed

        request = str(self.request)

        yes = self.yes


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "by": by,
            "decided": decided,
            "decision": decision,
            "needed": needed,
            "request": request,
            "yes": yes,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        by = d.pop("by")

        decided = d.pop("decided")

        decision = d.pop("decision")

        needed = d.pop("needed")

        request = UUID(d.pop("request"))




        yes = d.pop("yes")

        answered = cls(
            by=by,
            decided=decided,
            decision=decision,
            needed=needed,
            request=request,
            yes=yes,
        )


        answered.additional_properties = d
        return answered

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
