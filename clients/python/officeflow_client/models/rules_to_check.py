from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.rules_to_check_rules_item import RulesToCheckRulesItem





T = TypeVar("T", bound="RulesToCheck")



@_attrs_define
class RulesToCheck:
    """ 
        Attributes:
            rules (list[RulesToCheckRulesItem]): As docs/schemas/access-rules.schema.json describes them.
     """

    rules: list[RulesToCheckRulesItem]





    def to_dict(self) -> dict[str, Any]:
        from ..models.rules_to_check_rules_item import RulesToCheckRulesItem # noqa: PLC0415
        rules = []
        for rules_item_data in self.rules:
            rules_item = rules_item_data.to_dict()
            rules.append(rules_item)




        field_dict: dict[str, Any] = {}

        field_dict.update({
            "rules": rules,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.rules_to_check_rules_item import RulesToCheckRulesItem # noqa: PLC0415
        d = dict(src_dict)
        rules = []
        _rules = d.pop("rules")
        for rules_item_data in (_rules):
            rules_item = RulesToCheckRulesItem.from_dict(rules_item_data)



            rules.append(rules_item)


        rules_to_check = cls(
            rules=rules,
        )

        return rules_to_check

