"""An act only on what the page showed: of two people on the same row, one wins, and the other looks again."""

import hashlib
import json
from collections.abc import Callable

from django.db import transaction

from patients.models import Patient
from patients.refusals import Stale
from regimens.models import Course, Plan
from regimens.services.locking import lock_patient

CHANGED = (
    "Somebody has changed this treatment since the page was opened, or a place or letter that belongs to it. "
    "This is how it stands now: look again."
)
CHANGED_FACTS = "What this page showed has changed since it was opened. This is how it stands now: look again, then decide."
# Decisions that need not move a date, and so need not show in the version of the outlook.
DECIDED = (
    "ended_on",
    "paused_on",
    "paused_until",
    "oral_decided_on",
    "oral_confirmed_on",
    "loading_ended_on",
)


def fingerprint(course: Course) -> str:
    """Give a fingerprint that changes with every date and decision of a course; one query."""
    standing = Plan.objects.current().filter(course=course).order_by("pk").values_list("pk", "signed_on")
    seen = [course.pk, course.version, *(getattr(course, name) for name in DECIDED), *standing]
    return hashlib.sha256(json.dumps(seen, default=str).encode()).hexdigest()


@transaction.atomic
def act_as_shown(
    *, course: Course, shown: str, doing: Callable, looks: Callable[[Course], str] = fingerprint, **arguments
):
    """Do a service with the course, under the patient's lock; raises Stale where it is not as `shown` any more.

    `looks` gives the fingerprint of what the page showed of the course as it stands now: of its dates and decisions,
    or of all that the act would change (regimens.what_changes).
    """
    lock_patient(course.patient)
    course = Course.objects.select_related("patient__clinic", "clinic").get(pk=course.pk)
    if looks(course) != shown:
        raise Stale(CHANGED)
    return doing(course=course, **arguments)


@transaction.atomic
def decide_as_shown(*, about: Patient, shown: str, look: Callable, doing: Callable, **arguments):
    """Decide on what the page showed, under the patient's lock; the decision keeps it as `seen`.

    shown: the digest that the page sent. look: reads the same again (regimens.shown.Shown). The service speaks first,
    since “somebody has settled this” says more than “something has changed”; a refusal of either kind writes nothing.
    """
    lock_patient(about, merged=True)
    now = look()
    answer = doing(seen=now.to_json(), **arguments)
    if now.digest != shown:
        raise Stale(CHANGED_FACTS)
    return answer
