from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.node_compensation_type_type_0 import NodeCompensationTypeType0
from ..models.node_join import NodeJoin
from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.node_params import NodeParams
  from ..models.position import Position
  from ..models.retry_policy import RetryPolicy





T = TypeVar("T", bound="Node")



@_attrs_define
class Node:
    """ One act.

        Attributes:
            id (str): Names the node in edges and expressions; Airflow's task id.
            type_ (str): A node type, such as identity.create_account.
            compensates_for (list[str] | Unset): Nodes that this one undoes; it is then no part of the ordinary flow.
            compensation_type (NodeCompensationTypeType0 | None | Unset):
            connection (None | str | Unset): The organization's connection that it uses.
            each (None | str | Unset): The flow.for_each whose items this node runs for, once for each.
            join (NodeJoin | Unset): When it runs, where several edges lead to it: once all are decided and one at least is
                taken; only if all are taken; or as soon as one is. Default: NodeJoin.TAKEN.
            name (None | str | Unset): For people; the node type's title where it is left out.
            new (bool | Unset): True where it is another act than any node of an earlier version. Default: False.
            params (NodeParams | Unset): Parameters of the node type; ${{ CEL }} may stand for any value.
            position (None | Position | Unset):
            renamed_from (None | str | Unset): The id that it had in an earlier version: what it has done under that one is
                not done again.
            retry_policy (RetryPolicy | Unset): How often and when a node is tried again: before retry n it waits up to
                backoffMs x factor^(n-1), at
                most maxBackoffMs.
            timeout_ms (int | Unset): Milliseconds that one try may take. Default: 300000.
            undo (None | str | Unset): How what it did is taken back when the run is undone: one of the ways that its node
                type knows, or keep. Left out: the node type's own way, where it has one.
     """

    id: str
    type_: str
    compensates_for: list[str] | Unset = UNSET
    compensation_type: NodeCompensationTypeType0 | None | Unset = UNSET
    connection: None | str | Unset = UNSET
    each: None | str | Unset = UNSET
    join: NodeJoin | Unset = NodeJoin.TAKEN
    name: None | str | Unset = UNSET
    new: bool | Unset = False
    params: NodeParams | Unset = UNSET
    position: None | Position | Unset = UNSET
    renamed_from: None | str | Unset = UNSET
    retry_policy: RetryPolicy | Unset = UNSET
    timeout_ms: int | Unset = 300000
    undo: None | str | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        from ..models.node_params import NodeParams # noqa: PLC0415
        from ..models.position import Position # noqa: PLC0415
        from ..models.retry_policy import RetryPolicy # noqa: PLC0415
        id = self.id

        type_ = self.type_

        compensates_for: list[str] | Unset = UNSET
        if not isinstance(self.compensates_for, Unset):
            compensates_for = self.compensates_for



        compensation_type: None | str | Unset
        if isinstance(self.compensation_type, Unset):
            compensation_type = UNSET
        elif isinstance(self.compensation_type, NodeCompensationTypeType0):
            compensation_type = self.compensation_type.value
        else:
            compensation_type = self.compensation_type

        connection: None | str | Unset
        if isinstance(self.connection, Unset):
            connection = UNSET
        else:
            connection = self.connection

        each: None | str | Unset
        if isinstance(self.each, Unset):
            each = UNSET
        else:
            each = self.each

        join: str | Unset = UNSET
        if not isinstance(self.join, Unset):
            join = self.join.value


        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        new = self.new

        params: dict[str, Any] | Unset = UNSET
        if not isinstance(self.params, Unset):
            params = self.params.to_dict()

        position: dict[str, Any] | None | Unset
        if isinstance(self.position, Unset):
            position = UNSET
        elif isinstance(self.position, Position):
            position = self.position.to_dict()
        else:
            position = self.position

        renamed_from: None | str | Unset
        if isinstance(self.renamed_from, Unset):
            renamed_from = UNSET
        else:
            renamed_from = self.renamed_from

        retry_policy: dict[str, Any] | Unset = UNSET
        if not isinstance(self.retry_policy, Unset):
            retry_policy = self.retry_policy.to_dict()

        timeout_ms = self.timeout_ms

        undo: None | str | Unset
        if isinstance(self.undo, Unset):
            undo = UNSET
        else:
            undo = self.undo


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "id": id,
            "type": type_,
        })
        if compensates_for is not UNSET:
            field_dict["compensatesFor"] = compensates_for
        if compensation_type is not UNSET:
            field_dict["compensationType"] = compensation_type
        if connection is not UNSET:
            field_dict["connection"] = connection
        if each is not UNSET:
            field_dict["each"] = each
        if join is not UNSET:
            field_dict["join"] = join
        if name is not UNSET:
            field_dict["name"] = name
        if new is not UNSET:
            field_dict["new"] = new
        if params is not UNSET:
            field_dict["params"] = params
        if position is not UNSET:
            field_dict["position"] = position
        if renamed_from is not UNSET:
            field_dict["renamedFrom"] = renamed_from
        if retry_policy is not UNSET:
            field_dict["retryPolicy"] = retry_policy
        if timeout_ms is not UNSET:
            field_dict["timeoutMs"] = timeout_ms
        if undo is not UNSET:
            field_dict["undo"] = undo

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.node_params import NodeParams # noqa: PLC0415
        from ..models.position import Position # noqa: PLC0415
        from ..models.retry_policy import RetryPolicy # noqa: PLC0415
        d = dict(src_dict)
        id = d.pop("id")

        type_ = d.pop("type")

        compensates_for = cast(list[str], d.pop("compensatesFor", UNSET))


        def _parse_compensation_type(data: object) -> NodeCompensationTypeType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                compensation_type_type_0 = NodeCompensationTypeType0(data)



                return compensation_type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NodeCompensationTypeType0 | None | Unset, data)

        compensation_type = _parse_compensation_type(d.pop("compensationType", UNSET))


        def _parse_connection(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        connection = _parse_connection(d.pop("connection", UNSET))


        def _parse_each(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        each = _parse_each(d.pop("each", UNSET))


        _join = d.pop("join", UNSET)
        join: NodeJoin | Unset
        if isinstance(_join,  Unset):
            join = UNSET
        else:
            join = NodeJoin(_join)




        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))


        new = d.pop("new", UNSET)

        _params = d.pop("params", UNSET)
        params: NodeParams | Unset
        if isinstance(_params,  Unset):
            params = UNSET
        else:
            params = NodeParams.from_dict(_params)




        def _parse_position(data: object) -> None | Position | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                position_type_0 = Position.from_dict(data)



                return position_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Position | Unset, data)

        position = _parse_position(d.pop("position", UNSET))


        def _parse_renamed_from(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        renamed_from = _parse_renamed_from(d.pop("renamedFrom", UNSET))


        _retry_policy = d.pop("retryPolicy", UNSET)
        retry_policy: RetryPolicy | Unset
        if isinstance(_retry_policy,  Unset):
            retry_policy = UNSET
        else:
            retry_policy = RetryPolicy.from_dict(_retry_policy)




        timeout_ms = d.pop("timeoutMs", UNSET)

        def _parse_undo(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        undo = _parse_undo(d.pop("undo", UNSET))


        node = cls(
            id=id,
            type_=type_,
            compensates_for=compensates_for,
            compensation_type=compensation_type,
            connection=connection,
            each=each,
            join=join,
            name=name,
            new=new,
            params=params,
            position=position,
            renamed_from=renamed_from,
            retry_policy=retry_policy,
            timeout_ms=timeout_ms,
            undo=undo,
        )

        return node

