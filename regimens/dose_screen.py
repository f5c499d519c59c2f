"""What the dose screen is filled with before anybody types: the plan's dose, a site, today's vial, a token."""

from collections.abc import MutableMapping
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID, uuid4

from django.core import signing
from django.db.models import F, Max

from patients.models import Patient
from regimens.course_values import current_plan
from regimens.models import Course, Injection, Plan
from regimens.models.injection import Site
from regimens.protocol.catalogue import REGIMENS
from regimens.protocol.entries import Route
from regimens.vials import Vial

# Offered first; the order settles between sites that were never used.
ROUTINE_SITES = (Site.DELTOID_L, Site.DELTOID_R, Site.VASTUS_LATERALIS_L, Site.VASTUS_LATERALIS_R)
TOKEN_SALT = "dose screen"  # noqa: S105 - it tells these signatures from others and is no secret
VIALS = "vials"
KITS = "kits"
TOLD = "told"
ANOTHER_PATIENT = "This form was not opened for this patient. Nothing was saved. Open the patient's own form."
# A haematoma is looked for (D-03), a cobalt allergy watched for (D-11).
LOOK_AFTERWARDS = {"W-PLT-51-149", "W-PLT-25-50", "W-ANTICOAG", "W-COBALT"}


@dataclass(frozen=True)
class Prefill:
    """What the screen proposes for a patient: the plan, when each site was last used, which is next, the vial."""

    plan: Plan | None
    last_used: dict[str, date]
    site: str
    vial: Vial

    @property
    def form(self) -> tuple[str, str, int]:
        """Product, route and micrograms: the plan's, or the first of the catalogue where no needle is planned."""
        if self.plan and self.plan.route != Route.ORAL:
            return self.plan.product, self.plan.route, self.plan.micrograms
        return REGIMENS[0].product.value, REGIMENS[0].route.value, REGIMENS[0].micrograms[0]


def prefill(patient: Patient, vial: Vial) -> Prefill:
    """Read what the screen is filled with; four queries."""
    courses = Course.objects.filter(patient=patient)
    course = courses.order_by(F("ended_on").asc(nulls_first=True), "-pk").first()
    plans = list(course.plans.all()) if course else []
    used = Injection.objects.standing().filter(patient__in=patient.record_keys).exclude(site="")
    last_used = dict(used.values_list("site").annotate(last_on=Max("given_on")).order_by())
    return Prefill(
        plan=current_plan(plans) if plans else None,
        last_used=last_used,
        site=min(ROUTINE_SITES, key=lambda site: last_used.get(site, date.min)),
        vial=vial,
    )


def vial_of_today(session: MutableMapping, clinic_id: int, today: date) -> Vial:
    """Give the vial this person used last in this clinic today; tomorrow it is forgotten."""
    kept = session.get(VIALS, {}).get(str(clinic_id), {})
    if kept.get("on") != today.isoformat():
        return Vial()
    expires_on = date.fromisoformat(kept["expires_on"]) if kept["expires_on"] else None
    return Vial(kept["lot"], expires_on, kept["brand"], kept.get("room", ""))


def remember_vial(session: MutableMapping, clinic_id: int, today: date, vial: Vial) -> None:
    """Keep the vial for the next patient of this person, clinic and day."""
    kept = {**asdict(vial), "on": today.isoformat()}
    kept["expires_on"] = vial.expires_on.isoformat() if vial.expires_on else ""
    session[VIALS] = {**session.get(VIALS, {}), str(clinic_id): kept}


def kit_seen_today(session: MutableMapping, clinic_id: int, today: date) -> bool:
    """Tell whether this person has looked at the anaphylaxis kit of this clinic today (D-11, H-09)."""
    return session.get(KITS, {}).get(str(clinic_id)) == today.isoformat()


def remember_kit(session: MutableMapping, clinic_id: int, today: date) -> None:
    """Keep that the kit was looked at: once a session is enough."""
    session[KITS] = {**session.get(KITS, {}), str(clinic_id): today.isoformat()}


def told_today(session: MutableMapping, patient: Patient, today: date) -> bool:
    """Tell whether this person has recorded today what has changed for this patient."""
    return session.get(TOLD, {}).get(str(patient.pk)) == today.isoformat()


def remember_told(session: MutableMapping, patient: Patient, today: date) -> None:
    """Keep that what has changed was recorded; those of earlier days are forgotten."""
    kept = {key: on for key, on in session.get(TOLD, {}).items() if on == today.isoformat()}
    session[TOLD] = {**kept, str(patient.pk): today.isoformat()}


def new_token(patient: Patient, today: date) -> str:
    """Give the signed token of one opening of a form; it names the patient it was opened for (H-01), and the day."""
    return signing.dumps([str(uuid4()), patient.pk, today.isoformat()], salt=TOKEN_SALT)


def read_token(signed: str | None, patient: Patient, today: date | None = None) -> UUID | None:
    """Give the token if it was made here for this patient, and on this day where one is given; None for any other."""
    try:
        token, pk, on = signing.loads(signed or "", salt=TOKEN_SALT)
    except (signing.BadSignature, ValueError):
        return None
    return UUID(token) if pk == patient.pk and today in (None, date.fromisoformat(on)) else None
