"""The project's settings as tests want them: a folder of their own, quick hashes, mail in memory.

The database is SQLite in a file, or the PostgreSQL that `SAFEHOME_TEST_DATABASE_URL` names; never the one in use.
"""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="safehome-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

for _name in ("DATABASE_URL", "REDIS_URL", "CHANNELS_REDIS_URL", "SAFEHOME_CLOCK_SPEED", "SAFEHOME_BASE_URL"):
    os.environ.pop(_name, None)
os.environ |= {
    "SAFEHOME_MODE": "embedded",
    "SAFEHOME_DATA_DIR": _folder,
    "SAFEHOME_REQUIRE_MFA": "off",
    "EMAIL_URL": "memorymail://",
    "LOG_LEVEL": "CRITICAL",
    "CELERY_LOG_LEVEL": "CRITICAL",
}
if _database := os.environ.get("SAFEHOME_TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = _database

from safehome.settings import *  # noqa: E402, F403  (what is set above must be read first)
from safehome.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if not _database:
    # A file, so that threads have connections of their own and wait for each other as they do in use.
    DATABASES["default"]["TEST"] = {"NAME": f"{_folder}/test.sqlite3"}
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
    )
