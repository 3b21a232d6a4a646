"""The settings in the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cryptography.fernet import Fernet

from officeflow.counts import counted
from officeflow.doctor.finding import Check, Finding, Subject, ok, problem, warning
from officeflow.errors import InvalidInput, OfficeFlowError
from officeflow.program import set_by_caller, typed
from officeflow.setting_forms import listed
from officeflow.settings import Settings, load_settings
from officeflow.stack.calling import passed_on, refused
from officeflow.stack.stack import Given
from officeflow.variables import PREFIX, unknown

AREA = "settings"
SHORTEST_AUDIT_KEY = 32
SHORTEST_SERVICE_PASSWORD = 16
"""Of random letters and digits: 95 bits.

Others' sign-ins are slowed after wrong passwords, the service account's are not.
"""


def readable(subject: Subject) -> Iterator[Finding]:
    try:
        load_settings()
    except InvalidInput as error:
        for each in error.problems:
            yield problem(str(each), f"correct or unset {each.path}; src/officeflow/settings.py describes it")
    else:
        given = sum(name.startswith(PREFIX) for name in set_by_caller(subject.environ))
        count = {0: "no variable that starts with {} is", 1: "1 variable that starts with {} is"}.get(
            given, f"{given} variables that start with {{}} are"
        )
        yield ok(f"{count.format(PREFIX)} set here; all settings are valid")


def names(subject: Subject) -> Iterator[Finding]:
    """A misspelt variable is otherwise passed over in silence."""
    for variable, near in unknown(subject.environ).items():
        yield warning(f"{variable} is set, and nothing reads it", near or f"unset {variable}")


def arrived(subject: Subject) -> Iterator[Finding]:
    """What is set here and was not when the stack was started, or was another value."""
    if "passed" not in subject.state:
        return
    was: Mapping[str, str] = subject.state["passed"]
    environ = set_by_caller(subject.environ)
    now = passed_on(environ).all
    for name in sorted(name for name, value in now.items() if was.get(name) != value and name in environ):
        yield warning(
            f"{name} is set here, and the stack's processes"
            f" {'have another value' if name in was else 'do not have it'}",
            f"`{typed('up')}` passes it on, and starts anew who is concerned",
        )
    for name, why in refused(
        subject.layout, Given.from_environment(subject.layout, environ), environ
    ).items():
        yield warning(f"{name} is set and not used: {why}", f"unset {name}")


def secrets(subject: Subject) -> Iterator[Finding]:
    settings = subject.known
    keys = listed(settings.encryption_keys.get_secret_value())
    if not keys:
        yield problem(
            "OFFICEFLOW_ENCRYPTION_KEYS is empty: nothing sensitive can be stored or read",
            "set it to one or more Fernet keys",
        )
    elif broken := [number for number, key in enumerate(keys, 1) if not _is_fernet(key)]:
        yield problem(
            f"OFFICEFLOW_ENCRYPTION_KEYS: key {broken[0]} of {len(keys)} is not 32 url-safe base64 bytes",
            "replace that key",
        )
    else:
        yield ok(counted(len(keys), "encryption key"))
    if len(settings.audit_key.get_secret_value()) < SHORTEST_AUDIT_KEY:
        yield problem(
            f"OFFICEFLOW_AUDIT_KEY has less than {SHORTEST_AUDIT_KEY} characters: nothing is chained",
            "set a longer one",
        )
    yield from _tag_key(settings)
    if not settings.airflow_password.get_secret_value():
        yield problem(
            "OFFICEFLOW_AIRFLOW_PASSWORD is empty: no run can be created",
            "set the service account's password",
        )
    elif len(settings.airflow_password.get_secret_value()) < SHORTEST_SERVICE_PASSWORD:
        yield warning(
            f"OFFICEFLOW_AIRFLOW_PASSWORD has less than {SHORTEST_SERVICE_PASSWORD} characters, and guessing"
            " it is not slowed",
            "give the service account a generated password",
        )


def _tag_key(settings: Settings) -> Iterator[Finding]:
    keys = listed(settings.audit_tag_key.get_secret_value())
    if not keys or min(map(len, keys)) < SHORTEST_AUDIT_KEY:
        yield problem(
            f"OFFICEFLOW_AUDIT_TAG_KEY has less than {SHORTEST_AUDIT_KEY} characters: no act can be recorded",
            "set a longer one",
        )
    elif settings.audit_key.get_secret_value() in keys:
        yield problem(
            "OFFICEFLOW_AUDIT_KEY and OFFICEFLOW_AUDIT_TAG_KEY are one key: who writes records could chain"
            " them",
            "set two",
        )


def node_packages(subject: Subject) -> Iterator[Finding]:
    from officeflow.catalog import registry
    from officeflow.connectors.providers import load_clients

    try:
        types = registry.node_types()
        load_clients()
    except OfficeFlowError as error:
        yield problem(
            f"OFFICEFLOW_NODE_PACKAGES: {error.message}",
            error.hint or "correct the package, or take it out of the variable",
        )
    else:
        named = subject.known.node_packages
        yield ok(f"{len(types)} node types" + (f", with those of {named}" if named else ""))


def _is_fernet(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


CHECKS = (
    Check(area=AREA, name="readable", examine=readable),
    Check(area=AREA, name="names", examine=names),
    Check(area=AREA, name="arrived", examine=arrived),
    Check(area=AREA, name="secrets", examine=secrets, needs=("settings.readable",)),
    Check(area=AREA, name="node-types", examine=node_packages, needs=("settings.readable",)),
)
