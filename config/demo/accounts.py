"""The published sign-ins of the demo clinics. They cannot exist outside demo mode."""

from dataclasses import dataclass

from patients.models import Role

DEMO_PASSWORD = "clinic-demo-2026"  # noqa: S105 - published on purpose; demo mode only


@dataclass(frozen=True)
class DemoAccount:
    """One sign-in of the demo. `everywhere`: a member of every demo clinic, else of all but the first."""

    username: str
    role: Role
    first_name: str
    last_name: str
    everywhere: bool = True
    password: str = DEMO_PASSWORD


DEMO_ACCOUNTS = (
    DemoAccount("reception", Role.RECEPTION, "Rosa", "Adeyemi"),
    DemoAccount("nurse", Role.NURSE, "Noor", "Haddad"),
    DemoAccount("physician", Role.PHYSICIAN, "Philippa", "Ashdown"),
    DemoAccount("manager", Role.MANAGER, "Marek", "Nowak"),
    DemoAccount("auditor", Role.AUDITOR, "Aud", "Lindqvist"),
    DemoAccount("nurse-two", Role.NURSE, "Nia", "Prydderch", everywhere=False),
)
