"""Looking into an organization's systems outside of a run. Tasks alone get connections: whoever wants to
know something puts an inquiry, the platform DAG `officeflow_inquiries` takes it, looks, changes nothing, and
writes the answer.
"""
