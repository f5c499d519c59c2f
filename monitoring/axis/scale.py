"""An upright scale for values: where each stands between bottom and top, and what runs over the edge.

Pure: numbers in, fractions of the height out, 0 at the bottom.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

MARGIN = Decimal("0.08")  # of what is drawn, left free above and below
LEAST = Decimal("0.05")  # of the value itself: a scale that shows one value is not stretched beyond sense


class Edge(StrEnum):
    """Where a value that does not fit is drawn."""

    TOP = "top"
    BOTTOM = "bottom"


@dataclass(frozen=True, slots=True)
class Scale:
    """From a lowest to a highest value, in one unit."""

    low: Decimal
    high: Decimal

    def at(self, value: Decimal) -> float:
        """Return the height of a value as a fraction, held at the edge it runs over."""
        held = min(max(value, self.low), self.high)
        return float((held - self.low) / (self.high - self.low))

    def over(self, value: Decimal) -> Edge | None:
        """Return the edge that a value runs over, None where it fits."""
        if value > self.high:
            return Edge.TOP
        return Edge.BOTTOM if value < self.low else None


def scale(
    values: Iterable[Decimal], *, beside: Iterable[Decimal] = (), caps: tuple[Decimal, Decimal]
) -> Scale:
    """Return a scale that shows the values and what must be seen beside them (ranges, a target), inside the caps.

    A value beyond the caps does not stretch the scale: it is drawn at the edge, with its number. Without anything to
    show, or with values beyond the caps only, the scale is that of the caps.
    """
    lowest, highest = caps
    shown = [value for value in (*values, *beside) if lowest <= value <= highest]
    if not shown:
        return Scale(lowest, highest)
    low, high = min(shown), max(shown)
    spare = max((high - low) * MARGIN, abs(high) * LEAST, Decimal("0.1"))
    return Scale(max(low - spare, Decimal(0)) if low >= 0 else low - spare, high + spare)
