"""A person in every identity system: hired, moved and ended, and what each system says of it then."""
