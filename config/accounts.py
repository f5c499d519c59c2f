"""Accounts are made by a clinic's manager; nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter


class ClosedAccounts(DefaultAccountAdapter):
    """Refuse public sign-up."""

    def is_open_for_signup(self, request) -> bool:
        """Give no to everybody: an account comes from the manager."""
        return False
