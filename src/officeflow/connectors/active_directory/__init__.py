"""Active Directory: accounts, groups, the recycle bin and what has changed."""
