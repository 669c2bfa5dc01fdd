"""Shadow mode: count beside the host's own code, touch none of its tables, say where we differ."""
