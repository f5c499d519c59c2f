"""How lab checks, the outcomes of decisions and what somebody typed are written on pages."""

from django import forms, template

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


@register.filter
def as_typed(form: forms.BaseForm) -> list[tuple[str, str]]:
    """Give label and words of everything somebody typed or chose, for whoever came too late to save it."""
    if not form.is_bound:
        return []
    found = []
    for bound in form.visible_fields():
        value = bound.value()
        chosen = dict(getattr(bound.field, "choices", ()))
        values = value if isinstance(value, list) else [value]
        words = " ".join(str(chosen.get(each, each)) for each in values if each)
        if words:
            found.append((bound.label, words))
    return found
