"""A dose that the patient had somewhere else, told in the place of why it was not given here."""

from datetime import date, datetime
from uuid import UUID

from patients.models import Patient
from regimens.models import Injection
from regimens.services.injections import Given, record_injection


def record_had_elsewhere(
    *,
    patient: Patient,
    on: date,
    place: str,
    dose: tuple[str, str, int],
    token: UUID,
    now: datetime,
    recorded_by,
    note: str = "",
) -> Injection:
    """Record that the dose was had elsewhere on a day, as already given; `dose`: product, route and micrograms.

    The next date follows from it, and the places that were booked here for it are freed.
    """
    product, route, micrograms = dose
    given = Given(
        given_on=on,
        product=product,
        route=route,
        micrograms=micrograms,
        already_given=True,
        source=Injection.Source.ELSEWHERE,
        source_name=place.strip(),
        note=note,
    )
    return record_injection(patient=patient, given=given, token=token, now=now, recorded_by=recorded_by)
