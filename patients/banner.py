"""What the banner at the top of every page about a patient shows, and what it keeps from those who may not see it."""

from datetime import date

from patients.clinical_facts import BY_TOPIC
from patients.models import ClinicalFact, Patient
from patients.models.facts import Topic
from patients.search import namesakes

HIDDEN = "hidden"


def about(patient: Patient, today: date, viewer) -> dict:
    """Give the context of `_patient_banner.html`: the patient, today, the allergies, how many are named alike.

    Three queries for clinical roles, each along an index; one for others.
    """
    may_see = viewer.has_perm("patients.see_clinical", patient)
    return {
        "patient": patient,
        "today": today,
        "allergies": allergies(patient) if may_see else HIDDEN,
        "named_alike": len(namesakes(patient)),
    }


def allergies(patient: Patient) -> list[str] | None:
    """Give the allergies that hold, in words: none known is an empty list, never asked is None. One query."""
    asked = ClinicalFact.objects.filter(patient__in=patient.record_keys, topic=Topic.ALLERGIES)
    answer = asked.newest_first().values_list("answer", flat=True).first()
    words = dict(BY_TOPIC[Topic.ALLERGIES].choices)
    return None if answer is None else [str(words[name]) for name in answer]
