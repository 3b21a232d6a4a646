"""Whose page a request is of, by what browsers tell."""

from __future__ import annotations

import pytest

from officeflow.origins import Sender, origin_of, own_origins, sender

OWN = own_origins("http", "airflow.internal:8080", "https://flows.example/airflow", "")


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("HTTPS://Flows.Example:443/airflow?x=1", "https://flows.example"),
        ("http://flows.example:80", "http://flows.example"),
        ("http://flows.example:443", "http://flows.example:443"),
        ("https://[::1]:8443/", "https://[::1]:8443"),
        ("https://bea@flows.example", "https://flows.example"),
        ("null", ""),
        ("flows.example", ""),
        ("http://", ""),
        ("https://[flows.example", ""),
        ("data:text/html,x", ""),
    ],
)
def test_an_origin_is_scheme_host_and_port(address: str, origin: str) -> None:
    assert origin_of(address) == origin


@pytest.mark.parametrize(
    ("site", "origin", "whose"),
    [
        ("same-origin", "", Sender.OWN),
        ("same-origin", "null", Sender.OWN),  # a page that tells nobody its address
        ("none", "", Sender.OWN),
        ("same-site", "http://airflow.internal:8080", Sender.FOREIGN),
        ("cross-site", "", Sender.FOREIGN),
        ("anything", "", Sender.FOREIGN),
        ("", "http://airflow.internal:8080", Sender.OWN),
        ("", "https://flows.example", Sender.OWN),
        ("", "http://flows.example", Sender.FOREIGN),
        ("", "http://airflow.internal:8081", Sender.FOREIGN),
        ("", "https://airflow.internal:8080", Sender.FOREIGN),
        ("", "https://flows.example.evil.example", Sender.FOREIGN),
        ("", "not an address", Sender.FOREIGN),
        ("", "null", Sender.UNTOLD),
        ("", "", Sender.UNTOLD),
    ],
)
def test_what_a_browser_says_of_the_page(site: str, origin: str, whose: Sender) -> None:
    assert sender(site, origin, OWN) is whose


def test_no_address_is_no_origin_of_ours() -> None:
    assert own_origins("http", "", "", "null") == frozenset()
