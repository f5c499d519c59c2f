"""What needs a decision: the queue, its counts, what is put off, and what was decided lately."""

from itertools import groupby
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from monitoring.decisions import lately, put_off, queue
from monitoring.decisions.kind import Act, Row
from monitoring.decisions.kinds import BY_KEY
from monitoring.decisions.queue import Wanted
from patients.gate import clinic_page
from patients.templatetags.wording import day

SEE, DECIDE = "monitoring.see_decisions", "regimens.decide"


@clinic_page(SEE)
def decisions(request: HttpRequest) -> HttpResponse:
    """Show what waits, most urgent first; whoever may decide settles each row where it stands."""
    context, today = _counted(request)
    wanted, counted = context["wanted"], context["counted"]
    page = queue.page(request.clinic, today, wanted, request.GET, counted)
    kept = urlencode(wanted.kept)
    may_decide = request.user.has_perm(DECIDE, request.clinic)
    context |= {
        "may_decide": may_decide,
        "page": page,
        "groups": [
            (kind, [_row(row, request, today, may_decide, kept) for row in rows])
            for kind, rows in page.groups
        ],
        "unread": list(
            dict.fromkeys(kind.title for kind in (*page.unread, *(part.kind for part in counted.unread)))
        ),
        "here": f"?{kept}",
        "step": bool(request.GET.get("after") or request.GET.get("before")),
    }
    return render(request, "monitoring/decisions.html", context)


@clinic_page(SEE)
def decisions_counts(request: HttpRequest) -> HttpResponse:
    """Give the counts alone, as they are after a row was settled."""
    context, _today = _counted(request)
    return render(request, "monitoring/_decisions_counts.html", context)


def _counted(request: HttpRequest) -> tuple[dict, object]:
    now = timezone.now()
    today = request.clinic.day_of(now)
    wanted = _wanted(request)
    counted = queue.counts(request.clinic, today, wanted)
    links = [(part, f"?{urlencode(wanted.kept | {'kind': part.kind.key})}") for part in counted.parts]
    context = {"now": now, "wanted": wanted, "counted": counted, "by_kind": links}
    return context | {"filters": _filters(wanted), "counts_url": _counts_url(wanted)}, today


def _wanted(request: HttpRequest) -> Wanted:
    kind = request.GET.get("kind", "")
    if kind and kind not in BY_KEY:
        raise Http404
    signer = request.user if request.GET.get("mine") == "yes" else None
    return Wanted(kind=kind, today=request.GET.get("today") == "yes", signer=signer)


def _filters(wanted: Wanted) -> list[tuple[str, str, bool]]:
    """Give label, address and “is on” of each filter; pressing one that is on takes it off."""
    kept = wanted.kept
    found = []
    for name, label in (("today", "For today only"), ("mine", "Patients whose plan I signed")):
        is_on = name in kept
        left = {key: value for key, value in kept.items() if key != name}
        found.append((label, f"?{urlencode(left if is_on else kept | {name: 'yes'})}", is_on))
    if wanted.kind:
        left = {key: value for key, value in kept.items() if key != "kind"}
        found.append((f"Only: {BY_KEY[wanted.kind].title}", f"?{urlencode(left)}", True))
    return found


def _counts_url(wanted: Wanted) -> str:
    kept = urlencode(wanted.kept)
    return f"{reverse('decisions_counts')}?{kept}" if kept else reverse("decisions_counts")


def _row(row: Row, request: HttpRequest, today, may_decide: bool, kept: str) -> dict:
    """Give a row with the addresses of what settles it and puts it off, written once here and not in the template."""
    waited = queue.days_waiting(row.since, request.clinic, today)
    return {
        "row": row,
        "waited": f"{waited} day{'' if waited == 1 else 's'}" if waited else "today",
        "url": _address(row, row.act, kept) if may_decide else "",
        "later_url": _address(row, row.put_off, kept) if may_decide and row.put_off else "",
    }


def _address(row: Row, act: Act, kept: str) -> str:
    """Give the address of a page about a row that leads back here."""
    query = urlencode({"from": "decisions"} | ({"queue": kept} if kept else {}))
    return f"{reverse(act.name, args=[row.patient, *act.keys])}?{query}"


@clinic_page(SEE)
def decisions_put_off(request: HttpRequest) -> HttpResponse:
    """Show what is put off until when, and by whom; each row can be settled before its day."""
    now = timezone.now()
    today = request.clinic.day_of(now)
    listed, people = put_off.listing(request.clinic, today)
    may_decide = request.user.has_perm(DECIDE, request.clinic)
    kept = urlencode({"list": "put-off"})
    groups = [
        (
            later.kind,
            [
                _row(row, request, today, may_decide, kept)
                | {"until": day(row.later[0]), "by": people[row.later[1]], "why": row.later[2]}
                for row in later.rows
            ],
            later.more,
        )
        for later in listed
        if later.rows
    ]
    unread = [later.kind.title for later in listed if later.rows is None]
    context = {"now": now, "groups": groups, "unread": unread, "may_decide": may_decide}
    return render(request, "monitoring/decisions_put_off.html", context)


@clinic_page(SEE)
def decisions_lately(request: HttpRequest) -> HttpResponse:
    """Show what was decided, by day, newest first: who, what, and what they saw."""
    page = lately.page(request.clinic, request.GET)
    days = [
        (on, list(rows)) for on, rows in groupby(page.rows, key=lambda row: request.clinic.day_of(row.at))
    ]
    context = {"now": timezone.now(), "days": days, "earlier_url": page.earlier_url}
    return render(request, "monitoring/decisions_lately.html", context)
