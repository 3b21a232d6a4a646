"""Airflow, as the stack starts it: settings and processes."""
