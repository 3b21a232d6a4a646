"""OfficeFlow's API in Airflow's api-server."""
