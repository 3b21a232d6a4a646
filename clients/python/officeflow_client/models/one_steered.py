from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.steering_outcome import SteeringOutcome
from uuid import UUID






T = TypeVar("T", bound="OneSteered")



@_attrs_define
class OneSteered:
    """ 
        Attributes:
            code (str): Of the refusal, as a problem's; empty where there is none.
            outcome (SteeringOutcome):
            run (str): DAG and Airflow's run id, with a slash between them; empty: there is no such run.
            run_id (UUID):
            told (str): Who wanted it before, which nodes try again, or why it was refused.
     """

    code: str
    outcome: SteeringOutcome
    run: str
    run_id: UUID
    told: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        code = self.code

        outcome = self.outcome.value

        run = self.run

        run_id = str(self.run_id)

        told = self.told


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "code": code,
            "outcome": outcome,
            "run": run,
            "run_id": run_id,
            "told": told,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        code = d.pop("code")

        outcome = SteeringOutcome(d.pop("outcome"))




        run = d.pop("run")

        run_id = UUID(d.pop("run_id"))




        told = d.pop("told")

        one_steered = cls(
            code=code,
            outcome=outcome,
            run=run,
            run_id=run_id,
            told=told,
        )


        one_steered.additional_properties = d
        return one_steered

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
