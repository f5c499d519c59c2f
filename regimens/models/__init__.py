"""The rows of what was decided and given, one subject a file."""

from regimens.models.appointment import Appointment
from regimens.models.blood_sample import BloodSample
from regimens.models.course import Course
from regimens.models.decision import Authorisation, Decision, Request
from regimens.models.follow_up import FollowUp
from regimens.models.injection import Injection, NotGiven
from regimens.models.lab_check import LabCheck
from regimens.models.plan import Plan
from regimens.models.stock import Lot, StockMovement
from regimens.models.summary import CourseSummary

__all__ = [
    "Appointment",
    "Authorisation",
    "BloodSample",
    "Course",
    "CourseSummary",
    "Decision",
    "FollowUp",
    "Injection",
    "LabCheck",
    "Lot",
    "NotGiven",
    "Plan",
    "Request",
    "StockMovement",
]
