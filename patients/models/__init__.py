"""The rows of what is known, one subject a file."""

from patients.models.audit import AuditEntry
from patients.models.clinic import Clinic, Closure
from patients.models.facts import ClinicalFact
from patients.models.patient import EmailConsent, NameKey, Patient
from patients.models.results import Analyte, Result
from patients.models.staff import Membership, Role, User
from patients.models.symptoms import SymptomReport

__all__ = [
    "Analyte",
    "AuditEntry",
    "ClinicalFact",
    "Clinic",
    "Closure",
    "EmailConsent",
    "Membership",
    "NameKey",
    "Patient",
    "Result",
    "Role",
    "SymptomReport",
    "User",
]
