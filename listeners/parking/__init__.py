"""Parking: runs that only wait are taken out of Airflow's scheduler's sight, and given back in time.

The scheduler looks at running runs in turn, whether or not anything has changed, and passes over those whose
`run_after` lies ahead. So a run that is quiet gets a `run_after` ahead: the moment at which the first of its
tasks has something to do, and an hour at most, which is renewed while nothing happens. It is put back as soon
as anything does.

What is parked is seen from Airflow's own tables alone, so nothing is lost with a steward: running, started,
and `run_after` ahead. Nothing but `dag_run.run_after` is written.
"""
