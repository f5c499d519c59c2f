"""The protocol page: what the program goes by, for clinicians to read and to sign."""

from django.shortcuts import render

from monitoring.protocol_page import protocol_page
from patients.gate import clinic_page


@clinic_page("monitoring.see_protocol")
def protocol(request):
    """Show regimens, numbers, codes, rules, disagreements and references, each with an anchor of its own."""
    return render(request, "monitoring/protocol.html", {"page": protocol_page()})
