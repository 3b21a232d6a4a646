"""The part of OData that Microsoft Graph speaks: filters, searches, selections, pages.

https://learn.microsoft.com/graph/query-parameters
"""
