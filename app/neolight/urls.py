"""Fetches documents from the web: only from hosts that the operator allows, and from no address that is not public."""

from __future__ import annotations

import asyncio
import ipaddress
import mimetypes
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TypeAlias
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from neolight.errors import InvalidInput, SourceUnavailable
from neolight.graph.documents import Original
from neolight.sources import original_of

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

MOST_REDIRECTS = 5
LONGEST = 2048
"""Characters of a URL."""

_PORTS = {"http": 80, "https": 443}
_MOVED = frozenset({301, 302, 303, 307, 308})
_PIECE = 1 << 16
_URL = re.compile(r"https?://", re.IGNORECASE)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_TYPES = mimetypes.MimeTypes()  # the same on every machine: none of the system's own files are read
_EXTENSIONS = {"text/html": ".html", "application/xhtml+xml": ".html", "text/xml": ".xml", "text/markdown": ".md"}
_VAGUE = frozenset({"", "application/octet-stream", "binary/octet-stream", "text/plain"})


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet, also when it is an IPv4 address within one of IPv6."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


@dataclass(frozen=True, slots=True)
class UrlRules:
    """Which URLs are fetched, and what one may cost.

    `allow` holds host names; `*.example.com` is every name below example.com, `*` every public host, and
    `example.com:8443` a host at another port than the usual ones.
    """

    allow: tuple[str, ...] = ()
    max_mb: int = 100
    seconds: float = 60.0
    permitted: Callable[[Address], bool] = is_public
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)


def is_url(text: str) -> bool:
    """Whether a source is a URL and no path."""
    return bool(_URL.match(text))


async def fetch(url: str, rules: UrlRules) -> Original:
    """Fetch a document, named by its host and path.

    Raises:
        InvalidInput: the URL, one that it leads to, or their address is not allowed; or the document is too large.
        SourceUnavailable: its server does not answer, or with an error, or not in time.
    """
    try:
        return await asyncio.wait_for(asyncio.to_thread(_fetched, url, rules), rules.seconds + 5)
    except TimeoutError as error:
        raise _late(url, rules) from error


def _fetched(url: str, rules: UrlRules) -> Original:
    """Follow a URL to its document, every step under the same rules."""
    until = time.monotonic() + rules.seconds
    at = url
    for _ in range(MOST_REDIRECTS + 1):
        parts = _checked(at, rules)
        with _answer(parts, rules, until) as answer:
            moved = answer.headers.get("Location")
            if answer.status in _MOVED and moved:
                following = urljoin(at, moved)
                if parts.scheme == "https" and urlsplit(following).scheme == "http":
                    raise InvalidInput(f"{at} leads from https to http.", hint="Use the address that it leads to.")
                at = following
                continue
            if answer.status != 200:
                raise SourceUnavailable(f"{at} answers with status {answer.status}.", hint="Open it in a browser.")
            data = _body(answer, rules, at)
            kind, charset = answer.headers.get_content_type(), answer.headers.get_content_charset()
            return original_of(_name(parts, kind), _unicode(data, kind, charset), max_mb=rules.max_mb)
    raise InvalidInput(f"{url} leads to more than {MOST_REDIRECTS} other addresses.", hint="Use the last of them.")


def _checked(url: str, rules: UrlRules) -> SplitResult:
    """The parts of a URL that is allowed. Raises InvalidInput."""
    shown = url[:200]
    try:
        parts = urlsplit(url)
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError as error:
        raise InvalidInput(f"{shown!r} is not a URL.", hint="Write https://host/path.") from error
    if parts.scheme not in _PORTS or not host or len(url) > LONGEST or any(char <= " " for char in url):
        raise InvalidInput(f"{shown!r} is not a URL that can be fetched.", hint="Write https://host/path.")
    if parts.username is not None or parts.password is not None:
        raise InvalidInput("The URL holds a name or password.", hint="Use one that needs none, or upload the file.")
    usual = port in (None, _PORTS[parts.scheme])
    if not any(_allows(entry.lower(), host, f"{host}:{port}", usual=usual) for entry in rules.allow):
        named = host if usual else f"{host}:{port}"
        raise InvalidInput(
            f"Documents of {named} are not fetched: it is not on the list of allowed hosts.",
            hint=f'An operator can allow it: NEOLIGHT_URL_ALLOW=["{named}"].',
        )
    return parts


def _allows(entry: str, host: str, named: str, *, usual: bool) -> bool:
    """Whether an entry of the list stands for a host."""
    if not usual:
        return entry == named
    return entry in ("*", host) or (entry.startswith("*.") and host.endswith(entry[1:]))


def _host(raw: str) -> str:
    """A host's name in ASCII and small letters, without the point of the root."""
    name = raw.rstrip(".").lower()
    return name if name.isascii() else name.encode("idna").decode("ascii")


