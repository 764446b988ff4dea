"""Documents from the web: what is allowed, what never is, and what a server may do to the one who fetches."""

# pyright: reportUnknownLambdaType=false, reportDeprecated=false
from __future__ import annotations

import gzip
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hostile import control, tried
from neolight import urls
from neolight.errors import InvalidInput, SourceUnavailable
from neolight.graph.documents import Original
from neolight.urls import UrlRules, fetch, is_public, is_url

Handler = BaseHTTPRequestHandler
Replies = dict[str, Callable[[Handler], None]]


def reply(
    body: bytes = b"", status: int = 200, *, length: int | None = None, **headers: str
) -> Callable[[Handler], None]:
    """A reply with headers, whose names have dashes for underscores."""

    def send(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)

    return send


def slow(handler: Handler) -> None:
    """A body that never ends."""
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(100):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        return


@contextmanager
def serving(replies: Replies) -> Iterator[tuple[str, UrlRules, list[str]]]:
    """A server on this machine: its address, rules that allow it and nothing else, and what it was asked for."""
    asked: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.headers['Host']} {self.path}")
            replies[self.path](self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    name = f"127.0.0.1:{server.server_port}"
    rules = UrlRules(allow=(name,), max_mb=1, seconds=10, permitted=lambda address: address.is_loopback)
    try:
        yield name, rules, asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def fetched(reply_: Callable[[Handler], None], path: str = "/a", **changes: object) -> Original:
    with serving({path: reply_}) as (name, rules, _):
        return await fetch(f"http://{name}{path}", replace(rules, **changes))  # pyright: ignore[reportArgumentType]


async def test_a_page_is_fetched_and_named_by_its_host_and_path() -> None:
    with serving({"/docs/a%20b?x=1": reply(b"<p>Pump</p>", Content_Type="text/html")}) as (name, rules, asked):
        original = await fetch(f"http://{name}/docs/a%20b?x=1", rules)
        assert original.source == f"{name}/docs/a b?x=1.html"
        assert (original.media_type, original.data) == ("text/html", b"<p>Pump</p>")
        assert asked == [f"{name} /docs/a%20b?x=1"]


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("/", "text/html; charset=utf-8", "index.html"),
        ("/a.html", "text/html", "a.html"),
        ("/a.php", "text/html", "a.php.html"),
        ("/manual", "application/pdf", "manual.pdf"),
        ("/manual.pdf", "application/octet-stream", "manual.pdf"),
        ("/code.py", "text/plain", "code.py"),
        ("/notes", "text/plain", "notes.txt"),
        ("/data.json", "application/json", "data.json"),
        ("/get.csv?v=2", "text/csv", "get.csv?v=2.csv"),
        ("/a/%2e%2e/%2e%2e/b.txt", "text/plain", "a/b.txt"),
    ],
)
async def test_the_name_tells_the_kind(path: str, kind: str, name: str) -> None:
    original = await fetched(reply(b"x", Content_Type=kind), path)
    assert original.source.partition("/")[2] == name


async def test_a_text_in_the_encoding_that_its_server_names() -> None:
    text = "größer датчик"
    original = await fetched(reply("датчик".encode("koi8-r"), Content_Type="text/plain; charset=koi8-r"))
    assert original.data.decode("utf-8-sig") == "датчик"
    original = await fetched(reply(gzip.compress(text.encode()), Content_Type="text/plain", Content_Encoding="gzip"))
    assert original.data.decode() == text


ALLOWED = ("docs.example.com", "*.example.org", "example.net:8443")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a",
        "https://docs.example.com.evil.net/a",
        "https://evil-example.org/a",
        "https://example.org/a",
        "https://docs.example.com:8443/a",
        "https://example.net/a",
        "https://docs.example.com@evil.net/a",
        "https://docs.example.com\\@evil.net/a",
        "https://127.0.0.1/a",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]/",
        "https://user:word@docs.example.com/a",
        "https://docs.example.com/a b",
        "https://docs.example.com/\r\nX: 1",
        "https://docs.example.com:99999/",
        "https:///a",
        "file:///etc/passwd",
        "ftp://docs.example.com/a",
        "gopher://docs.example.com/a",
        "https://docs.example.com%00.evil.net/a",
        "https://docs。example。com.evil.net/a",
        "https://[::ffff:127.0.0.1]/a",
        "http://017700000001/",
        "http://127.1/",
        "https://localhost/a",
        "https://metadata.google.internal/",
        "https://169.254.169.254/latest/meta-data",
        "dict://127.0.0.1:11211/stat",
        "jar:https://docs.example.com/a!/",
        "https://docs.example.com/" + "a" * 2100,
    ],
)
async def test_what_is_not_allowed_is_not_even_looked_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("it was looked up"))
    with pytest.raises(InvalidInput) as caught:
        await fetch(url, UrlRules(allow=ALLOWED))
    assert caught.value.hint
    assert "word" not in str(caught.value).replace("password", "")
    tried("SSRF")


@pytest.mark.parametrize(
    "url",
    [
        "https://docs.example.com/a",
        "HTTPS://DOCS.Example.com./a",
        "http://a.b.example.org/",
        "https://example.net:8443/",
    ],
)
async def test_what_is_allowed_is_looked_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def unknown(host: str, *_: object, **__: object) -> None:
        looked.append(host)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(SourceUnavailable, match="is not known"):
        await fetch(url, UrlRules(allow=ALLOWED))
    assert len(looked) == 1
    control("SSRF")


