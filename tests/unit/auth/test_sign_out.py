"""Where signing out leads."""

from __future__ import annotations

from typing import Any

from authlib.integrations.flask_client import OAuth
from flask import Flask

from auth import sign_out
from tests.counterparts.process import free_port

BACK = "https://airflow.example.com/auth/login/"


def remote(**told: Any) -> Any:
    return OAuth(Flask(__name__)).register("openid", client_id="officeflow", **told)


def test_a_provider_without_a_page_for_signing_out_is_not_asked() -> None:
    assert sign_out.page(remote(), "token", BACK) is None


def test_a_provider_that_does_not_answer_keeps_nobody_signed_in_here() -> None:
    away = f"http://127.0.0.1:{free_port()}/.well-known/openid-configuration"
    assert sign_out.page(remote(server_metadata_url=away), "token", BACK) is None


def test_whoever_did_not_sign_in_there_is_not_sent_there() -> None:
    assert sign_out.page(remote(end_session_endpoint="https://id.example.com/end"), "", BACK) is None


def test_the_page_is_told_who_and_the_way_back() -> None:
    page = sign_out.page(remote(end_session_endpoint="https://id.example.com/end"), "token", BACK)
    assert page is not None
    assert page.startswith("https://id.example.com/end?id_token_hint=token&post_logout_redirect_uri=https%3A")
