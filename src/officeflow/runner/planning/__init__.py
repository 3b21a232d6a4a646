"""What a run of a definition would do for an event or a person, without doing any of it.

Conditions and parameters are computed by the same evaluators as in a run, from the event and the person's
record as the event would leave it. Nodes that only compute (`flow.set`, `flow.branch`, `flow.for_each`) are
computed, too. What other nodes give is known to a run alone: what depends on it is told to be unknown.
"""
