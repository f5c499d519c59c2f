"""What of today's list somebody wants to see."""

from django import forms

from monitoring import sections
from monitoring.worklist import Key, Wanted
from regimens.models import Course

PHASES = (Course.Phase.LOADING, Course.Phase.MAINTENANCE)


class TodayFilter(forms.Form):
    """Which part of the list, which phase, nerves first. Whatever cannot be read is as if it had not been asked for."""

    list = forms.ChoiceField(label="Show", required=False)
    phase = forms.ChoiceField(
        label="Phase",
        required=False,
        choices=[("", "Every phase"), *((phase.value, phase.label) for phase in PHASES)],
    )
    neuro = forms.BooleanField(label="Nerves involved first", required=False)

    def __init__(self, *args, clinical: bool, may_phone: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["list"].choices = [
            ("today", "Overdue, due now, due this week"),
            *(
                (name, found[0].title if clinical else found[0].plain_title or found[0].title)
                for name, found in sections.LISTS.items()
                if name not in ("today", "tests")
            ),
            ("tests", "Blood tests overdue and due"),
            *([("calls", "To call")] if may_phone else []),
        ]
        if not clinical:
            del self.fields["phase"], self.fields["neuro"]

    def wanted(self, after: str, before: str) -> Wanted:
        """Give what was asked for, from the row named in the address on."""
        self.is_valid()
        asked = self.cleaned_data
        return Wanted(
            list=asked.get("list") or "today",
            phase=asked.get("phase", ""),
            neuro_first=asked.get("neuro", False),
            after=Key.read(after),
            before=Key.read(before),
        )
