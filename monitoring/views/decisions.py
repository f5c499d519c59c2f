"""What needs a decision: one page with every kind, and a page for each kind."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from monitoring.decisions import BY_KEY, KINDS, Listed, Row, listing, overview
from patients.gate import clinic_page


@clinic_page("monitoring.see_decisions")
def decisions(request: HttpRequest) -> HttpResponse:
    """Show what waits, most urgent first; whoever may decide finds the way to settle each row."""
    now = timezone.now()
    today = request.clinic.day_of(now)
    context = {"now": now, "may_decide": request.user.has_perm("regimens.decide", request.clinic)}
    if "kind" in request.GET:
        if request.GET["kind"] not in BY_KEY:
            raise Http404
        listed, page = listing(BY_KEY[request.GET["kind"]], request.clinic, today, request.GET)
        context |= {
            "listed": _with_addresses(listed),
            "earlier_url": page.earlier_url if page else "",
            "later_url": page.later_url if page else "",
        }
        return render(request, "monitoring/decisions_kind.html", context)
    found = overview(request.clinic, today)
    context |= {
        "all": [_with_addresses(listed) for listed in found],
        "unread": [listed.kind.title for listed in found if listed.rows is None or listed.count is None],
        "nothing": all(listed.rows == [] for listed in found),
        "kinds": len(KINDS),
    }
    return render(request, "monitoring/decisions.html", context)


def _with_addresses(listed: Listed) -> dict:
    """Give a kind with the address that settles each row, written once here and not in the template."""
    return {
        "kind": listed.kind,
        "counted": listed.counted,
        "count": listed.count,
        "rows": None if listed.rows is None else [(row, _address(row)) for row in listed.rows],
        "more": listed.count is None or listed.rows is None or listed.count > len(listed.rows),
    }


def _address(row: Row) -> str:
    """Give the address of the page that settles a row and leads back here."""
    query = "&".join(part for part in (row.act.query, "from=decisions") if part)
    return f"{reverse(row.act.name, args=[row.patient, *row.act.keys])}?{query}"
