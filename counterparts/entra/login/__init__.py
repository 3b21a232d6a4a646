"""The identity platform: tokens for applications.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""
