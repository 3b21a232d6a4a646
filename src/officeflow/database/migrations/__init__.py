"""How the tables came to be, a file per revision in `versions/`; `officeflow.database.migrate` runs them."""
