"""What is in the customer's systems at the end of `bench crash`, told apart by what people see: logins,
addresses, titles and times.

A directory or calendar may have lost the identity that we gave to what we made; a double is one all the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import httpx
from icalendar import Calendar

from benchmarks.counting import Act
from officeflow.demo.evidence import Systems

EVENT = re.compile(r"crash-\d{4}-[0-9a-f]{8}")
TIMEOUT = httpx.Timeout(30)


def everything(systems: Systems) -> Counter[Act]:
    """How often each event's account, mail and meeting is there."""
    found = accounts(_users(systems))
    found.update(mails(_messages(systems)))
    found.update(meetings(_calendar(systems)))
    return found


def standing(systems: Systems) -> Counter[Act]:
    """How often each event's account is there and active, and its meeting there and not cancelled."""
    found = accounts(user for user in _users(systems) if user.get("active", True))
    found.update(meetings(_calendar(systems)))
    return found


def accounts(users: Iterable[Mapping[str, Any]]) -> Counter[Act]:
    """By login, also where a number was put behind it."""
    return Counter((event, "account") for user in users for event in _events(str(user["userName"])))


def mails(messages: Iterable[Mapping[str, Any]]) -> Counter[Act]:
    """By recipient."""
    return Counter(
        (event, "mail") for message in messages for event in _events(" ".join(message["recipients"]["to"]))
    )


def meetings(calendar: str) -> Counter[Act]:
    """By title, those that are cancelled left out."""
    found = [
        each
        for each in Calendar.from_ical(calendar).walk("VEVENT")
        if str(each.get("STATUS", "")) != "CANCELLED"
    ]
    return Counter((event, "meeting") for each in found for event in _events(str(each.get("SUMMARY", ""))))


def _events(text: str) -> Iterator[str]:
    return (match.group() for match in EVENT.finditer(text))


def _users(systems: Systems) -> list[dict[str, Any]]:
    users: list[dict[str, Any]] = []
    with httpx.Client(
        headers={"Authorization": f"Bearer {systems.scim_token}"}, timeout=TIMEOUT, trust_env=False
    ) as client:
        while True:
            page = (
                client.get(f"{systems.scim_url}/Users", params={"startIndex": len(users) + 1, "count": 100})
                .raise_for_status()
                .json()
            )
            users += page.get("Resources", [])
            if not page.get("Resources") or len(users) >= page["totalResults"]:
                return users


def _messages(systems: Systems) -> list[dict[str, Any]]:
    who = (systems.inbox_login, systems.inbox_password)
    answer = httpx.get(
        f"{systems.inbox_url}/messages/", auth=who, timeout=TIMEOUT, trust_env=False
    ).raise_for_status()
    return list(answer.json()["messages"])


def _calendar(systems: Systems) -> str:
    who = (systems.calendar_login, systems.calendar_password)
    return httpx.get(systems.calendar_url, auth=who, timeout=TIMEOUT, trust_env=False).raise_for_status().text
