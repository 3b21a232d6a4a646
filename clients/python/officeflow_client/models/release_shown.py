from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.release_kind import ReleaseKind
from ..models.release_state import ReleaseState
from typing import cast
from uuid import UUID
import datetime






T = TypeVar("T", bound="ReleaseShown")



@_attrs_define
class ReleaseShown:
    """ 
        Attributes:
            decided_at (datetime.datetime | None):
            decided_by (None | str):
            decision (None | str): Why it was decided so.
            held (int | None): How many events wait for it; null where it is about none.
            kind (ReleaseKind): `releases.kind`: what a second person decides about.

                PUBLISH: versions of protected workflows. UNPROTECT: that a workflow is protected no more. EVENTS: a mass
                of events. LIMITS: what is a mass of events. ACCESS_RULES: what people should have. UNPROTECT_RULES: that
                access rules are protected no more.
            release_id (UUID):
            requested_at (datetime.datetime):
            requested_by (str):
            state (ReleaseState): `releases.state`. OVERRIDDEN: one person alone has released it. REPLACED: the same was
                asked for anew,
                with other content.
            subject (str): Workflows by slug, kinds of events, or access rules.
            why (str):
     """

    decided_at: datetime.datetime | None
    decided_by: None | str
    decision: None | str
    held: int | None
    kind: ReleaseKind
    release_id: UUID
    requested_at: datetime.datetime
    requested_by: str
    state: ReleaseState
    subject: str
    why: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        decided_at: None | str
        if isinstance(self.decided_at, datetime.datetime):
            decided_at = self.decided_at.isoformat()
        else:
            decided_at = self.decided_at

        decided_by: None | str
        decided_by = self.decided_by

        decision: None | str
        decision = self.decision

        held: int | None
        held = self.held

        kind = self.kind.value

        release_id = str(self.release_id)

        requested_at = self.requested_at.isoformat()

        requested_by = self.requested_by

        state = self.state.value

        subject = self.subject

        why = self.why


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "decided_at": decided_at,
            "decided_by": decided_by,
            "decision": decision,
            "held": held,
            "kind": kind,
            "release_id": release_id,
            "requested_at": requested_at,
            "requested_by": requested_by,
            "state": state,
            "subject": subject,
            "why": why,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        def _parse_decided_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                decided_at_type_0 = datetime.datetime.fromisoformat(data)



                return decided_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        decided_at = _parse_decided_at(d.pop("decided_at"))


        def _parse_decided_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        decided_by = _parse_decided_by(d.pop("decided_by"))


        def _parse_decision(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        decision = _parse_decision(d.pop("decision"))


        def _parse_held(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        held = _parse_held(d.pop("held"))


        kind = ReleaseKind(d.pop("kind"))




        release_id = UUID(d.pop("release_id"))




        requested_at = datetime.datetime.fromisoformat(d.pop("requested_at"))




        requested_by = d.pop("requested_by")

        state = ReleaseState(d.pop("state"))




        subject = d.pop("subject")

        why = d.pop("why")

        release_shown = cls(
            decided_at=decided_at,
            decided_by=decided_by,
            decision=decision,
            held=held,
            kind=kind,
            release_id=release_id,
            requested_at=requested_at,
            requested_by=requested_by,
            state=state,
            subject=subject,
            why=why,
        )


        release_shown.additional_properties = d
        return release_shown

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
