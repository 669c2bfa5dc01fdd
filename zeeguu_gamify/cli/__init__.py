"""`flask gamify …`: the commands. Each commits once; they work before the tables exist."""
