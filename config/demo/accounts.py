"""The published sign-ins of the demo clinic: one for each role. They cannot exist outside demo mode."""

from dataclasses import dataclass

from patients.models import Role

DEMO_PASSWORD = "clinic-demo-2026"  # noqa: S105 - published on purpose; demo mode only


@dataclass(frozen=True)
class DemoAccount:
    """One sign-in of the demo."""

    username: str
    role: Role
    password: str = DEMO_PASSWORD


DEMO_ACCOUNTS = tuple(DemoAccount(role.value, role) for role in Role)
