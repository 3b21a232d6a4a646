"""The API that programs, the designer and the dashboard use: `/officeflow/api/v1`.

Thin over the services: a route parses, asks one service, answers. It is mounted in Airflow's api-server
(`plugins/public_api`) and stands alone (`officeflow api serve`); neither it nor its routes know Airflow.
"""
