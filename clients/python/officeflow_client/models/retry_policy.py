from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset






T = TypeVar("T", bound="RetryPolicy")



@_attrs_define
class RetryPolicy:
    """ How often and when a node is tried again: before retry n it waits up to backoffMs x factor^(n-1), at
    most maxBackoffMs.

        Attributes:
            backoff_ms (int | Unset): Milliseconds before the first retry, at most. Default: 1000.
            factor (float | Unset): By how much the wait grows. Default: 2.0.
            max_backoff_ms (int | Unset): Milliseconds that a wait never exceeds. Default: 300000.
            max_retries (int | Unset): Tries after the first one. Default: 3.
     """

    backoff_ms: int | Unset = 1000
    factor: float | Unset = 2.0
    max_backoff_ms: int | Unset = 300000
    max_retries: int | Unset = 3





    def to_dict(self) -> dict[str, Any]:
        backoff_ms = self.backoff_ms

        factor = self.factor

        max_backoff_ms = self.max_backoff_ms

        max_retries = self.max_retries


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if backoff_ms is not UNSET:
            field_dict["backoffMs"] = backoff_ms
        if factor is not UNSET:
            field_dict["factor"] = factor
        if max_backoff_ms is not UNSET:
            field_dict["maxBackoffMs"] = max_backoff_ms
        if max_retries is not UNSET:
            field_dict["maxRetries"] = max_retries

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        backoff_ms = d.pop("backoffMs", UNSET)

        factor = d.pop("factor", UNSET)

        max_backoff_ms = d.pop("maxBackoffMs", UNSET)

        max_retries = d.pop("maxRetries", UNSET)

        retry_policy = cls(
            backoff_ms=backoff_ms,
            factor=factor,
            max_backoff_ms=max_backoff_ms,
            max_retries=max_retries,
        )

        return retry_policy

