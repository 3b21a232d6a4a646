"""A SCIM 2.0 server: `python -m counterparts.scim --port 8090 --folder DIR --group Staff --group
Engineering`.

With `--forgets externalId` it says yes to that attribute and does not keep it, as some directories do. The
bearer token is in the environment, COUNTERPART_SECRET. Everything is under `/v2`. DIR gets `scim.sqlite` and
`requests.jsonl`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scim2_models import ScimProvider
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME, BearerTokenApplication
from scim2_server.utils import (
    load_default_resource_types,
    load_default_schemas,
    load_default_service_provider_config,
)

from counterparts import web
from counterparts.journal import Journal
from counterparts.scim.store import SqliteStorage


def make_provider() -> ScimProvider:
    config = load_default_service_provider_config()
    config.authentication_schemes = [*(config.authentication_schemes or []), BEARER_TOKEN_SCHEME]
    return ScimProvider.from_discovery(
        load_default_schemas().values(), load_default_resource_types().values(), config=config
    )


def seed_groups(storage: SqliteStorage, provider: ScimProvider, names: Sequence[str]) -> None:
    """Create the groups that are not there yet."""
    kind = next(kind for kind in provider.resource_types if kind.name == "Group")
    model: Any = provider.model_for(kind)
    with provider:
        known = {getattr(resource, "display_name", None) for resource in storage.resources}
        for name in names:
            if name not in known:
                storage.create(kind, model(display_name=name))


def main() -> None:
    parser = argparse.ArgumentParser(prog="counterparts.scim", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument(
        "--group", action="append", default=[], help="a group that exists from the start; may be repeated"
    )
    parser.add_argument(
        "--forgets",
        action="append",
        default=[],
        help="an attribute of users that is not kept; may be repeated",
    )
    options = parser.parse_args()
    token = web.secret("COUNTERPART_SECRET")
    journal = Journal(options.folder / "requests.jsonl")
    provider = make_provider()
    storage = SqliteStorage(options.folder / "scim.sqlite", provider, forgets=options.forgets)
    seed_groups(storage, provider, options.group)
    web.serve(
        web.journaled(BearerTokenApplication(storage, provider, bearer_tokens=[token]), journal), options.port
    )


if __name__ == "__main__":
    main()
