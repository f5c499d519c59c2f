"""Who asks the protocol for what: roles, actions, what may be asked for, reasons to stop, sites."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from .clinic_days import MONDAY_TO_FRIDAY, ClinicDays
from .entries import Loading, Product
from .intervals import Interval


class Role(StrEnum):
    """The roles the rules tell apart; everybody else may do neither."""

    NURSE = "nurse"
    PHYSICIAN = "physician"


class Action(StrEnum):
    """What a request is for. Giving a dose is not one of these: see `checks`."""

    NEW_PLAN = "new_plan"
    INTERVAL_CHANGE = "interval_change"
    STOP_REQUEST = "stop_request"


class AskedRoute(StrEnum):
    """A route somebody may ask for; a plan never has the vein."""

    IM = "IM"
    SC_DEEP = "SC_DEEP"
    ORAL = "ORAL"
    IV = "IV"


class StopReason(StrEnum):
    """Why somebody asks to stop; the first two never do, the third waits for a conversation (D-16)."""

    LEVELS_NORMAL = "levels_normal"
    SYMPTOMS_IMPROVED = "symptoms_improved"
    PATIENT_REQUEST = "patient_request"
    REVERSIBLE_CAUSE_RESOLVED = "reversible_cause_resolved"
    SWITCHED_TO_ORAL = "switched_to_oral"
    ALLERGY = "allergy"
    DIAGNOSIS_REVISED = "diagnosis_revised"
    INFORMED_REFUSAL = "informed_refusal"
    MOVED_AWAY = "moved_away"
    DIED = "died"


class Site(StrEnum):
    """Where the needle goes (R-04, R-05)."""

    DELTOID_L = "DELTOID_L"
    DELTOID_R = "DELTOID_R"
    VASTUS_LATERALIS_L = "VASTUS_LATERALIS_L"
    VASTUS_LATERALIS_R = "VASTUS_LATERALIS_R"
    GLUTEAL = "GLUTEAL"


METHYLCOBALAMIN = "METHYLCOBALAMIN"
CYANOCOBALAMIN_IM = "CYANOCOBALAMIN_IM"


@dataclass(frozen=True, slots=True)
class Form:
    """A product, route and strength as somebody asks for them; None is *as the protocol says*.

    `product` is any word, since people also ask for what is not on the clinic's list; `micrograms` per dose.
    """

    product: str | None = None
    route: AskedRoute | None = None
    micrograms: Decimal | int | None = None

    @property
    def is_oral(self) -> bool:
        """Tell whether tablets are asked for."""
        return self.route is AskedRoute.ORAL or self.product == Product.CYANOCOBALAMIN_ORAL

    @property
    def is_cyanocobalamin(self) -> bool:
        """Tell whether cyanocobalamin is asked for; tablets are, unless another product is named."""
        named = (CYANOCOBALAMIN_IM, Product.CYANOCOBALAMIN_ORAL)
        return self.product in named or (self.is_oral and self.product in (None, Product.HYDROXOCOBALAMIN))

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was asked for."""
        return self.product is None and self.route is None and self.micrograms is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one person asks of the protocol for one patient. A stop without a reason is a ValueError."""

    action: Action = Action.NEW_PLAN
    role: Role = Role.PHYSICIAN
    form: Form = Form()
    loading: Loading | None = None
    loaded_elsewhere: bool = False  # arrives on treatment: a fact, not a wish; nobody is loaded again (D-20)
    interval: Interval | None = None
    stop_reason: StopReason | None = None
    symptoms_returned: bool = False
    # Codes a physician lets this plan pass, with a reason; only what the rules let a physician pass has any effect.
    overrides: frozenset[str] = frozenset()
    clinic_days: ClinicDays = MONDAY_TO_FRIDAY

    def __post_init__(self) -> None:
        if self.action is Action.STOP_REQUEST and self.stop_reason is None:
            raise ValueError("A stop needs a reason.")

    @property
    def asks_for_more(self) -> bool:
        """Tell whether it asks for a regimen of its own, which only a physician may."""
        return (
            not self.form.is_empty
            or self.loading is not None
            or self.interval is not None
            or bool(self.overrides)
        )
