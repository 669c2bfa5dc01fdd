"""Daily goals: so many of an event within a local date, as data."""
