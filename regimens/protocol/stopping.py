"""A request to stop: which reasons never do, which wait for a conversation, which only a physician may give (D-16)."""

from .codes import Finding, Kind, finding
from .entries import Product
from .form_rules import form_findings
from .recommendation import Recommendation, Status
from .requests import AskedRoute, Form, Request, Role, StopReason
from .situation import Situation

RAISES = {
    StopReason.LEVELS_NORMAL: "B-STOP-LEVELS",
    StopReason.SYMPTOMS_IMPROVED: "B-STOP-SYMPTOMS",
    StopReason.PATIENT_REQUEST: "H-STOP-REFUSAL",
    StopReason.REVERSIBLE_CAUSE_RESOLVED: "W-STOP-REVERSIBLE",
    StopReason.DIED: "A-REMINDERS-CANCELLED",
}
A_NURSE_MAY_RECORD = (StopReason.PATIENT_REQUEST, StopReason.DIED)
TABLETS = Form(product=Product.CYANOCOBALAMIN_ORAL, route=AskedRoute.ORAL)


def stop(patient: Situation, request: Request) -> Recommendation:
    """Answer a request to stop; a switch to tablets must itself be allowed (D-27)."""
    found: list[Finding] = []
    if request.stop_reason in RAISES:
        found.append(finding(RAISES[request.stop_reason]))
    if request.role is not Role.PHYSICIAN and (
        request.stop_reason not in A_NURSE_MAY_RECORD or request.asks_for_more
    ):
        found.append(finding("B-ROLE"))
    if request.stop_reason is StopReason.SWITCHED_TO_ORAL:
        found.extend(form_findings(TABLETS, patient))
    kinds = {each.kind for each in found}
    if Kind.BLOCK in kinds:
        status = Status.BLOCKED
    else:
        status = Status.HOLD if Kind.HOLD in kinds else Status.PROPOSED
    return Recommendation(status=status, findings=tuple(found), plan_continues=status is not Status.PROPOSED)
