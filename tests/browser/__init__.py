"""The panel and the components in a real browser."""
