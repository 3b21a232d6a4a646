from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.failure_reason import FailureReason
  from ..models.problem_item import ProblemItem
  from ..models.remaining import Remaining





T = TypeVar("T", bound="Failure")



@_attrs_define
class Failure:
    """ Why something failed, or what it waits for.

        Attributes:
            again_at (str | Unset): When it is tried again by itself. Default: ''.
            code (str | Unset): Stable: programs decide by it. Default: 'error'.
            maybe_done (bool | Unset): It may have been done all the same. Default: False.
            message (str | Unset):  Default: ''.
            nodes (list[str] | Unset): Of a run: the nodes at which it failed.
            operation (str | Unset):  Default: ''.
            problems (list[ProblemItem] | Unset):
            provider (str | Unset):  Default: ''.
            reasons (list[FailureReason] | Unset):
            remaining (list[Remaining] | Unset):
     """

    again_at: str | Unset = ''
    code: str | Unset = 'error'
    maybe_done: bool | Unset = False
    message: str | Unset = ''
    nodes: list[str] | Unset = UNSET
    operation: str | Unset = ''
    problems: list[ProblemItem] | Unset = UNSET
    provider: str | Unset = ''
    reasons: list[FailureReason] | Unset = UNSET
    remaining: list[Remaining] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.failure_reason import FailureReason # noqa: PLC0415
        from ..models.problem_item import ProblemItem # noqa: PLC0415
        from ..models.remaining import Remaining # noqa: PLC0415
        again_at = self.again_at

        code = self.code

        maybe_done = self.maybe_done

        message = self.message

        nodes: list[str] | Unset = UNSET
        if not isinstance(self.nodes, Unset):
            nodes = self.nodes



        operation = self.operation

        problems: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.problems, Unset):
            problems = []
            for problems_item_data in self.problems:
                problems_item = problems_item_data.to_dict()
                problems.append(problems_item)



        provider = self.provider

        reasons: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.reasons, Unset):
            reasons = []
            for reasons_item_data in self.reasons:
                reasons_item = reasons_item_data.to_dict()
                reasons.append(reasons_item)



        remaining: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.remaining, Unset):
            remaining = []
            for remaining_item_data in self.remaining:
                remaining_item = remaining_item_data.to_dict()
                remaining.append(remaining_item)




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
        })
        if again_at is not UNSET:
            field_dict["again_at"] = again_at
        if code is not UNSET:
            field_dict["code"] = code
        if maybe_done is not UNSET:
            field_dict["maybe_done"] = maybe_done
        if message is not UNSET:
            field_dict["message"] = message
        if nodes is not UNSET:
            field_dict["nodes"] = nodes
        if operation is not UNSET:
            field_dict["operation"] = operation
        if problems is not UNSET:
            field_dict["problems"] = problems
        if provider is not UNSET:
            field_dict["provider"] = provider
        if reasons is not UNSET:
            field_dict["reasons"] = reasons
        if remaining is not UNSET:
            field_dict["remaining"] = remaining

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.failure_reason import FailureReason # noqa: PLC0415
        from ..models.problem_item import ProblemItem # noqa: PLC0415
        from ..models.remaining import Remaining # noqa: PLC0415
        d = dict(src_dict)
        again_at = d.pop("again_at", UNSET)

        code = d.pop("code", UNSET)

        maybe_done = d.pop("maybe_done", UNSET)

        message = d.pop("message", UNSET)

        nodes = cast(list[str], d.pop("nodes", UNSET))


        operation = d.pop("operation", UNSET)

        _problems = d.pop("problems", UNSET)
        problems: list[ProblemItem] | Unset = UNSET
        if _problems is not UNSET:
            problems = []
            for problems_item_data in _problems:
                problems_item = ProblemItem.from_dict(problems_item_data)



                problems.append(problems_item)


        provider = d.pop("provider", UNSET)

        _reasons = d.pop("reasons", UNSET)
        reasons: list[FailureReason] | Unset = UNSET
        if _reasons is not UNSET:
            reasons = []
            for reasons_item_data in _reasons:
                reasons_item = FailureReason.from_dict(reasons_item_data)



                reasons.append(reasons_item)


        _remaining = d.pop("remaining", UNSET)
        remaining: list[Remaining] | Unset = UNSET
        if _remaining is not UNSET:
            remaining = []
            for remaining_item_data in _remaining:
                remaining_item = Remaining.from_dict(remaining_item_data)



                remaining.append(remaining_item)


        failure = cls(
            again_at=again_at,
            code=code,
            maybe_done=maybe_done,
            message=message,
            nodes=nodes,
            operation=operation,
            problems=problems,
            provider=provider,
            reasons=reasons,
            remaining=remaining,
        )


        failure.additional_properties = d
        return failure

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
