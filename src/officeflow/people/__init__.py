"""What people are asked: who may answer, how an answer comes, and what counts."""
