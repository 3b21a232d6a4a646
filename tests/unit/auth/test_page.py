from __future__ import annotations

from auth.page import page
from auth.routes import lines
from officeflow.layout import ROOT


def test_the_page_of_rights_says_what_the_table_says() -> None:
    """`PYTHONPATH=plugins python -m auth.page > docs/rights-airflow.md` writes it."""
    assert (ROOT / "docs" / "rights-airflow.md").read_text() == page()


def test_a_route_stands_in_the_table_once() -> None:
    routes = [(method, path) for method, path, _ in lines()]
    assert len(routes) == len(set(routes))
