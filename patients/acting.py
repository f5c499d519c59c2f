"""Between a form and a service: what the service refuses stands on the form, and nothing typed is lost."""

from collections.abc import Callable

from django.forms import BaseForm

from patients.refusals import NotAllowed

REFUSED = 422


def act(form: BaseForm, service: Callable, **arguments):
    """Call a service for a valid form; give its answer, or None where it refused.

    The refusal stands at its field, or at the head of the form, and is kept as `form.refusal`. A service without an
    answer of its own answers True, so that `act(...) is None` always means refused.
    """
    try:
        answer = service(**arguments)
    except NotAllowed as refusal:
        form.refusal = refusal
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None
    return True if answer is None else answer


def status_of(form: BaseForm) -> int:
    """Give the status a page with this form is answered with: 422 where something in it was refused, else 200."""
    return REFUSED if form.is_bound and form.errors else 200
