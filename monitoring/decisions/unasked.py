"""What was recorded and asks for a physician without anybody having asked: symptoms, potassium, folic acid."""

from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from monitoring.decisions.dates import running, undecided
from monitoring.decisions.kind import Act
from monitoring.urgent_results import of_the_person, under
from patients.models import Analyte, Clinic, ClinicalFact, Patient, Result, SymptomReport
from patients.models.facts import Topic
from regimens import to_decide
from regimens.models import Course, Decision, FollowUp, Injection, Plan, Request
from regimens.protocol import catalogue
from regimens.services.reports import POTASSIUM, SYMPTOM_RETURN
from regimens.to_decide import Named

# -- Symptoms ----------------------------------------------------------------------------------------------


def reports(clinic: Clinic, _today: date) -> QuerySet:
    """Give reports of symptoms new or worse of which nobody asked a physician (R-26, D-24)."""
    of_report = {"symptom_report": OuterRef("pk")}
    return SymptomReport.objects.standing().filter(
        ~Exists(Request.objects.filter(**of_report)),
        ~Exists(Decision.objects.filter(code=SYMPTOM_RETURN, **of_report)),
        ~Q(patient__status=Patient.Status.DECEASED),
        neurological_return=True,
        patient__clinic=clinic,
    )


def report_named(_values: dict, _today: date) -> Named:
    """Name such a report."""
    return to_decide.symptoms()


def report_act(values: dict) -> Act:
    """Give the page that answers it."""
    return Act("settle_report", "Decide", (values["pk"],))


# -- Potassium ---------------------------------------------------------------------------------------------


def _newer(model, **same) -> Exists:
    """Give whether the same record has a newer row of the same thing; the newest holds."""
    on = "collected_on" if model is Result else "observed_on"
    rows = model.objects.standing() if model is Result else model.objects
    later = Q(**{f"{on}__gt": OuterRef(on)}) | Q(**{on: OuterRef(on), "pk__gt": OuterRef("pk")})
    return Exists(rows.filter(later, patient=OuterRef("patient"), **same))


def _measured_since(on: str) -> Exists:
    """Give whether the same record has potassium measured since a day."""
    potassium = Result.objects.standing().filter(analyte=Analyte.K, patient=OuterRef("patient"))
    return Exists(potassium.filter(collected_on__gte=OuterRef(on)))


def _severe_without_potassium() -> Q:
    """Haemoglobin is surely under 80 g/L, or a physician calls it severe, and no potassium was measured since (D-07)."""
    haemoglobin = Result.objects.standing().filter(
        under(Analyte.HB, catalogue.SEVERE_HB.value),
        ~_newer(Result, analyte=Analyte.HB),
        ~_measured_since("collected_on"),
    )
    flagged = ClinicalFact.objects.filter(
        ~_newer(ClinicalFact, topic=Topic.SEVERE),
        ~_measured_since("observed_on"),
        topic=Topic.SEVERE,
        answer=True,
    )
    return of_the_person(haemoglobin) | of_the_person(flagged)


def potassium_before(clinic: Clinic, today: date) -> QuerySet:
    """Give those in severe anaemia who have no dose yet, and no potassium."""
    before = running(clinic, today).filter(phase=Course.Phase.LOADING, last_given_on=None)
    return undecided(before.filter(_severe_without_potassium()), POTASSIUM)


def potassium_after(clinic: Clinic, today: date) -> QuerySet:
    """Give first doses in severe anaemia after which potassium was to be measured by today, and was not."""
    answered = Decision.objects.filter(injection=OuterRef("injection"), code=POTASSIUM)
    return FollowUp.objects.waiting().filter(
        ~Exists(answered),
        clinic=clinic,
        kind=FollowUp.Kind.POTASSIUM,
        due_at__lt=clinic.moments_of(today)[1],
    )


def potassium_named(_values: dict, _today: date) -> Named:
    """Name potassium that is missing after the first dose."""
    return to_decide.potassium_after()


def potassium_act(values: dict) -> Act:
    """Give the page that answers for it."""
    return Act("settle_potassium", "Decide", (values["pk"],))


# -- Folic acid --------------------------------------------------------------------------------------------


def _deficiency_ruled_out() -> Exists:
    newest = ClinicalFact.objects.filter(
        ~_newer(ClinicalFact, topic=Topic.DEFICIENCY), topic=Topic.DEFICIENCY, answer="none"
    )
    return Exists(newest.filter(patient=OuterRef("patient")))


def folic_acid(clinic: Clinic, _today: date) -> QuerySet:
    """Give those who take folic acid and have had no B12 in this episode, unless a plan was made in view of it (D-13)."""
    own = {"patient": OuterRef("patient")}
    open_course = Course.objects.open().filter(**own)
    treated = Q(Exists(open_course.exclude(last_given_on=None))) | Q(
        Exists(open_course.filter(phase=Course.Phase.ORAL))
    )
    before = ~Exists(open_course) & Q(Exists(Injection.objects.counting().filter(**own)))
    in_view = Plan.objects.current().filter(
        course__patient=OuterRef("patient"), course__ended_on=None, facts__folic_acid="current"
    )
    asked = Request.objects.filter(kind=Request.Kind.FOLATE, raised_at__gte=OuterRef("recorded_at"), **own)
    return ClinicalFact.objects.filter(
        ~_newer(ClinicalFact, topic=Topic.FOLIC_ACID),
        ~treated,
        ~before,
        ~Exists(in_view),
        ~Exists(asked),
        ~_deficiency_ruled_out(),
        topic=Topic.FOLIC_ACID,
        answer="current",
        patient__clinic=clinic,
        patient__status=Patient.Status.ACTIVE,
        patient__merged_into=None,
    )


def folic_acid_named(_values: dict, _today: date) -> Named:
    """Name somebody who takes folic acid before any B12."""
    return to_decide.on_folic_acid()


def folic_acid_act(values: dict) -> Act:
    """Give the page that answers for it."""
    return Act("settle_folic_acid", "Decide", (values["pk"],))


def folate_low(clinic: Clinic, _today: date) -> QuerySet:
    """Give low folate, by the laboratory's own range, of whoever has not been loaded with B12: B12 first (H-06)."""
    own = {"patient": OuterRef("patient")}
    open_course = Course.objects.open().filter(**own)
    loading = Exists(open_course.filter(phase=Course.Phase.LOADING))
    untreated = ~Exists(Injection.objects.counting().filter(**own)) & ~Exists(
        open_course.filter(phase=Course.Phase.ORAL)
    )
    signed_off = Decision.objects.filter(result=OuterRef("pk"), code="RESULT-REVIEW", until_on=None)
    return Result.objects.filter(
        Q(loading) | untreated,
        ~Exists(signed_off),
        ~Q(comparator=">"),
        ~Q(patient__status=Patient.Status.DECEASED),
        voided_at=None,
        analyte=Analyte.FOLATE,
        value__lt=F("range_low"),
        patient__clinic=clinic,
    )
