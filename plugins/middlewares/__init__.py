"""What stands before all of Airflow's api-server."""
