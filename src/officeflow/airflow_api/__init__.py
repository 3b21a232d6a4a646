"""A thin client of Airflow's REST API. Imports no Airflow."""
