"""The places of the loading doses: a day and a time for each."""

from datetime import date, time

from crispy_forms.bootstrap import FormActions
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Fieldset, Layout, Submit
from django import forms

from patients.models import Clinic
from patients.templatetags.wording import weekday_day
from regimens.forms.members import WithField
from regimens.loading_places import Row
from regimens.models import Appointment
from regimens.services.appointments import AS_BOOKED, With

WORDS = {"required": "Choose a day and a time.", "invalid_choice": "This cannot be chosen. Choose another."}


class LoadingForm(forms.Form):
    """One day and one time for each dose. The service has the last word; what was typed stays choosable."""

    def __init__(self, *args, rows: list[Row], clinic: Clinic, booked: list[Appointment], **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.fields["nurse"] = WithField(clinic=clinic, booked=booked)
        groups = ["nurse"]
        for place, row in enumerate(rows, start=1):
            on, at = f"on_{place}", f"at_{place}"
            self.fields[on] = forms.TypedChoiceField(
                label=f"Day of dose {row.number}",
                choices=[(day.isoformat(), _day(day, row)) for day in row.days],
                initial=row.on.isoformat(),
                coerce=date.fromisoformat,
                error_messages=WORDS,
            )
            self.fields[at] = forms.TypedChoiceField(
                label=f"Time of dose {row.number}",
                choices=_times(row),
                initial=f"{row.at:%H:%M}" if row.at else "",
                coerce=time.fromisoformat,
                error_messages=WORDS,
            )
            groups.append(
                Fieldset(f"Dose {row.number}{', booked' if row.is_booked else ''}", on, at, css_class="pair")
            )
        self.helper = FormHelper()
        self.helper.layout = Layout(
            *groups,
            FormActions(
                Submit("save", f"Book {len(rows)} places" if len(rows) > 1 else "Book this place"),
                Submit("again", "Show free times again", css_class="btn-secondary"),
                HTML('<a class="btn btn-secondary" href="{{ patient.get_absolute_url }}">Cancel</a>'),
            ),
        )

    def places(self) -> list[tuple[date, time]]:
        """Give the chosen days and times in order."""
        numbers = range(1, len(self.rows) + 1)
        return [(self.cleaned_data[f"on_{place}"], self.cleaned_data[f"at_{place}"]) for place in numbers]

    def nurse(self) -> With:
        """Give with whom all are booked; where nothing was sent of it, each stays as it is booked."""
        return self.cleaned_data["nurse"] if "nurse" in self.data else AS_BOOKED

    def refuse(self, errors: dict[int, tuple[str, str]]) -> None:
        """Put each refusal beside the place it is about."""
        for number, (field, message) in errors.items():
            self.add_error(f"{'at' if field == 'at' else 'on'}_{number + 1}", message)


def _day(day: date, row: Row) -> str:
    return f"{weekday_day(day)}, its day" if day == row.due_on else weekday_day(day)


def _times(row: Row) -> list[tuple[str, str]]:
    times = [(f"{at:%H:%M}", f"{at:%H:%M}") for at in row.times]
    if row.is_taken:
        times = sorted([*times, (f"{row.at:%H:%M}", f"{row.at:%H:%M} (taken)")])
    return times
