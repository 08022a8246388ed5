"""Which certificate authorities the fetched tools shall trust: those this machine trusts.

uv and a Node of ours bring lists of their own, and fail behind a company's proxy where pip works.
"""

import os
from collections.abc import Mapping
from pathlib import Path

BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)
READ_BY = ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")  # uv, Node


def trusting(env: Mapping[str, str]) -> dict[str, str]:
    """Point the tools to the machine's bundle, unless the environment says otherwise."""
    told = env.get("SSL_CERT_FILE")
    bundle = told or next((path for path in BUNDLES if Path(path).exists()), None)
    return {**dict.fromkeys(READ_BY, bundle), **env} if bundle else dict(env)


def ours() -> dict[str, str]:
    """Give this process's environment with the machine's trust."""
    return trusting(os.environ)
