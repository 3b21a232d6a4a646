from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.definition_concurrency import DefinitionConcurrency
from ..models.definition_onfailure import DefinitionOnfailure
from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.definition_inputs_type_0 import DefinitionInputsType0
  from ..models.definition_outputs import DefinitionOutputs
  from ..models.edge import Edge
  from ..models.node import Node
  from ..models.trigger import Trigger





T = TypeVar("T", bound="Definition")



@_attrs_define
class Definition:
    """ A whole workflow.

    A node runs when at least one of its incoming edges is taken and none of their sources failed.

        Attributes:
            name (str):
            nodes (list[Node]):
            slug (str): Names the workflow for good.
            trigger (Trigger): What starts a run.
            concurrency (DefinitionConcurrency | Unset): Where the person has runs under way: start beside them; start when
                they have ended; or cancel them, which undoes what they did, and start then. Default:
                DefinitionConcurrency.PARALLEL.
            description (str | Unset):  Default: ''.
            edges (list[Edge] | Unset):
            inputs (DefinitionInputsType0 | None | Unset): JSON Schema of what a workflow that calls this one gives it, read
                as input.<name>.
            on_failure (DefinitionOnfailure | Unset): What becomes of what a run did that fails half way. A cancelled run is
                undone. Default: DefinitionOnfailure.KEEP.
            outputs (DefinitionOutputs | Unset): What it gives to a workflow that calls it.
            owner (str | Unset): Person or team that answers for it. Default: ''.
            tags (list[str] | Unset):
     """

    name: str
    nodes: list[Node]
    slug: str
    trigger: Trigger
    concurrency: DefinitionConcurrency | Unset = DefinitionConcurrency.PARALLEL
    description: str | Unset = ''
    edges: list[Edge] | Unset = UNSET
    inputs: DefinitionInputsType0 | None | Unset = UNSET
    on_failure: DefinitionOnfailure | Unset = DefinitionOnfailure.KEEP
    outputs: DefinitionOutputs | Unset = UNSET
    owner: str | Unset = ''
    tags: list[str] | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        from ..models.definition_inputs_type_0 import DefinitionInputsType0 # noqa: PLC0415
        from ..models.definition_outputs import DefinitionOutputs # noqa: PLC0415
        from ..models.edge import Edge # noqa: PLC0415
        from ..models.node import Node # noqa: PLC0415
        from ..models.trigger import Trigger # noqa: PLC0415
        name = self.name

        nodes = []
        for nodes_item_data in self.nodes:
            nodes_item = nodes_item_data.to_dict()
            nodes.append(nodes_item)



        slug = self.slug

        trigger = self.trigger.to_dict()

        concurrency: str | Unset = UNSET
        if not isinstance(self.concurrency, Unset):
            concurrency = self.concurrency.value


        description = self.description

        edges: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.edges, Unset):
            edges = []
            for edges_item_data in self.edges:
                edges_item = edges_item_data.to_dict()
                edges.append(edges_item)



        inputs: dict[str, Any] | None | Unset
        if isinstance(self.inputs, Unset):
            inputs = UNSET
        elif isinstance(self.inputs, DefinitionInputsType0):
            inputs = self.inputs.to_dict()
        else:
            inputs = self.inputs

        on_failure: str | Unset = UNSET
        if not isinstance(self.on_failure, Unset):
            on_failure = self.on_failure.value


        outputs: dict[str, Any] | Unset = UNSET
        if not isinstance(self.outputs, Unset):
            outputs = self.outputs.to_dict()

        owner = self.owner

        tags: list[str] | Unset = UNSET
        if not isinstance(self.tags, Unset):
            tags = self.tags




        field_dict: dict[str, Any] = {}

        field_dict.update({
            "name": name,
            "nodes": nodes,
            "slug": slug,
            "trigger": trigger,
        })
        if concurrency is not UNSET:
            field_dict["concurrency"] = concurrency
        if description is not UNSET:
            field_dict["description"] = description
        if edges is not UNSET:
            field_dict["edges"] = edges
        if inputs is not UNSET:
            field_dict["inputs"] = inputs
        if on_failure is not UNSET:
            field_dict["onFailure"] = on_failure
        if outputs is not UNSET:
            field_dict["outputs"] = outputs
        if owner is not UNSET:
            field_dict["owner"] = owner
        if tags is not UNSET:
            field_dict["tags"] = tags

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.definition_inputs_type_0 import DefinitionInputsType0 # noqa: PLC0415
        from ..models.definition_outputs import DefinitionOutputs # noqa: PLC0415
        from ..models.edge import Edge # noqa: PLC0415
        from ..models.node import Node # noqa: PLC0415
        from ..models.trigger import Trigger # noqa: PLC0415
        d = dict(src_dict)
        name = d.pop("name")

        nodes = []
        _nodes = d.pop("nodes")
        for nodes_item_data in (_nodes):
            nodes_item = Node.from_dict(nodes_item_data)



            nodes.append(nodes_item)


        slug = d.pop("slug")

        trigger = Trigger.from_dict(d.pop("trigger"))




        _concurrency = d.pop("concurrency", UNSET)
        concurrency: DefinitionConcurrency | Unset
        if isinstance(_concurrency,  Unset):
            concurrency = UNSET
        else:
            concurrency = DefinitionConcurrency(_concurrency)




        description = d.pop("description", UNSET)

        _edges = d.pop("edges", UNSET)
        edges: list[Edge] | Unset = UNSET
        if _edges is not UNSET:
            edges = []
            for edges_item_data in _edges:
                edges_item = Edge.from_dict(edges_item_data)



                edges.append(edges_item)


        def _parse_inputs(data: object) -> DefinitionInputsType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                inputs_type_0 = DefinitionInputsType0.from_dict(data)



                return inputs_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DefinitionInputsType0 | None | Unset, data)

        inputs = _parse_inputs(d.pop("inputs", UNSET))


        _on_failure = d.pop("onFailure", UNSET)
        on_failure: DefinitionOnfailure | Unset
        if isinstance(_on_failure,  Unset):
            on_failure = UNSET
        else:
            on_failure = DefinitionOnfailure(_on_failure)




        _outputs = d.pop("outputs", UNSET)
        outputs: DefinitionOutputs | Unset
        if isinstance(_outputs,  Unset):
            outputs = UNSET
        else:
            outputs = DefinitionOutputs.from_dict(_outputs)




        owner = d.pop("owner", UNSET)

        tags = cast(list[str], d.pop("tags", UNSET))


        definition = cls(
            name=name,
            nodes=nodes,
            slug=slug,
            trigger=trigger,
            concurrency=concurrency,
            description=description,
            edges=edges,
            inputs=inputs,
            on_failure=on_failure,
            outputs=outputs,
            owner=owner,
            tags=tags,
        )

        return definition

