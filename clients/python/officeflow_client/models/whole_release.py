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

if TYPE_CHECKING:
  from ..models.rules_changes import RulesChanges
  from ..models.whole_release_limits import WholeReleaseLimits
  from ..models.workflow_changes import WorkflowChanges





T = TypeVar("T", bound="WholeRelease")



@_attrs_define
class WholeRelease:
    """ 
        Attributes:
            access_rules (None | RulesChanges): Of access rules; null where it sets none.
            changes (list[WorkflowChanges]): What would change, of what is published.
            decided_at (datetime.datetime | None):
            decided_by (None | str):
            decision (None | str): Why it was decided so.
            held (int | None): How many events wait for it; null where it is about none.
            kind (ReleaseKind): `releases.kind`: what a second person decides about.

                PUBLISH: versions of protected workflows. UNPROTECT: that a workflow is protected no more. EVENTS: a mass
                of events. LIMITS: what is a mass of events. ACCESS_RULES: what people should have. UNPROTECT_RULES: that
                access rules are protected no more.
            limits (WholeReleaseLimits): That would be settled, by kind of event.
            release_id (UUID):
            requested_at (datetime.datetime):
            requested_by (str):
            state (ReleaseState): `releases.state`. OVERRIDDEN: one person alone has released it. REPLACED: the same was
                asked for anew,
                with other content.
            subject (str): Workflows by slug, kinds of events, or access rules.
            why (str):
     """

    access_rules: None | RulesChanges
    changes: list[WorkflowChanges]
    decided_at: datetime.datetime | None
    decided_by: None | str
    decision: None | str
    held: int | None
    kind: ReleaseKind
    limits: WholeReleaseLimits
    release_id: UUID
    requested_at: datetime.datetime
    requested_by: str
    state: ReleaseState
    subject: str
    why: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.rules_changes import RulesChanges # noqa: PLC0415
        from ..models.whole_release_limits import WholeReleaseLimits # noqa: PLC0415
        from ..models.workflow_changes import WorkflowChanges # noqa: PLC0415
        access_rules: dict[str, Any] | None
        if isinstance(self.access_rules, RulesChanges):
            access_rules = self.access_rules.to_dict()
        else:
            access_rules = self.access_rules

        changes = []
        for changes_item_data in self.changes:
            changes_item = changes_item_data.to_dict()
            changes.append(changes_item)



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

        limits = self.limits.to_dict()

        release_id = str(self.release_id)

        requested_at = self.requested_at.isoformat()

        requested_by = self.requested_by

        state = self.state.value

        subject = self.subject

        why = self.why


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "access_rules": access_rules,
            "changes": changes,
            "decided_at": decided_at,
            "decided_by": decided_by,
            "decision": decision,
            "held": held,
            "kind": kind,
            "limits": limits,
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
        from ..models.rules_changes import RulesChanges # noqa: PLC0415
        from ..models.whole_release_limits import WholeReleaseLimits # noqa: PLC0415
        from ..models.workflow_changes import WorkflowChanges # noqa: PLC0415
        d = dict(src_dict)
        def _parse_access_rules(data: object) -> None | RulesChanges:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                access_rules_type_0 = RulesChanges.from_dict(data)



                return access_rules_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RulesChanges, data)

        access_rules = _parse_access_rules(d.pop("access_rules"))


        changes = []
        _changes = d.pop("changes")
        for changes_item_data in (_changes):
            changes_item = WorkflowChanges.from_dict(changes_item_data)



            changes.append(changes_item)


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




        limits = WholeReleaseLimits.from_dict(d.pop("limits"))




        release_id = UUID(d.pop("release_id"))




        requested_at = datetime.datetime.fromisoformat(d.pop("requested_at"))




        requested_by = d.pop("requested_by")

        state = ReleaseState(d.pop("state"))




        subject = d.pop("subject")

        why = d.pop("why")

        whole_release = cls(
            access_rules=access_rules,
            changes=changes,
            decided_at=decided_at,
            decided_by=decided_by,
            decision=decision,
            held=held,
            kind=kind,
            limits=limits,
            release_id=release_id,
            requested_at=requested_at,
            requested_by=requested_by,
            state=state,
            subject=subject,
            why=why,
        )


        whole_release.additional_properties = d
        return whole_release

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
