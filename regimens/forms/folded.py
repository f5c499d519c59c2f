"""A group of fields that is folded away until somebody needs it."""

from crispy_forms.layout import Fieldset


class Folded(Fieldset):
    """Fields under a summary line; open when told so or when one of them was refused."""

    template = "regimens/_folded.html"

    def __init__(self, summary: str, *fields, opened: bool = False, **attributes):
        super().__init__(summary, *fields, **attributes)
        self.opened = opened

    def render(self, form, context, *args, **kwargs):
        """Draw the fields; an error must not hide in a fold."""
        names = [pointer.name for pointer in self.get_field_names()]
        self.is_open = self.opened or (form.is_bound and any(name in form.errors for name in names))
        return super().render(form, context, *args, **kwargs)
