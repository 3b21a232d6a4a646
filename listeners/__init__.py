"""The long-running processes: events in (`lifecycle_events`) and the steward.

They import `officeflow`, never Airflow.
"""
