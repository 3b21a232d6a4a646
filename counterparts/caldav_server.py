"""A CalDAV server (Radicale): `python -m counterparts.caldav_server --port 5232 --folder DIR --user people --calendar onboarding`.

The user's password is in the environment, COUNTERPART_SECRET. The calendars are at `/<user>/<calendar>/`. DIR gets `users`,
`collections/` and `requests.jsonl`.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from radicale import config
from radicale.app import Application

from counterparts import web
from counterparts.journal import Journal


def write_users(path: Path, user: str, password: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{user}:{password}\n")


def make_application(folder: Path) -> Application:
    configuration = config.load()
    configuration.update(
        {
            "auth": {"type": "htpasswd", "htpasswd_filename": str(folder / "users"), "htpasswd_encryption": "plain", "delay": "0"},
            "storage": {"filesystem_folder": str(folder / "collections")},
            "logging": {"level": "warning"},
        },
        "counterparts.caldav_server",
    )
    return Application(configuration)


def seed_calendars(application: Application, user: str, names: Sequence[str]) -> None:
    """Create the calendars that are not there yet."""
    storage = application._storage  # noqa: SLF001 - Radicale offers no other way to its storage
    with storage.acquire_lock("w", user):
        for href in (f"/{user}/", *(f"/{user}/{name}/" for name in names)):
            if not next(iter(storage.discover(href)), None):
                props = {"tag": "VCALENDAR", "D:displayname": href.split("/")[2]} if href.count("/") > 2 else {}
                storage.create_collection(href, props=props)


def main() -> None:
    parser = argparse.ArgumentParser(prog="counterparts.caldav_server", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--calendar", action="append", default=[], help="a calendar that exists from the start; may be repeated")
    options = parser.parse_args()
    journal = Journal(options.folder / "requests.jsonl")
    write_users(options.folder / "users", options.user, web.secret("COUNTERPART_SECRET"))
    application = make_application(options.folder)
    seed_calendars(application, options.user, options.calendar)
    web.serve(web.journaled(application, journal), options.port)


if __name__ == "__main__":
    main()
