"""SCIM in Airflow's api-server."""
