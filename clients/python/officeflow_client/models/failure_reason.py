from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.problem_item import ProblemItem





T = TypeVar("T", bound="FailureReason")



@_attrs_define
class FailureReason:
    """ What one node said of why it failed.

        Attributes:
            code (str | Unset):  Default: ''.
            message (str | Unset):  Default: ''.
            node (str | Unset):  Default: ''.
            problems (list[ProblemItem] | Unset):
     """

    code: str | Unset = ''
    message: str | Unset = ''
    node: str | Unset = ''
    problems: list[ProblemItem] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.problem_item import ProblemItem # noqa: PLC0415
        code = self.code

        message = self.message

        node = self.node

        problems: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.problems, Unset):
            problems = []
            for problems_item_data in self.problems:
                problems_item = problems_item_data.to_dict()
                problems.append(problems_item)




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
        })
        if code is not UNSET:
            field_dict["code"] = code
        if message is not UNSET:
            field_dict["message"] = message
        if node is not UNSET:
            field_dict["node"] = node
        if problems is not UNSET:
            field_dict["problems"] = problems

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.problem_item import ProblemItem # noqa: PLC0415
        d = dict(src_dict)
        code = d.pop("code", UNSET)

        message = d.pop("message", UNSET)

        node = d.pop("node", UNSET)

        _problems = d.pop("problems", UNSET)
        problems: list[ProblemItem] | Unset = UNSET
        if _problems is not UNSET:
            problems = []
            for problems_item_data in _problems:
                problems_item = ProblemItem.from_dict(problems_item_data)



                problems.append(problems_item)


        failure_reason = cls(
            code=code,
            message=message,
            node=node,
            problems=problems,
        )


        failure_reason.additional_properties = d
        return failure_reason

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
