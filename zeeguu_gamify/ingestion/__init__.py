"""Events that other services tell: accepted once they are stored, counted right after."""
