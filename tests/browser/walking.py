"""Follows every link that a role is offered: pages are seen in the states of the demo, not in one that a test thought of."""

from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.urls import get_resolver, resolve, reverse

from config.roles import MAY
from patients.models import Role

# How many pages of one kind are followed: every patient is a story of its own, of the rest a few stand for all.
AS_MANY = {"patient": 100, "dashboard_list": 1, "dashboard_doses": 1}
A_FEW = 2


class Place(NamedTuple):
    """An address that a page offers, with the name and the HTML of what is there."""

    name: str
    path: str
    html: str


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        address = dict(attrs).get("href")
        if tag == "a" and address:
            self.found.append(address)


def links_of(html: str) -> list[str]:
    """Give where the links of a page lead, in their order."""
    reader = _Links()
    reader.feed(html)
    return reader.found


def views(patterns=None) -> Iterator:
    """Yield every pattern of the urlconf behind which there is a view."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if hasattr(pattern, "url_patterns"):
            yield from views(pattern.url_patterns)
        else:
            yield pattern


def roles_by_page() -> dict[str, set[Role]]:
    """Give {name: the roles that may open it} of every page that asks for a permission."""
    permissions = {view.name: getattr(view.callback, "permission", None) for view in views()}
    return {name: MAY[permission] for name, permission in permissions.items() if permission}


def without_links(names: set[str], patient: int) -> Iterator[Place]:
    """Yield the addresses of pages that ask for nothing but a patient, or for nothing at all."""
    for view in views():
        asked = set(view.pattern.converters)
        if view.name in names and not asked:
            yield Place(view.name, reverse(view.name), "")
        elif view.name in names and asked == {"pk"} and str(view.pattern).startswith("patients/"):
            yield Place(view.name, reverse(view.name, args=[patient]), "")


def followed(fetch: Callable[[str], str], *beginnings: str) -> Iterator[Place]:
    """Yield each page that links lead to from the first page or other ones; `fetch` gives the HTML of a path.

    Pages are of one kind when name, words and questions in their addresses are the same; of each kind a few are
    followed, the first that are offered; every patient, but not every year and filter of each.
    """
    waiting, fetched = ["/", *beginnings], Counter()
    seen = set(waiting)
    while waiting:
        path = waiting.pop(0)
        name, kind = _kind(path)
        fetched[kind] += 1
        if fetched[kind] > (A_FEW if urlsplit(path).query else AS_MANY.get(name, A_FEW)):
            continue
        place = Place(name, path, fetch(path))
        yield place
        for link in links_of(place.html):
            to = urljoin(path, link).partition("#")[0]
            if to.startswith("/") and not to.startswith("/static/") and to not in seen:
                seen.add(to)
                waiting.append(to)


def _kind(path: str) -> tuple[str, tuple]:
    """Give the name of the page at an address, and what tells its kind: the words in it, not the numbers."""
    at = urlsplit(path)
    match = resolve(at.path)
    words = (value for value in match.kwargs.values() if isinstance(value, str))
    return match.url_name, (match.url_name, *words, *(asked for asked, _value in parse_qsl(at.query)))
