"""A reaction to a dose: it becomes an allergy on the spot, so that the next dose is held, and a physician is asked."""

from datetime import date, datetime

from patients.models.facts import Topic
from regimens.models import Injection, Request
from regimens.protocol.entries import Product
from regimens.protocol.requests import CYANOCOBALAMIN_IM, METHYLCOBALAMIN
from regimens.services.clinical import latest_answers, record_facts
from regimens.services.locking import PatientLock
from regimens.services.requests import raise_request

SERIOUS = (Injection.Reaction.GENERAL, Injection.Reaction.ANAPHYLAXIS)
# The answer to “allergies” that a reaction to this product gives.
ALLERGEN = {
    Product.HYDROXOCOBALAMIN.value: "hydroxocobalamin",
    CYANOCOBALAMIN_IM: "cyanocobalamin",
    METHYLCOBALAMIN: "methylcobalamin",
}


def note_reaction(
    lock: PatientLock, injection: Injection, reaction: str, *, on: date, now: datetime, noted_by
) -> None:
    """Note a general reaction as an allergy to the product and ask a physician today (D-11, H-09); a local one stays a note.

    What else is in the vial may be to blame: that is the physician's question, and until then nothing more is given.
    """
    if reaction not in SERIOUS:
        return
    if allergen := ALLERGEN.get(injection.product):
        known = latest_answers(lock.patient).get(Topic.ALLERGIES) or []
        record_facts(
            patient=lock.patient,
            answers={Topic.ALLERGIES: sorted({*known, allergen})},
            observed_on=on,
            now=now,
            recorded_by=noted_by,
        )
    raise_request(
        lock,
        kind=Request.Kind.ADVERSE,
        same_day=True,
        injection=injection,
        raised_on=on,
        raised_by=noted_by,
    )
