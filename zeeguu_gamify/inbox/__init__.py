"""The inbox: what users are told in the app, how they wish to be told, and telling the host."""
