"""CalDAV servers."""

from __future__ import annotations

import httpx

from tests.counterparts.process import UNENCRYPTED, Counterpart


class CaldavServer(Counterpart):
    """`url` is the server's root; `user` with `password` owns the calendar at `calendar_url`."""

    fixture = "caldav_server"
    module = "caldav"
    user = "people"
    calendar = "onboarding"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def calendar_url(self) -> str:
        return f"{self.url}{self.user}/{self.calendar}/"

    @property
    def password(self) -> str:
        return self.secret

    def arguments(self) -> list[str]:
        return [*super().arguments(), "--user", self.user, "--calendar", self.calendar]

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.url, auth=(self.user, self.password), trust_env=False, verify=UNENCRYPTED
        )

    def events(self) -> str:
        """Every event of the calendar, as one iCalendar text."""
        with self.client() as client:
            return client.get(self.calendar_url).raise_for_status().text

    def reset(self) -> None:
        with self.client() as client:
            client.delete(self.calendar_url).raise_for_status()
            client.request("MKCALENDAR", self.calendar_url).raise_for_status()


class OwnUidCalendar(CaldavServer):
    """Gives every new event a UID and an address of its own."""

    fixture = "own_uid_calendar"

    def arguments(self) -> list[str]:
        return [*super().arguments(), "--own-uids"]
