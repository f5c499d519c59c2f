"""What needs a physician's decision in a clinic: every row and every passed date that has none, most urgent first.

There is no table of tasks. Each kind is one query along an index (`kinds`), read by key; one that could not be read is
None, and must never look like an empty list (H-18). `queue` puts the kinds one after the other, `put_off` lists what
comes back on its day, `lately` what was decided, and by whom.
"""
