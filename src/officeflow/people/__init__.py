"""Whom runs ask, who may answer, and what the answers come to.

The rules are here, once, whatever door an answer comes through: Airflow's page and API, a command, a link.

- `barred`: who may not answer, on any path: the person a run is about, and who started it.
- `assigning`: from `{"role": …}` and the like to users.
- `delegations`: who stands in for whom, from one day to another.
- `requests`: a question is opened once, given to others, escalated, ends.
- `answers`: an answer is taken, or refused with the reason.
- `due`: what is to be reminded, escalated, ended, or told to Airflow.
- `shown`: a request as people and programs read it.

Sessions are those of one organization (`Database.tenant`), unless it is said otherwise.
"""
