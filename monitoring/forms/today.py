"""What of today's list somebody wants to see."""

from collections.abc import Sequence

from django import forms

from monitoring import sections
from monitoring.sections import Section
from monitoring.worklist import SCREEN, Key, Wanted
from regimens.models import Course

PHASES = [(phase.value, str(phase.label)) for phase in (Course.Phase.LOADING, Course.Phase.MAINTENANCE)]
LISTS = [name for name in sections.LISTS if name not in (SCREEN, "tests")]


class TodayFilter(forms.Form):
    """Which part of the list, whose bookings, which phase, nerves first. What cannot be read was not asked for.

    people: (key, name) of those with whom a place may be booked. lists, people and phases are what the page offers.
    """

    list = forms.ChoiceField(required=False)
    phase = forms.ChoiceField(required=False, choices=PHASES)
    neuro = forms.BooleanField(required=False)

    def __init__(self, *args, clinical: bool, may_phone: bool, people: Sequence[tuple[int, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.people, self.phases = people, PHASES
        self.lists = [
            (SCREEN, "The day: booked, overdue, due"),
            *((name, _title(sections.LISTS[name][0], clinical)) for name in LISTS),
            ("tests", "Blood tests overdue and due"),
            *([("calls", "To call")] if may_phone else []),
        ]
        self.fields["list"].choices = self.lists
        self.fields["with"] = forms.TypedChoiceField(
            required=False, coerce=int, empty_value=None, choices=people
        )
        if not clinical:
            del self.fields["phase"], self.fields["neuro"]

    def wanted(self, after: str, before: str) -> Wanted:
        """Give what was asked for, from the row named in the address on."""
        self.is_valid()
        asked = self.cleaned_data
        return Wanted(
            list=asked.get("list") or SCREEN,
            phase=asked.get("phase", ""),
            neuro_first=asked.get("neuro", False),
            nurse=asked.get("with"),
            after=Key.read(after),
            before=Key.read(before),
        )


def _title(section: Section, clinical: bool) -> str:
    return section.title if clinical or not section.plain_title else section.plain_title
