"""Jobs: work that is done at its time, by one process at a time, whatever the number of them."""
