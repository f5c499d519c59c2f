"""The forms of monitoring: what a list is filtered by."""
