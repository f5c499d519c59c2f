"""Sends the forms of pages as a browser does: what stands in the fields, and what a test changes."""


def sent_by(response) -> dict:
    """Give the name and value of every field of the form on a page, as a browser would send them."""
    data = {}
    for field in response.context["form"]:
        widget, value = field.field.widget, field.value()
        if hasattr(widget, "decompress"):
            parts = value if isinstance(value, list) else widget.decompress(value)
            data |= {
                f"{field.html_name}_{part}": text or ""
                for part, text in zip(("day", "month", "year"), parts, strict=True)
            }
        elif value is not None and value is not False:
            data[field.html_name] = value
    return data


def codes_on(response) -> set[str]:
    """Give the codes of everything that stops the dose on a page of the dose screen."""
    return {found.code for found in response.context["stopping"]}
