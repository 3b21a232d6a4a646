from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.decision_rule import DecisionRule
from ..models.request_kind import RequestKind
from ..models.request_state import RequestState
from typing import cast
from uuid import UUID
import datetime

if TYPE_CHECKING:
  from ..models.asked import Asked
  from ..models.not_counted import NotCounted
  from ..models.request_detail_form_type_0 import RequestDetailFormType0





T = TypeVar("T", bound="RequestDetail")



@_attrs_define
class RequestDetail:
    """ All of a request.

        Attributes:
            asked (list[Asked]):
            body (str):
            deadline (datetime.datetime | None):
            decided_at (datetime.datetime | None):
            decision (str):
            default (str): What counts after the deadline; empty: nothing.
            due (datetime.datetime | None):
            escalated_at (datetime.datetime | None):
            escalates_at (datetime.datetime | None):
            form (None | RequestDetailFormType0): A JSON Schema of what is filled in.
            kind (RequestKind): `human_requests.kind`: what a person is asked for.
            map_index (int):
            needed (int):
            node (str):
            not_counted (list[NotCounted]):
            options (list[str]): What may be answered; the first one is the yes.
            reasons (list[str]): The options that need a reason.
            request (UUID):
            rule (DecisionRule): `human_requests.rule`, by which the answers of several people become one.

                ANY: the first answer decides. ALL: each must say yes, and one no decides. N: so many different people
                must say yes, and it is a no as soon as that cannot come about any more.
            run (str):
            since (datetime.datetime):
            state (RequestState): `human_requests.state`.

                EXPIRED: its deadline passed, and its default, if it has one, was taken. WITHDRAWN: its run needs it no
                more.
            subject (str):
            told_airflow_at (datetime.datetime | None):
            unasked (list[str]): Why people whom the workflow names are not asked.
            yes (int):
     """

    asked: list[Asked]
    body: str
    deadline: datetime.datetime | None
    decided_at: datetime.datetime | None
    decision: str
    default: str
    due: datetime.datetime | None
    escalated_at: datetime.datetime | None
    escalates_at: datetime.datetime | None
    form: None | RequestDetailFormType0
    kind: RequestKind
    map_index: int
    needed: int
    node: str
    not_counted: list[NotCounted]
    options: list[str]
    reasons: list[str]
    request: UUID
    rule: DecisionRule
    run: str
    since: datetime.datetime
    state: RequestState
    subject: str
    told_airflow_at: datetime.datetime | None
    unasked: list[str]
    yes: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.asked import Asked # noqa: PLC0415
        from ..models.not_counted import NotCounted # noqa: PLC0415
        from ..models.request_detail_form_type_0 import RequestDetailFormType0 # noqa: PLC0415
        asked = []
        for asked_item_data in self.asked:
            asked_item = asked_item_data.to_dict()
            asked.append(asked_item)



        body = self.body

        deadline: None | str
        if isinstance(self.deadline, datetime.datetime):
            deadline = self.deadline.isoformat()
        else:
            deadline = self.deadline

        decided_at: None | str
        if isinstance(self.decided_at, datetime.datetime):
            decided_at = self.decided_at.isoformat()
        else:
            decided_at = self.decided_at

        decision = self.decision

        default = self.default

        due: None | str
        if isinstance(self.due, datetime.datetime):
            due = self.due.isoformat()
        else:
            due = self.due

        escalated_at: None | str
        if isinstance(self.escalated_at, datetime.datetime):
            escalated_at = self.escalated_at.isoformat()
        else:
            escalated_at = self.escalated_at

        escalates_at: None | str
        if isinstance(self.escalates_at, datetime.datetime):
            escalates_at = self.escalates_at.isoformat()
        else:
            escalates_at = self.escalates_at

        form: dict[str, Any] | None
        if isinstance(self.form, RequestDetailFormType0):
            form = self.form.to_dict()
        else:
            form = self.form

        kind = self.kind.value

        map_index = self.map_index

        needed = self.needed

        node = self.node

        not_counted = []
        for not_counted_item_data in self.not_counted:
            not_counted_item = not_counted_item_data.to_dict()
            not_counted.append(not_counted_item)



        options = self.options



        reasons = self.reasons



        request = str(self.request)

        rule = self.rule.value

        run = self.run

        since = self.since.isoformat()

        state = self.state.value

        subject = self.subject

        told_airflow_at: None | str
        if isinstance(self.told_airflow_at, datetime.datetime):
            told_airflow_at = self.told_airflow_at.isoformat()
        else:
            told_airflow_at = self.told_airflow_at

        unasked = self.unasked



        yes = self.yes


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "asked": asked,
            "body": body,
            "deadline": deadline,
            "decided_at": decided_at,
            "decision": decision,
            "default": default,
            "due": due,
            "escalated_at": escalated_at,
            "escalates_at": escalates_at,
            "form": form,
            "kind": kind,
            "map_index": map_index,
            "needed": needed,
            "node": node,
            "not_counted": not_counted,
            "options": options,
            "reasons": reasons,
            "request": request,
            "rule": rule,
            "run": run,
            "since": since,
            "state": state,
            "subject": subject,
            "told_airflow_at": told_airflow_at,
            "unasked": unasked,
            "yes": yes,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.asked import Asked # noqa: PLC0415
        from ..models.not_counted import NotCounted # noqa: PLC0415
        from ..models.request_detail_form_type_0 import RequestDetailFormType0 # noqa: PLC0415
        d = dict(src_dict)
        asked = []
        _asked = d.pop("asked")
        for asked_item_data in (_asked):
            asked_item = Asked.from_dict(asked_item_data)



            asked.append(asked_item)


        body = d.pop("body")

        def _parse_deadline(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                deadline_type_0 = datetime.datetime.fromisoformat(data)



                return deadline_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        deadline = _parse_deadline(d.pop("deadline"))


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


        decision = d.pop("decision")

        default = d.pop("default")

        def _parse_due(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                due_type_0 = datetime.datetime.fromisoformat(data)



                return due_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        due = _parse_due(d.pop("due"))


        def _parse_escalated_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                escalated_at_type_0 = datetime.datetime.fromisoformat(data)



                return escalated_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        escalated_at = _parse_escalated_at(d.pop("escalated_at"))


        def _parse_escalates_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                escalates_at_type_0 = datetime.datetime.fromisoformat(data)



                return escalates_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        escalates_at = _parse_escalates_at(d.pop("escalates_at"))


        def _parse_form(data: object) -> None | RequestDetailFormType0:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                form_type_0 = RequestDetailFormType0.from_dict(data)



                return form_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RequestDetailFormType0, data)

        form = _parse_form(d.pop("form"))


        kind = RequestKind(d.pop("kind"))




        map_index = d.pop("map_index")

        needed = d.pop("needed")

        node = d.pop("node")

        not_counted = []
        _not_counted = d.pop("not_counted")
        for not_counted_item_data in (_not_counted):
            not_counted_item = NotCounted.from_dict(not_counted_item_data)



            not_counted.append(not_counted_item)


        options = cast(list[str], d.pop("options"))


        reasons = cast(list[str], d.pop("reasons"))


        request = UUID(d.pop("request"))




        rule = DecisionRule(d.pop("rule"))




        run = d.pop("run")

        since = datetime.datetime.fromisoformat(d.pop("since"))




        state = RequestState(d.pop("state"))




        subject = d.pop("subject")

        def _parse_told_airflow_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                told_airflow_at_type_0 = datetime.datetime.fromisoformat(data)



                return told_airflow_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        told_airflow_at = _parse_told_airflow_at(d.pop("told_airflow_at"))


        unasked = cast(list[str], d.pop("unasked"))


        yes = d.pop("yes")

        request_detail = cls(
            asked=asked,
            body=body,
            deadline=deadline,
            decided_at=decided_at,
            decision=decision,
            default=default,
            due=due,
            escalated_at=escalated_at,
            escalates_at=escalates_at,
            form=form,
            kind=kind,
            map_index=map_index,
            needed=needed,
            node=node,
            not_counted=not_counted,
            options=options,
            reasons=reasons,
            request=request,
            rule=rule,
            run=run,
            since=since,
            state=state,
            subject=subject,
            told_airflow_at=told_airflow_at,
            unasked=unasked,
            yes=yes,
        )


        request_detail.additional_properties = d
        return request_detail

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
