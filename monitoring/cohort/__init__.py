"""The cohort of a clinic: every number of the dashboard, and the list of the patients behind it."""

from monitoring.cohort import course_of_events, followers, overrides, standing
from monitoring.cohort.groups import Group

_GROUPS = {group.word: group for group in (*standing.GROUPS, *course_of_events.GROUPS)}


def group(word: str) -> Group | None:
    """Give the list of this word; None where there is none."""
    return (
        _GROUPS.get(word) or standing.interval_group(word) or overrides.group(word) or followers.group(word)
    )
