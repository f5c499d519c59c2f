"""How the tests of a plan's pages send their forms: as a browser would, with what stands in the hidden fields."""

import re
from datetime import date, timedelta
from html import unescape

from django.urls import reverse

from tests.browsing import sent_by

MONDAY = date(2026, 1, 5)
LOADED = [MONDAY + timedelta(days=days) for days in (0, 2, 4, 7, 9, 11)]


def address(name, patient, *more):
    return reverse(name, args=[patient.pk, *more])


def boxes(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def request(starts_on=MONDAY, **asked):
    return {**boxes("starts_on", starts_on), "last_dose": "known", "tests_b12": "on", **asked}


def hidden(page, name):
    """The value of a hidden field, as a browser would send it."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page).group()
    return unescape(re.search(r'value="([^"]*)"', tag).group(1))


def propose(client, patient, **asked):
    """Look at what the protocol says, then propose exactly that."""
    sent = request(**asked)
    page = client.post(address("propose_plan", patient), {**sent, "act": "show"})
    assert page.status_code == 200, page.text
    shown = hidden(page.text, "shown")
    return client.post(address("propose_plan", patient), {**sent, "act": "propose", "shown": shown})


def opened(client, name, patient):
    """What a browser would send of a page that was opened and not touched."""
    return sent_by(client.get(address(name, patient)))


def sign(client, patient, **typed):
    return client.post(address("sign_plan", patient), {**opened(client, "sign_plan", patient), **typed})


def change(client, patient, **typed):
    sent = opened(client, "change_interval", patient)
    return client.post(address("change_interval", patient), {**sent, **typed})


def codes_on(page):
    """The codes that a person can read on a page."""
    text = re.sub(r"<[^>]+>", " ", unescape(page))
    return set(re.findall(r"(?<![A-Z-])([BHWA]-[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*)(?![\w-])", text))


def rows_of(page, key="signed"):
    """{what: (now, after)} of the before-and-after table of one way to decide."""
    part = page[page.index(f'id="dates-{key}"') :]
    part = part[: part.index("</table>")]
    lines = re.findall(
        r'<th scope="row">([^<]+)</th><td data-label="Now">(.*?)</td><td data-label="After">(.*?)</td>', part
    )
    return {what: tuple(re.sub("<[^>]+>", "", cell) for cell in cells) for what, *cells in lines}


def outlook_of(course):
    course.refresh_from_db()
    return course.next_due_on, course.lab_due_on, course.review_due_on
