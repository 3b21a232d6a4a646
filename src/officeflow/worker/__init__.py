"""The warm node process: runs nodes one after the other for Airflow's warm door, without Airflow in it."""
