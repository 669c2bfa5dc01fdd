"""What is owed after a commit: the outbox, its publisher, and the live stream."""
