"""What a model says of itself when its rows may never be edited or deleted."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AppendOnly:
    """A promise about a table, kept by triggers (see patients.guards).

    once: columns that may be set one time, from empty to a value, and never again.
    with_key: (column, key) pairs: the column may change only in the same UPDATE that changes the key.
    """

    once: tuple[str, ...] = ()
    with_key: tuple[tuple[str, str], ...] = ()


VOIDING = ("voided_at", "voided_by_id", "void_reason")
