"""Results that a physician looks at whatever else happens: only those the protocol's own limits name, read by value."""

from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from patients.models import Clinic, ClinicalFact, Result
from patients.models.facts import Topic
from regimens.models import Course, Decision, Injection
from regimens.protocol import catalogue
from regimens.protocol.facts import Measured
from regimens.protocol.units import ANALYTES, Analyte, Comparator
from regimens.services.lab_checks import RESULT_REVIEW


def unseen(clinic: Clinic, _today: date) -> QuerySet:
    """Give the standing results of a clinic that need a look and that nobody has signed off.

    Homocysteine over 100 (C-03), platelets under 25 (D-03), and in severe anaemia potassium under 3.5: before the
    first dose, and as long as loading goes on (D-07, H-14).
    """
    signed_off = Decision.objects.filter(result=OuterRef("pk"), code=RESULT_REVIEW, until_on=None)
    # Found by value before anybody asks whose they are: extreme values are few, patients many.
    extreme = Result.objects.standing().filter(
        over(Analyte.HCY, catalogue.HCY_URGENT.value)
        | under(Analyte.PLT, catalogue.PLATELETS_HOLD.value)
        | under(Analyte.K, catalogue.POTASSIUM_LOW.value)
    )
    # SQLite has to be told so; PostgreSQL would read the whole table for it.
    found = (
        extreme if connection.vendor == "postgresql" else Result.objects.filter(pk__in=extreme.values("pk"))
    )
    return (
        found.filter(patient__clinic=clinic)
        .filter(~Q(analyte=Analyte.K) | _in_severe_anaemia() & (_before_the_first_dose() | _in_loading()))
        .exclude(Exists(signed_off))
        .annotate(has_dose=Exists(Injection.objects.counting().filter(patient=OuterRef("patient"))))
    )


def code_of(values: dict) -> str:
    """Give the code that the value of such a result raises."""
    if values["analyte"] == Analyte.HCY:
        return "W-HCY-URGENT"
    if values["analyte"] == Analyte.K:
        return "W-K-MONITOR" if values["has_dose"] else "H-K-LOW"
    comparator = Comparator(values["comparator"]) if values["comparator"] else None
    count = Measured(values["value"], values["unit"], None, comparator).converted(Analyte.PLT)
    return "B-PLT-LT10" if count.under(catalogue.PLATELETS_STOP.value) else "H-PLT-10-24"


def in_words(values: dict) -> str:
    """Write a result as it was reported."""
    title = ANALYTES[Analyte(values["analyte"])].title
    return f"{title} {values['comparator']}{values['value'].normalize():f} {values['unit']}"


def _in_severe_anaemia() -> Q:
    """Haemoglobin was under 80 g/L, or a physician called it severe (D-07)."""
    haemoglobin = Result.objects.standing().filter(under(Analyte.HB, catalogue.SEVERE_HB.value))
    flagged = ClinicalFact.objects.filter(topic=Topic.SEVERE, answer=True)
    return of_the_person(haemoglobin) | of_the_person(flagged)


def _before_the_first_dose() -> Q:
    return ~of_the_person(Injection.objects.counting())


def _in_loading() -> Q:
    return of_the_person(Course.objects.open().filter(phase=Course.Phase.LOADING))


def of_the_person(rows: QuerySet) -> Q:
    """Tell whether the person of a result has such a row, also on a record that was merged; each way has its index."""
    own = rows.filter(patient=OuterRef("patient"))
    of_merged = rows.filter(patient__merged_into=OuterRef("patient"))
    of_the_one_that_stays = rows.filter(patient=OuterRef("patient__merged_into"))
    return Q(Exists(own)) | Q(Exists(of_merged)) | Q(Exists(of_the_one_that_stays))


def over(analyte: Analyte, limit: float) -> Q:
    """Keep values that are surely over a limit, in whatever unit they were reported.

    Each alternative is a range of the index by itself: SQLite does not look further than one alternative.
    """
    found = Q()
    for unit, border in _borders(analyte, limit):
        near = Q(voided_at=None, analyte=analyte, unit=unit, value__gte=border) & ~Q(comparator="<")
        found |= near & (Q(value__gt=border) | Q(comparator=">"))
    return found


def under(analyte: Analyte, limit: float) -> Q:
    """Keep values that are surely under a limit, in whatever unit they were reported."""
    found = Q()
    for unit, border in _borders(analyte, limit):
        near = Q(voided_at=None, analyte=analyte, unit=unit, value__lte=border) & ~Q(comparator=">")
        found |= near & (Q(value__lt=border) | Q(comparator="<"))
    return found


def _borders(analyte: Analyte, limit: float) -> list[tuple[str, Decimal]]:
    return [(unit.name, Decimal(str(limit)) / unit.factor) for unit in ANALYTES[analyte].units]