async def test_no_url_is_fetched_unless_a_host_is_allowed() -> None:
    with pytest.raises(InvalidInput, match="not on the list of allowed hosts") as caught:
        await fetch("https://example.com/a", UrlRules())
    assert caught.value.hint == 'An operator can allow it: NEOLIGHT_URL_ALLOW=["example.com"].'


PRIVATE = [
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
    *("255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1", "fec0::1"),
]


@pytest.mark.parametrize("address", PRIVATE)
async def test_no_address_that_is_private_is_connected_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_public(ipaddress.ip_address(address))
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 0))
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [public, (family, socket.SOCK_STREAM, 6, "", (address, 0))]
    )
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("it was connected to"))
    with pytest.raises(InvalidInput, match="at an address that is private"):
        await fetch("https://docs.example.com/a", UrlRules(allow=ALLOWED))
    tried("SSRF")


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"])
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


async def test_the_address_that_was_checked_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that means another address a moment later gains nothing: it is looked up once."""
    with serving({"/a": reply(b"x", Content_Type="text/plain")}) as (name, rules, asked):
        port = name.partition(":")[2]
        answers = iter(["127.0.0.1", "10.0.0.1"])
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 0))]
        )
        connected: list[object] = []

        def connect(address: tuple[str, int], timeout: float) -> socket.socket:
            connected.append(address)
            plain = socket.socket()
            plain.settimeout(timeout)
            plain.connect(address)
            return plain

        monkeypatch.setattr(socket, "create_connection", connect)
        allowed = replace(rules, allow=(f"rebind.example:{port}",))
        assert (await fetch(f"http://rebind.example:{port}/a", allowed)).data == b"x"
        assert connected == [("127.0.0.1", int(port))]
        assert asked == [f"rebind.example:{port} /a"]
        assert next(answers) == "10.0.0.1", "the second look-up never was"


async def test_redirects_are_followed_under_the_same_rules() -> None:
    replies: Replies = {
        "/a": reply(status=302, Location="/b"),
        "/b": reply(status=308, Location="b/c.txt"),
        "/b/c.txt": reply(b"end", Content_Type="text/plain"),
        "/away": reply(status=302, Location="http://169.254.169.254/latest/meta-data/"),
        "/other": reply(status=302, Location="https://example.com/"),
        "/file": reply(status=302, Location="file:///etc/passwd"),
        "/round": reply(status=302, Location="/round"),
    }
    with serving(replies) as (name, rules, asked):
        original = await fetch(f"http://{name}/a", rules)
        assert (original.source, original.data) == (f"{name}/b/c.txt", b"end")
        for path in ("/away", "/other"):
            with pytest.raises(InvalidInput, match="not on the list of allowed hosts"):
                await fetch(f"http://{name}{path}", rules)
        with pytest.raises(InvalidInput, match="is not a URL that can be fetched"):
            await fetch(f"http://{name}/file", rules)
        asked.clear()
        with pytest.raises(InvalidInput, match="leads to more than 5 other addresses"):
            await fetch(f"http://{name}/round", rules)
        assert len(asked) == 6


async def test_what_is_too_large_is_refused_while_it_comes() -> None:
    big = b"x" * ((1 << 20) + 1)
    assert len((await fetched(reply(big[1:], Content_Type="text/plain"))).data) == 1 << 20
    with pytest.raises(InvalidInput, match="has more than 1 MB"):
        await fetched(reply(big, Content_Type="text/plain"))
    bomb = gzip.compress(bytes(50 << 20))
    assert len(bomb) < 100_000
    with pytest.raises(InvalidInput, match="has more than 1 MB") as caught:
        await fetched(reply(bomb, Content_Encoding="gzip"))
    assert caught.value.hint


async def test_a_server_that_is_slow_is_given_up() -> None:
    with pytest.raises(SourceUnavailable, match="takes longer than 0 s"):
        await fetched(slow, seconds=0.4)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (reply(status=404), "answers with status 404"),
        (reply(status=304), "answers with status 304"),
        (reply(b"short", length=50), "is sent damaged"),
        (reply(gzip.compress(b"x" * 999)[:-9], Content_Encoding="gzip"), "is sent damaged"),
        (reply(b"no gzip", Content_Encoding="gzip"), "is sent damaged"),
        (reply(b"x", Content_Encoding="br"), "is sent in the coding br"),
        (lambda handler: handler.wfile.write(b"\x00garbage\r\n\r\n"), "cannot be fetched"),
    ],
)
async def test_what_a_server_does_wrong_is_named(answer: Callable[[Handler], None], message: str) -> None:
    with pytest.raises(SourceUnavailable, match=message) as caught:
        await fetched(answer)
    assert caught.value.hint


async def test_an_empty_document_is_refused() -> None:
    with pytest.raises(InvalidInput, match="is empty"):
        await fetched(reply(b"", Content_Type="text/plain"))


@pytest.mark.parametrize(
    ("text", "yes"), [("https://a", True), ("HTTP://a", True), ("a/b.txt", False), ("C:\\a", False)]
)
def test_urls_and_paths_are_told_apart(text: str, yes: bool) -> None:
    assert is_url(text) == yes
    assert urls.MOST_REDIRECTS == 5
