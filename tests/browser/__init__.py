"""A day in the clinic, in a real browser against the whole program."""
