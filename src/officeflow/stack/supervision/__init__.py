"""supervisord, the services it keeps, and what can be known of them and done to them."""
