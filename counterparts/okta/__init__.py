"""An Okta organization."""