def _addresses(host: str, port: int, rules: UrlRules) -> list[str]:
    """The addresses of a host, all of them permitted: they are looked up once, and what is checked is connected to."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceUnavailable(f"The host {host} is not known.", hint="Check the URL and the network.") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(rules.permitted(ipaddress.ip_address(one.partition("%")[0])) for one in addresses):
        raise InvalidInput(
            f"{host} is at an address that is private or not of the open internet.", hint="Upload the file instead."
        )
    return addresses


class _Connection(HTTPConnection):
    """A connection to an address that has been checked, whatever its host's name means by now."""

    def __init__(self, parts: SplitResult, addresses: list[str], rules: UrlRules) -> None:
        port = parts.port or _PORTS[parts.scheme]
        super().__init__(_host(parts.hostname or ""), port, timeout=rules.seconds)
        self.default_port = _PORTS[parts.scheme]  # of the header `Host`
        self.addresses, self.rules, self.secure = addresses, rules, parts.scheme == "https"
        self.line: socket.socket | None = None  # `sock` is dropped as soon as a reply is the last one

    def connect(self) -> None:
        """Connect to the first of the addresses that answers."""
        for left, address in enumerate(self.addresses, 1 - len(self.addresses)):
            try:
                self.sock = self.line = socket.create_connection((address, self.port), self.timeout)
                break
            except OSError:
                if not left:
                    raise
        if self.secure:
            self.sock = self.line = self.rules.context.wrap_socket(self.sock, server_hostname=self.host)

    def end(self) -> None:
        """End the connection now, also while another thread waits for it."""
        if self.line:
            with suppress(OSError):
                self.line.shutdown(socket.SHUT_RDWR)


@contextmanager
def _answer(parts: SplitResult, rules: UrlRules, until: float) -> Generator[HTTPResponse]:
    """Ask for a URL; the connection ends with the block, or when the time is over."""
    url = parts.geturl()
    connection = _Connection(parts, _addresses(_host(parts.hostname or ""), parts.port or 0, rules), rules)
    over = threading.Event()

    def end() -> None:
        over.set()
        connection.end()

    timer = threading.Timer(max(0.0, until - time.monotonic()), end)
    timer.daemon = True
    timer.start()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with closing(connection):
            connection.request("GET", path, headers={"User-Agent": "Neolight", "Accept-Encoding": "identity"})
            with closing(connection.getresponse()) as answer:
                yield answer
            if over.is_set():
                raise _late(url, rules)
    except (OSError, HTTPException, UnicodeError) as error:
        if over.is_set() or isinstance(error, TimeoutError):
            raise _late(url, rules) from error
        raise SourceUnavailable(f"{url} cannot be fetched: {error}.", hint="Open it in a browser.") from error
    finally:
        timer.cancel()
        if connection.line:
            connection.line.close()


def _body(answer: HTTPResponse, rules: UrlRules, url: str) -> bytes:
    """What was sent, unpacked, up to the limit. Raises InvalidInput for more."""
    most = rules.max_mb << 20
    coding = (answer.headers.get("Content-Encoding") or "identity").lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        raise SourceUnavailable(f"{url} is sent in the coding {coding[:40]}.", hint="Download and upload it.")
    unpack = None if coding == "identity" else zlib.decompressobj(31)
    parts: list[bytes] = []
    size = 0
    try:
        while piece := answer.read(_PIECE):
            part = unpack.decompress(piece, most + 1 - size) if unpack else piece
            parts.append(part)
            size += len(part)
            if size > most:
                raise InvalidInput(
                    f"{url} has more than {rules.max_mb} MB.", hint="Split it, or raise NEOLIGHT_MAX_UPLOAD_MB."
                )
    except zlib.error as error:
        raise SourceUnavailable(f"{url} is sent damaged.", hint="Try again, or download and upload it.") from error
    if answer.length or (unpack and not unpack.eof):  # http.client does not mind an early end
        raise SourceUnavailable(f"{url} is sent damaged.", hint="Try again, or download and upload it.")
    return b"".join(parts)


def _name(parts: SplitResult, kind: str) -> str:
    """The source that a document is known by: host, path and query, with an extension of its kind."""
    path = unquote(parts.path).strip("/").replace("..", "") or "index"
    query = f"?{parts.query}" if parts.query else ""
    guessed = _TYPES.guess_type(path)[0] or ""
    extension = _EXTENSIONS.get(kind) or _TYPES.guess_extension(kind) or ""
    if kind not in _VAGUE and guessed != kind and not path.lower().endswith(extension):
        return f"{parts.netloc}/{path}{query}{extension}"
    suffix = path.rpartition("/")[2].rpartition(".")[2] if "." in path.rpartition("/")[2] else ""
    tail = f".{suffix}" if query and suffix else "" if suffix else extension
    return f"{parts.netloc}/{path}{query}{tail}"


def _unicode(data: bytes, kind: str, charset: str | None) -> bytes:
    """A text as UTF-8 with its mark where the server says how it is encoded, so that no reader has to guess."""
    if not charset or not kind.startswith("text/") or charset in ("utf-8", "utf8", "iso-8859-1", "us-ascii"):
        return data
    try:
        return data.decode(charset).encode("utf-8-sig")
    except (LookupError, UnicodeError):
        return data


def _late(url: str, rules: UrlRules) -> SourceUnavailable:
    return SourceUnavailable(f"{url} takes longer than {rules.seconds:.0f} s.", hint="Try again, or upload the file.")
