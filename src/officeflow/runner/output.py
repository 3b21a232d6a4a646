"""What is kept of an act that is done: its output as JSON, what may be shown of it, its audit entries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from officeflow.errors import OutputRefused
from officeflow.runner.masking import Mask, mask_of, sensitive_values, shown
from officeflow.runs.acts import Done, veiled
from officeflow.sdk import AuditEntry, NodeOutput

MAX_OUTPUT_BYTES = 1024 * 1024
"""What later nodes may read of a node: it is in the ledger, in messages and in every later expression's
reach.
"""


def done_with(output: NodeOutput, audit: Sequence[AuditEntry], mask: Mask) -> Done:
    """`mask` hides what is sensitive in the parameters; `OutputRefused` where the output cannot be kept."""
    whole, members = to_json(output), output.hidden_members()
    private = [whole[field].get(name) for field, names in members.items() for name in names]
    hidden = mask_of(mask.values, sensitive_values(output), private)
    told = shown(output, whole)
    for field, names in members.items():
        told[field] = {name: veiled(value) if name in names else value for name, value in told[field].items()}
    return Done(
        output=whole,
        public=hidden.value(told),
        sensitive=hidden.found_in(whole),
        audit=[_hidden(entry, hidden) for entry in audit],
    )


def to_json(output: NodeOutput) -> dict[str, Any]:
    """`OutputRefused` where there is no JSON for it or there is too much of it."""
    try:
        whole: dict[str, Any] = output.model_dump(mode="json")
        size = len(json.dumps(whole, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass"))
    except (TypeError, ValueError) as error:  # pydantic's own error is a ValueError
        raise OutputRefused(f"its output cannot be kept as JSON: {error}") from error
    if size > MAX_OUTPUT_BYTES:
        raise OutputRefused(
            f"its output of {size / 2**20:.1f} MiB is larger than {MAX_OUTPUT_BYTES / 2**20:.0f} MiB",
            hint="return a reference to what is large, not the thing itself",
        )
    return whole


def _hidden(entry: AuditEntry, mask: Mask) -> AuditEntry:
    """The audit log is kept for ever, and announced."""
    return replace(
        entry,
        actor=mask.text(entry.actor),
        subject=mask.text(entry.subject),
        details=mask.value(entry.details),
    )
