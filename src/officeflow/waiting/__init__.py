"""What runs wait for besides people: events, other runs, times; and how they are woken."""
