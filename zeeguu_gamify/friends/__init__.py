"""Friends: requests, friendships and who may see whom."""
