"""The one error with which a service refuses, in words a page can show."""


class NotAllowed(Exception):
    """An act was refused. Nothing was written.

    message: what to tell the person. field: the form field it belongs to, if one. code: the rule, if one.
    findings: the protocol's findings behind it, if any.
    """

    def __init__(self, message: str, *, field: str | None = None, code: str = "", findings: tuple = ()):
        super().__init__(message)
        self.field = field
        self.code = code
        self.findings = findings


class Stale(NotAllowed):
    """What the page showed has changed since; the person must look again before acting."""


def require(actor, permission: str, thing) -> None:
    """Refuse unless the actor holds the permission in the clinic the thing belongs to."""
    if not actor.has_perm(permission, thing):
        raise NotAllowed("Your role may not do this.", code="B-ROLE")
