"""Collects the static files unless exactly these were collected before, so that a second start is quick."""

import hashlib
from collections.abc import Callable

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect_static_files(tell: Callable[[str], object]) -> None:
    """Copy, hash and compress css, js and pictures into STATIC_ROOT when one of them changed."""
    stamp = settings.STATIC_ROOT.with_name("static.stamp")
    wanted = _fingerprint()
    if stamp.exists() and stamp.read_text() == wanted and settings.STATIC_ROOT.is_dir():
        return
    tell("Collecting the static files ...")
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(wanted)


def _fingerprint() -> str:
    """Give one number for where every static file comes from, how long it is and when it was changed."""
    digest = hashlib.sha256(str(settings.STORAGES).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = storage.path(path), storage.size(path), storage.get_modified_time(path).timestamp()
            digest.update(repr(facts).encode())
    return digest.hexdigest()
