"""The lanes of the axis and the marks in them: each kind with its word and a shape of its own, never a colour alone."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of mark. `word` is how it is counted (“3 late”); `shape` is SVG path data around a middle of 0,0.

    `look` is the class that the style sheet draws: “line” in ink, “full” filled, “spot” and “speck” a dot, “trouble”
    and “care” in their tones, “faint” for what no longer holds, “coming” for what is still to come.
    """

    key: str
    word: str
    shape: str
    look: str = "line"
    # What is as it should be and does not matter by itself: it is only counted where it would be drawn over itself.
    ordinary: bool = False
    # Where the pen is set down, above (negative) or below the middle.
    start: int = 0
    # Its shape on a line of many years, where it would hide its neighbours.
    small: str = ""

    @property
    def path(self) -> str:
        """The shape by itself, around 0,0."""
        return f"M0 {self.start}{self.shape}"


NEEDLE = "m0-11v22"
FLAG_RIGHT, FLAG_LEFT = f"{NEEDLE}m0-22l8 4-8 4z", f"{NEEDLE}m0-22l-8 4 8 4z"
DIAMOND = "m0-7l7 7-7 7-7-7z"
CIRCLE = "m-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0z"
CROSS = "m-5-5l10 10m0-10l-10 10"
SQUARE = "m-5-5h10v10h-10z"
FLAP = "m-5-2.5l5 5 5-5"

# fmt: off
IN_TIME   = Kind("in_time",   "in time",        "v22", start=-11)
EARLY     = Kind("early",     "early",          FLAG_LEFT,  "care")
LATE      = Kind("late",      "late",           FLAG_RIGHT, "care")
WINDOWLESS = Kind("windowless", "without a window on record", "m0-4v15m-3.5-18.5a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0")
UNCOUNTED = Kind("uncounted", "not counting",   "m-3-11h6v22h-6z")
VOIDED    = Kind("voided",    "voided",         f"{NEEDLE}m-5-16l10 10m0-10l-10 10", "faint")
DUE       = Kind("due",       "to come",        DIAMOND, "coming", small="m0-6v12")
OVERDUE   = Kind("overdue",   "overdue",        DIAMOND, "trouble full")

NOT_GIVEN = Kind("not_given", "not given",      CROSS, "trouble")

SIGNED    = Kind("signed",    "signed",         "m0-11v22m0-22h9v8h-9", "full")
PROPOSED  = Kind("proposed",  "proposed",       "m0-11v22m0-22h9v8h-9")
REVIEWED  = Kind("reviewed",  "reviewed",       CIRCLE)
REVIEW_DUE = Kind("review_due", "review to come", DIAMOND, "coming")
REVIEW_LATE = Kind("review_late", "review overdue", DIAMOND, "trouble full")
PAUSED    = Kind("paused",    "paused",         "m-3.5-7v14m7-14v14", "care")
ENDED     = Kind("ended",     "ended",          SQUARE, "trouble full")

DONE      = Kind("done",      "done in time",   "h0", "spot")
DONE_LATE = Kind("done_late", "done late",      f"{CIRCLE}m5.5-5.5v-6h7l-7 4", "care")
MISSED    = Kind("missed",    "missed",         f"{CIRCLE}m1.8-3.7l7.4 7.4m0-7.4l-7.4 7.4", "trouble")
LET_GO    = Kind("let_go",    "let go",         f"{CIRCLE}m1.5 0h8", "faint")
TAKEN     = Kind("taken",     "taken, result awaited", CIRCLE)
SAMPLE    = Kind("sample",    "other results",  "h0", "speck")
CHECK_DUE = Kind("check_due", "to come",        DIAMOND, "coming")

RETURNED  = Kind("returned",  "nerve symptoms back, new or worse", "m0-8l9 15h-18zm0 5v5", "trouble")
WORSE     = Kind("worse",     "new or worse",   "m0-6l7 12h-14z", "care")
REPORTED  = Kind("reported",  "no worse",       "m-6-3h12m-12 6h12")

SENT      = Kind("sent",      "letters sent",       FLAP, ordinary=True)
UNSENT    = Kind("unsent",    "letters not sent",   "m-4-4l8 8m0-8l-8 8", "trouble")
IN_DOUBT  = Kind("in_doubt",  "letters sent perhaps", f"{FLAP}m-5 2v.1", "care")
PHONED    = Kind("phoned",    "phoned",             "m-3-6h6v12h-6zm2 9.5h2")

BOOKED    = Kind("booked",    "booked",         SQUARE, "coming")
KEPT      = Kind("kept",      "kept",           "m-3.5-3.5h7v7h-7z", "full", ordinary=True)
NO_SHOW   = Kind("no_show",   "did not attend", f"{SQUARE}l10 10m0-10l-10 10", "trouble")
MOVED     = Kind("moved",     "moved",          "m-5 0h10m-4-4l4 4-4 4", "faint", ordinary=True)
CANCELLED = Kind("cancelled", "cancelled",      "m-5 0h10", "faint", ordinary=True)
# fmt: on


COUNTING = (IN_TIME, EARLY, LATE, WINDOWLESS)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on one day. `text` says what, without the day."""

    on: date
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that lasts, both days included: a window, a plan in force, a pause."""

    first: date
    last: date
    look: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of story, drawn in one line. Only a clinical role sees a clinical lane."""

    key: str
    title: str
    clinical: bool = True
    # Each mark is told by itself also where many are told together: what it says is more than its kind.
    in_full: bool = False
    # What everybody else reads in its place, where there is something they may see.
    dates_only: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """A lane with all that is in it on one stretch of days. `title` is what this reader sees over it."""

    lane: Lane
    title: str
    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...] = ()


# fmt: off
LANES = (
    Lane("doses",    "Injections",        dates_only="Injections to come"),
    Lane("missed",   "Not given",         in_full=True),
    Lane("plan",     "Plan",              in_full=True),
    Lane("labs",     "Blood tests",       dates_only="Blood tests to come"),
    Lane("symptoms", "Symptoms",          in_full=True),
    Lane("letters",  "Letters and calls", clinical=False),
    Lane("bookings", "Appointments",      clinical=False),
)
# fmt: on
