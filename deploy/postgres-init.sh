#!/bin/sh
# Run once by the PostgreSQL image on an empty data folder: a role and a database each for Airflow and OfficeFlow.
set -eu
psql -v ON_ERROR_STOP=1 -v airflow="$AIRFLOW_DATABASE_PASSWORD" -v officeflow="$OFFICEFLOW_DATABASE_PASSWORD" -U postgres <<'SQL'
CREATE ROLE airflow LOGIN PASSWORD :'airflow';
CREATE ROLE officeflow LOGIN CREATEROLE PASSWORD :'officeflow';
CREATE DATABASE airflow OWNER airflow;
CREATE DATABASE officeflow OWNER officeflow;
REVOKE CONNECT ON DATABASE airflow, officeflow FROM PUBLIC;
SQL
