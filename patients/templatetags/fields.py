"""What the field templates must know of a form field: its group, and where a link to its error leads."""

from django import forms, template

register = template.Library()


@register.filter
def needs_legend(field: forms.BoundField) -> bool:
    """Say whether the field is a group of controls; a file box is one control, whatever Django calls it."""
    return field.use_fieldset and not isinstance(field.field.widget, forms.FileInput)


@register.filter
def first_control(field: forms.BoundField) -> str:
    """Give the id of the control an error link leads to: the wrong date box, the first choice, or the field itself."""
    widget = field.field.widget
    if hasattr(widget, "id_of_first_wrong"):
        return widget.id_of_first_wrong(field.auto_id, field.value())
    if not field.use_fieldset or isinstance(widget, forms.FileInput):
        return field.id_for_label
    return field.subwidgets[0].id_for_label if field.subwidgets else f"div_{field.auto_id}"
