"""The groups of fields of the dose screen, and what may be chosen in them."""

from collections.abc import Iterable
from datetime import date

from crispy_forms.bootstrap import InlineRadios
from crispy_forms.layout import HTML, Fieldset

from patients.models import Patient
from patients.templatetags.wording import born, day
from regimens.dose_screen import LOOK_AFTERWARDS, ROUTINE_SITES, Prefill
from regimens.forms.folded import Folded
from regimens.models.injection import Site
from regimens.protocol.codes import Finding
from regimens.protocol.entries import Product
from regimens.words import PRODUCTS

NO_INJECTION = {Product.CYANOCOBALAMIN_ORAL.value}
CANCEL = HTML('<a class="btn btn-secondary" href="{{ patient.get_absolute_url }}">Cancel</a>')


def identifiers(patient: Patient, today: date) -> list[tuple[str, str]]:
    """Give what a nurse may compare; the words stand on the page, and name and birth, said together, are one tap."""
    listed = [
        ("name+born", f"Name and date of birth: {patient.name}, {born(patient.born_on, today)}"),
        ("record", f"Record number: {patient.record_number}"),
    ]
    if patient.national_id:
        listed.append(("national", f"{patient.get_national_id_system_display()}: {patient.national_id}"))
    return listed


def number_of_identifiers(ticked: Iterable[str] | None) -> int:
    """Count what was compared: name and date of birth are two."""
    return len({identifier for each in ticked or () for identifier in each.split("+")})


def sites(prefill: Prefill) -> list[tuple[str, str]]:
    """Give the sites, each with when it was last used, and the one that is next."""
    listed = []
    for site in (*ROUTINE_SITES, Site.GLUTEAL, Site.OTHER):
        notes = ["suggested"] if site == prefill.site else []
        if site in prefill.last_used:
            notes.append(f"last used {day(prefill.last_used[site])}")
        listed.append((site.value, f"{site.label} ({', '.join(notes)})" if notes else site.label))
    return listed


def products(planned: str) -> list[tuple[str, str]]:
    injected = [(key, words) for key, words in PRODUCTS.items() if key not in NO_INJECTION]
    known = planned in dict(injected)
    return [*injected, *([] if known else [(planned, planned)]), ("OTHER", "Another product")]


def the_vial(proposed: dict) -> Folded | Fieldset:
    """The vial as it is typed; folded away once today's is known: the summary says which one it is."""
    fields = ("lot", "expires_on", "brand", "room")
    expires_on = proposed.get("expires_on")
    known = proposed.get("lot") and expires_on
    room = "{% if form.initial.room %}, room {{ form.initial.room }}{% endif %}"
    summary = "The vial of today: lot {{ form.initial.lot }}, expires " + day(expires_on) + room
    return Folded(summary, *fields) if known else Fieldset("The vial", *fields)


def the_site() -> tuple:
    """Where the needle goes, and with which needle."""
    return (
        Fieldset("The site", InlineRadios("site")),
        Folded("For the buttock or another site", "site_reason", "upper_outer", "anterior"),
        Folded("Needle", "needle_gauge", "needle_length_mm"),
    )


def on_whose_word() -> Folded:
    """Who gave it and on which authority, where it was not the person who records on the signed plan."""
    return Folded(
        "Given by somebody else, or on another authority than the plan",
        "given_by",
        "authority",
        "authority_note",
    )


def after_the_needle(findings: tuple[Finding, ...]) -> Folded:
    """What is seen afterwards; it stands open where the rules ask to look (D-03, D-11)."""
    return Folded(
        "After the needle: part of a dose, reaction, haematoma, observation, note",
        "partial",
        "reaction",
        "haematoma",
        "observed_minutes",
        "note",
        opened=any(found.code in LOOK_AFTERWARDS for found in findings),
    )
