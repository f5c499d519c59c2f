"""Choosing a person of the clinic who gives injections."""

from django import forms

from patients.models import Clinic, User
from regimens.givers import givers
from regimens.models import Appointment
from regimens.services.appointments import AS_BOOKED


class MemberChoice(forms.ModelChoiceField):
    """A person of the clinic, by the name that stands beside what they do."""

    def label_from_instance(self, member: User) -> str:
        """Give the name."""
        return member.shown_name()


class WithField(forms.TypedChoiceField):
    """With whom a place is booked: nobody in particular, or one of those who give injections here.

    Gives the person, None for nobody, or AS_BOOKED where several bookings stay with whom each is.
    """

    def __init__(self, *, clinic: Clinic, booked: list[Appointment] = ()):
        """booked: the places this one is instead of."""
        people = {str(member.pk): member for member in givers(clinic.pk)}
        keys = {str(each.nurse_id or "") for each in booked}
        mixed = [(AS_BOOKED.value, "As each is booked now")] if len(keys) > 1 else []
        named = [(key, member.shown_name()) for key, member in people.items()]
        now = AS_BOOKED.value if mixed else next(iter(keys), "")
        meant = {**people, AS_BOOKED.value: AS_BOOKED}
        super().__init__(
            label="With",
            required=False,
            choices=[*mixed, ("", "Nobody in particular"), *named],
            initial=now if now in meant else "",
            coerce=meant.get,
            empty_value=None,
            error_messages={"invalid_choice": "This person does not give injections here. Choose another."},
        )
