"""How people sign in at Airflow, as Flask-AppBuilder reads it: by passwords, or at an OpenID provider where
the settings name one.
"""

from __future__ import annotations

from auth.oidc import sign_in_settings

WTF_CSRF_ENABLED = True
WTF_CSRF_TIME_LIMIT = None

globals().update(sign_in_settings())
