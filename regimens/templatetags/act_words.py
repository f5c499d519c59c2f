"""How lab checks and the outcomes of decisions are named on pages."""

from django import template

from regimens.explained import every, lab_name

register = template.Library()
register.filter("check_name", lab_name)
register.filter("every", every)


@register.filter
def outcome_words(outcome: str) -> str:
    """Write the outcome of a decision as it is read: “No further improvement”."""
    return outcome.replace("_", " ").capitalize()
