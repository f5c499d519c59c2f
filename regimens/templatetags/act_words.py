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


@register.filter
def stale(facts) -> list:
    """Keep the facts that are too old to rely on."""
    return [fact for fact in facts if fact.is_stale]


@register.filter
def unknown(facts) -> list:
    """Keep the facts that nobody knows."""
    return [fact for fact in facts if not fact.is_known]


@register.filter
def answers(facts) -> list:
    """Keep the answers to questions; results are entered elsewhere."""
    return [fact for fact in facts if not fact.is_result]
