"""How the things of the matrix tell whose they are."""

from __future__ import annotations


def mark(owner: str) -> str:
    return f"m4rk{owner}"


def dag_id_of(owner: str) -> str:
    return "team_dag" if owner == "team" else f"{owner}__flow"
