"""Print fresh keys of one installation, as lines for its environment file: `python -m scripts.keys`."""

import tempfile
from pathlib import Path

import environ

from safehome import secrets_store


def main() -> None:
    """Make keys the way embedded mode does, whatever the environment holds, and keep them nowhere."""
    env = environ.Env()
    env.ENVIRON = {}
    with tempfile.TemporaryDirectory() as folder:
        keys = secrets_store.load(env, Path(folder), make=True)
    print(f"SECRET_KEY={keys.secret_key}")
    print(f"SAFEHOME_FIELD_KEYS={','.join(keys.field_keys)}")
    print(f"SAFEHOME_INDEX_KEY={keys.index_key}")


if __name__ == "__main__":
    main()
