"""How products, routes, statuses and regimens are named on pages."""

from patients.templatetags.wording import day
from regimens.models import Course, Plan
from regimens.protocol.catalogue import regimen
from regimens.protocol.codes import CODES
from regimens.protocol.entries import Loading, Product, Route
from regimens.protocol.intervals import Interval
from regimens.protocol.requests import CYANOCOBALAMIN_IM, METHYLCOBALAMIN
from regimens.protocol.standing import Status

PRODUCTS = {
    Product.HYDROXOCOBALAMIN.value: "Hydroxocobalamin",
    CYANOCOBALAMIN_IM: "Cyanocobalamin injection",
    METHYLCOBALAMIN: "Methylcobalamin",
    Product.CYANOCOBALAMIN_ORAL.value: "Cyanocobalamin tablets",
}
ROUTES = {
    Route.IM.value: "into a muscle (IM)",
    Route.SC_DEEP.value: "deep under the skin (SC)",
    "IV": "into a vein (IV)",
    Route.ORAL.value: "by mouth",
}
STATUSES = {
    Status.NOT_DUE: ("Not due yet", "plain"),
    Status.DUE: ("Due", "good"),
    Status.OVERDUE: ("Overdue", "block"),
    Status.LAPSED: ("Lapsed: a whole interval was missed", "block"),
    Status.INACTIVE: ("Nothing is due", "plain"),
}
LOADINGS = {
    Loading.STD_3X_WEEK_2W: "three times a week for two weeks (6 doses)",
    Loading.NEURO_ALT_DAYS: "alternate days until a physician finds no further improvement",
    Loading.DAILY_X10: "daily for ten days (10 doses)",
    Loading.NONE: "no loading",
}


def product(key: str) -> str:
    """Name a product; one that is not on the clinic's list keeps its own word."""
    return PRODUCTS.get(key, key)


def route(key: str) -> str:
    """Name a route."""
    return ROUTES.get(key, key)


def maintenance(plan: Plan) -> str:
    """Say how often a plan is given once loading is over."""
    if plan.route == Route.ORAL:
        return "every day"
    return every(plan.interval)


def every(interval: Interval) -> str:
    """Say how often: every 3 months, every month."""
    return f"every {interval}" if interval.count > 1 else f"every {interval.unit[:-1]}"


def loading(plan: Plan) -> str:
    """Say how a plan begins."""
    return LOADINGS[regimen(plan.regimen_key).loading.kind]


def why_next(course: Course, plan: Plan) -> str:
    """Say what the next date of an open course follows from: its loading, or the last dose that counts."""
    if course.phase == Course.Phase.ORAL:
        return "On tablets the next date is the next check."
    if course.phase == Course.Phase.LOADING:
        return f"Loading: {loading(plan)}. The next is dose {course.next_number}."
    last = f", {day(course.last_given_on)}" if course.last_given_on else ""
    return f"{maintenance(plan).capitalize()}, counted from the last dose that counts{last}."


def check(name: str) -> str:
    """Name a lab check: at 3 months, extra."""
    return f"at {name.removesuffix('m')} months" if name.endswith("m") else name


def code(name: str) -> str:
    """Give the sentence of a code; one that is not ours any more keeps its name."""
    return CODES[name].message if name in CODES else name
