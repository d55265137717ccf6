"""Keys of one installation: given by the environment, or made once and kept in the data folder (embedded mode)."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import environ
from cryptography.fernet import Fernet


@dataclass(frozen=True)
class Secrets:
    """`field_keys` encrypt personal identity numbers (first key writes, all read); `index_key` finds them again."""

    secret_key: str
    field_keys: list[str]
    index_key: str


def load(env: environ.Env, folder: Path, *, make: bool) -> Secrets:
    """Read the keys from the environment; in embedded mode make those that are missing and keep them."""
    kept = _kept(folder) if make else None
    return Secrets(
        secret_key=env.str("SECRET_KEY", default=kept.secret_key if kept else ""),
        field_keys=env.list("SAFEHOME_FIELD_KEYS", default=kept.field_keys if kept else []),
        index_key=env.str("SAFEHOME_INDEX_KEY", default=kept.index_key if kept else ""),
    )


def _kept(folder: Path) -> Secrets:
    path = folder / "secrets.json"
    if not path.exists():
        _make(path)
    return Secrets(**json.loads(path.read_text()))


def _make(path: Path) -> None:
    fresh = Secrets(secrets.token_urlsafe(50), [Fernet.generate_key().decode()], secrets.token_urlsafe(32))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(asdict(fresh)))
    try:
        os.link(partial, path)  # the first of several processes wins; the others read what it wrote
    except FileExistsError:
        pass
    finally:
        partial.unlink()


def openid_connect(env: environ.Env) -> dict[str, Any]:
    """One OpenID Connect provider from `OIDC_*` (SITHS, Freja and BankID brokers speak it); none when unset."""
    server = env.str("OIDC_SERVER_URL", default="")
    if not server:
        return {}
    app = {
        "provider_id": env.str("OIDC_PROVIDER_ID", default="eid"),
        "name": env.str("OIDC_NAME", default="E-legitimation"),
        "client_id": env.str("OIDC_CLIENT_ID", default=""),
        "secret": env.str("OIDC_CLIENT_SECRET", default=""),
        "settings": {"server_url": server},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
