"""Which environment variables of ours there are, and which of those that are set nobody reads."""

from __future__ import annotations

from collections.abc import Mapping

from officeflow.errors import did_you_mean
from officeflow.settings import Settings

PREFIX = "OFFICEFLOW_"
LISTENER_PREFIX = "OFFICEFLOW_LISTENER_"
CLOSE = 0.75
"""How much of a name has to be right for it to be a misspelt one (`difflib`'s ratio)."""

SETTINGS: tuple[str, ...] = tuple(PREFIX + name.upper() for name in Settings.model_fields)
"""Those of every process, in the order of `officeflow.settings`."""

LISTENER_OPTIONS: tuple[str, ...] = tuple(
    LISTENER_PREFIX + name
    for name in (
        "GROUP",
        "TOPICS",
        "CONTROL_GROUP",
        "CONTROL_TOPICS",
        "BATCH_MESSAGES",
        "FLOOD_LIMIT",
        "FLOOD_SHARE",
        "FLOOD_WAIT",
        "DISPATCHERS",
        "MISSING_DAG_PATIENCE",
    )
)
"""Those of the listener alone (`listeners.inbound.options`)."""

OF_COMMANDS: Mapping[str, str] = {
    "OFFICEFLOW_SERVERS": (
        "The servers' environment, where it is not `servers` in the home; several homes can share one."
    ),
    "OFFICEFLOW_VENDOR_SPECS": (
        "The vendors' descriptions of their interfaces, which the counterparts that play them check requests"
        " against; `../shared/specs` beside the checkout otherwise."
    ),
    "OFFICEFLOW_AIRFLOW_DATABASE_URL": (
        "Airflow's database, to be used by `up` instead of one that it starts."
    ),
    "OFFICEFLOW_EXECUTOR": "What `up --executor` says: local or celery.",
    "OFFICEFLOW_POSTGRES_USER": "The account that PostgreSQL runs as where root calls `up`.",
    "OFFICEFLOW_FALLBACK": "Folder of PostgreSQL's data where that account cannot enter the home.",
    "OFFICEFLOW_JAVA": "A `java` program, 17 or newer, for Kafka.",
    "OFFICEFLOW_LOGIN": "Who acts: what `--as` and `--login` say.",
    "OFFICEFLOW_TOKEN": "A service account's token: the commands act as it, with its rights alone.",
    "OFFICEFLOW_ORG": "The organization, where a command has `--org`.",
}
"""What `up` and the other commands read themselves; no process needs it."""

_OWN = frozenset(
    {
        "OFFICEFLOW_AIRFLOW_ADMIN_PASSWORD",
        "OFFICEFLOW_DATABASE_PASSWORD",
        "OFFICEFLOW_TENANT_DATABASE_PASSWORD",
        "OFFICEFLOW_SERVICE_DATABASE_PASSWORD",
        "OFFICEFLOW_GATEWAY_DATABASE_PASSWORD",
        "OFFICEFLOW_PARKING_DATABASE_PASSWORD",
        "OFFICEFLOW_BENCH_PACKAGES",
        "OFFICEFLOW_BENCH_KEEP",
        "OFFICEFLOW_FORGETFUL_COUNTERPARTS",
        "OFFICEFLOW_KEEP_TEST_HOME",
        "OFFICEFLOW_NODE_PACKAGES_DIGEST",
    }
)
"""What parts of ours tell each other: containers, benchmarks, tests."""

_OWN_PREFIX = "OFFICEFLOW_TEST_"

KNOWN: frozenset[str] = frozenset({*SETTINGS, *LISTENER_OPTIONS, *OF_COMMANDS, *_OWN})


def unknown(environ: Mapping[str, str]) -> dict[str, str]:
    """Variables with our prefix that nothing reads, each with the nearest one that is read, or "": a misspelt
    one changes nothing.
    """
    wrong = sorted(
        name
        for name in environ
        if name.startswith(PREFIX) and name not in KNOWN and not name.startswith(_OWN_PREFIX)
    )
    return {name: _near(name) for name in wrong}


def _near(name: str) -> str:
    if name.startswith(LISTENER_PREFIX):
        return did_you_mean(name, LISTENER_OPTIONS, prefix=LISTENER_PREFIX, cutoff=CLOSE)
    return did_you_mean(name, KNOWN, prefix=PREFIX, cutoff=CLOSE)
