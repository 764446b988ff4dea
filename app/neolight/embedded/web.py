"""The HTTP session of downloads: it trusts what the operating system trusts, and keeps its connections."""

from __future__ import annotations

import ssl
from typing import Any

import requests
import truststore
from requests.adapters import HTTPAdapter
from urllib3.util import Retry


class _SystemTrust(HTTPAdapter):
    """Certificates are checked against those of the system as well: a company's proxy brings its own.

    The client's default is the list of the package `certifi` alone, which no administrator extends.
    """

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        super().init_poolmanager(*arguments, **{**more, "ssl_context": _context()})

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        return super().proxy_manager_for(proxy, **{**more, "ssl_context": _context()})


def session(connections: int) -> requests.Session:
    """A session for so many threads; what a server asks to wait when it is asked too often is waited."""
    opened = requests.Session()
    patience = Retry(total=3, connect=0, read=0, other=0, status_forcelist=(429,), raise_on_status=False)
    opened.mount("https://", _SystemTrust(pool_maxsize=connections, max_retries=patience))
    opened.mount("http://", HTTPAdapter(pool_maxsize=connections, max_retries=patience))
    return opened


def _context() -> ssl.SSLContext:
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
