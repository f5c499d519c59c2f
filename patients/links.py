"""Addresses of the acts on one patient, for those who may do them."""

from django.urls import NoReverseMatch, reverse


def to(name: str, *keys: int) -> str:
    """Give the address of a page, or nothing while no page has this name."""
    try:
        return reverse(name, args=keys)
    except NoReverseMatch:
        return ""


def allowed(viewer, thing, permissions: dict[str, str], *keys: int) -> dict[str, str]:
    """Give {name: address} of the acts this person may do where the thing lives; permissions: {name: permission}."""
    return {
        name: address
        for name, permission in permissions.items()
        if viewer.has_perm(permission, thing) and (address := to(name, *keys))
    }
