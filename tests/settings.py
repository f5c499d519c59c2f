"""The settings of the product, with what the tests need instead."""

import atexit
import os
import shutil
import tempfile

# A test run has a folder of its own; each of its parallel workers has one inside, and the first one clears up.
_folder = tempfile.mkdtemp(prefix="b12clinic-tests-", dir=os.environ.get("FOLDER_OF_THE_TEST_RUN"))
os.environ.setdefault("FOLDER_OF_THE_TEST_RUN", _folder)
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

# Nothing of the developer's own environment but DATABASE_URL reaches the tests.
FOREIGN = """ALLOWED_HOSTS BEHIND_PROXY BIND DEBUG DEMO EMAIL_URL FROM_EMAIL LOG_LEVEL PORT REDIS_URL
    SECRET_KEY_FALLBACKS SITE_URL STATEMENT_TIMEOUT"""
for _name in FOREIGN.split():
    os.environ.pop(_name, None)
os.environ |= {
    "SECRET_KEY": "only-for-tests-" + "x" * 50,
    "SITE_URL": "http://testserver",
    "VAR_DIR": _folder,
    "ENV_FILE": os.devnull,
}

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, STATIC_ROOT, VAR_DIR  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT.mkdir()  # white noise asks where it is, though the tests serve nothing from it
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in production: only a file has the write lock and the journal that the promises rest on.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "tests.sqlite3")}
