from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.assignment_state import AssignmentState
from ..types import UNSET, Unset
from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.asked_values import AskedValues





T = TypeVar("T", bound="Asked")



@_attrs_define
class Asked:
    """ Somebody who is asked, and what they said. Private fields of a form are `***`.

        Attributes:
            answers_now (str): Who may answer in this place now.
            at (datetime.datetime | None):
            by (str):
            choice (str):
            door (str):
            name (str):
            reason (str):
            state (AssignmentState): `human_assignments.state`. WITHDRAWN: the request was decided by others, or given to
                somebody else.
            user (str): Their address; empty where no user answered.
            values (AskedValues): By the request's form.
            why (str): How they came to it.
            mail_problem (str | Unset):  Default: ''.
            mailed_at (datetime.datetime | None | Unset):
     """

    answers_now: str
    at: datetime.datetime | None
    by: str
    choice: str
    door: str
    name: str
    reason: str
    state: AssignmentState
    user: str
    values: AskedValues
    why: str
    mail_problem: str | Unset = ''
    mailed_at: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.asked_values import AskedValues # noqa: PLC0415
        answers_now = self.answers_now

        at: None | str
        if isinstance(self.at, datetime.datetime):
            at = self.at.isoformat()
        else:
            at = self.at

        by = self.by

        choice = self.choice

        door = self.door

        name = self.name

        reason = self.reason

        state = self.state.value

        user = self.user

        values = self.values.to_dict()

        why = self.why

        mail_problem = self.mail_problem

        mailed_at: None | str | Unset
        if isinstance(self.mailed_at, Unset):
            mailed_at = UNSET
        elif isinstance(self.mailed_at, datetime.datetime):
            mailed_at = self.mailed_at.isoformat()
        else:
            mailed_at = self.mailed_at


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "answers_now": answers_now,
            "at": at,
            "by": by,
            "choice": choice,
            "door": door,
            "name": name,
            "reason": reason,
            "state": state,
            "user": user,
            "values": values,
            "why": why,
        })
        if mail_problem is not UNSET:
            field_dict["mail_problem"] = mail_problem
        if mailed_at is not UNSET:
            field_dict["mailed_at"] = mailed_at

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.asked_values import AskedValues # noqa: PLC0415
        d = dict(src_dict)
        answers_now = d.pop("answers_now")

        def _parse_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                at_type_0 = datetime.datetime.fromisoformat(data)



                return at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        at = _parse_at(d.pop("at"))


        by = d.pop("by")

        choice = d.pop("choice")

        door = d.pop("door")

        name = d.pop("name")

        reason = d.pop("reason")

        state = AssignmentState(d.pop("state"))




        user = d.pop("user")

        values = AskedValues.from_dict(d.pop("values"))




        why = d.pop("why")

        mail_problem = d.pop("mail_problem", UNSET)

        def _parse_mailed_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                mailed_at_type_0 = datetime.datetime.fromisoformat(data)



                return mailed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        mailed_at = _parse_mailed_at(d.pop("mailed_at", UNSET))


        asked = cls(
            answers_now=answers_now,
            at=at,
            by=by,
            choice=choice,
            door=door,
            name=name,
            reason=reason,
            state=state,
            user=user,
            values=values,
            why=why,
            mail_problem=mail_problem,
            mailed_at=mailed_at,
        )


        asked.additional_properties = d
        return asked

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
