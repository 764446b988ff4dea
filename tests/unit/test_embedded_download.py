"""The download of the jars, from a Maven repository on this machine that fails in the ways that networks do."""

from __future__ import annotations

import hashlib
import shutil
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from neolight.embedded import download
from neolight.embedded.download import fetch
from neolight.embedded.jars import Jar
from neolight.errors import EmbeddedServerError


@dataclass
class Repository:
    """What the server has, what it was asked for, and how it misbehaves."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    truncate: int = 0
    refuse: int = 0
    stall: bool = False
    url: str = ""
    server: ThreadingHTTPServer | None = None

    def encrypt(self, certificate: Path, key: Path) -> None:
        assert self.server
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = self.url.replace("http:", "https:")

    def add(self, name: str, content: bytes) -> Jar:
        self.files[f"/org/x/{name}/1/{name}-1.jar"] = content
        return Jar(f"org.x:{name}:1", hashlib.sha256(content).hexdigest(), len(content))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    known = Repository()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append(self.path)
            content = known.files.get(self.path)
            if content is None or known.refuse > 0:
                known.refuse -= 1
                self.send_error(503 if content else 404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if known.stall:
                self.wfile.write(content[: len(content) // 2])
                self.wfile.flush()
                time.sleep(5)
            elif known.truncate > 0:
                known.truncate -= 1
                self.wfile.write(content[: len(content) // 2])
            else:
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        known.server = server
        known.url = f"http://127.0.0.1:{server.server_address[1]}"
        settings = tmp_path / "jgo.conf"
        settings.write_text(f"[repositories]\ncentral = {known.url}\n", "utf-8")
        monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
        monkeypatch.setenv("M2_REPO", str(tmp_path / "m2"))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(download, "PAUSES_SECONDS", (0.01, 0.01, 0.0))
        yield known
        server.shutdown()


@pytest.fixture
def lib(tmp_path: Path) -> Path:
    folder = tmp_path / "lib"
    folder.mkdir()
    return folder


def test_jars_are_fetched_verified_and_reported(repository: Repository, lib: Path) -> None:
    jars = [repository.add(f"jar{number}", bytes([number]) * 100_000) for number in range(12)]
    told: list[tuple[str, float | None]] = []
    fetch(jars, lib, lambda message, fraction: told.append((message, fraction)))
    assert sorted(path.name for path in lib.iterdir()) == sorted(jar.filename for jar in jars)
    assert all(jar.present_in(lib) for jar in jars)
    assert told[-1] == ("Downloading Neo4j (1 of 1 MB)", 1.0)


def test_a_cut_connection_is_tried_again(repository: Repository, lib: Path) -> None:
    jar = repository.add("cut", b"x" * 200_000)
    repository.truncate, repository.refuse = 1, 1
    fetch([jar], lib)
    assert jar.present_in(lib)
    assert len(repository.asked) == 3


def test_a_certificate_that_the_system_trusts_is_trusted(
    repository: Repository, lib: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a company's proxy, which signs with a certificate of its own."""
    if not shutil.which("openssl") or sys.platform != "linux":
        pytest.skip("needs openssl, and a system whose certificates a variable can name")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*command.split(), "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    jar = repository.add("secret", b"secret")
    repository.encrypt(certificate, key)
    (tmp_path / "jgo.conf").write_text(f"[repositories]\ncentral = {repository.url}\n", "utf-8")
    with pytest.raises(EmbeddedServerError, match="certificate that the system does not trust"):
        fetch([jar], lib)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    fetch([jar], lib)
    assert jar.present_in(lib)


def test_bytes_with_a_wrong_sum_are_never_kept(repository: Repository, lib: Path) -> None:
    good = repository.add("good", b"good")
    bad = repository.add("bad", b"right")
    repository.files["/org/x/bad/1/bad-1.jar"] = b"wrong"
    with pytest.raises(EmbeddedServerError, match=r"org\.x:bad:1 could not be downloaded .*SHA-256") as error:
        fetch([good, bad], lib)
    assert "NEO4J_URI" in str(error.value)
    assert "NEOLIGHT_NEO4J_HOME" in str(error.value)
    assert not bad.present_in(lib)
    assert [path for path in lib.iterdir() if path.suffix == ".part"] == []


def test_an_unreachable_repository_names_the_artifact_without_its_password(
    repository: Repository, lib: Path, tmp_path: Path
) -> None:
    jar = repository.add("far", b"far")
    (tmp_path / "jgo.conf").write_text("[repositories]\ncentral = http://me:secret@127.0.0.1:9\n", "utf-8")
    with pytest.raises(EmbeddedServerError, match=r"org\.x:far:1") as error:
        fetch([jar], lib)
    assert "secret" not in str(error.value)


def test_a_jar_that_maven_has_is_copied_only_when_it_is_the_right_one(
    repository: Repository, lib: Path, tmp_path: Path
) -> None:
    jars = [repository.add("same", b"same"), repository.add("other", b"other")]
    for jar, content in zip(jars, (b"same", b"OTHER"), strict=True):
        local = tmp_path / "m2" / "org" / "x" / jar.parts[1] / "1" / jar.filename
        local.parent.mkdir(parents=True)
        local.write_bytes(content)
    fetch(jars, lib)
    assert repository.asked == ["/org/x/other/1/other-1.jar"]
    assert (lib / "other-1.jar").read_bytes() == b"other"


def test_a_kill_leaves_whole_jars_and_no_half_ones(repository: Repository, lib: Path) -> None:
    done = repository.add("done", b"done")
    fetch([done], lib)
    half = repository.add("half", b"h" * 400_000)
    repository.stall = True
    script = (
        "import sys; from pathlib import Path; from neolight.embedded.download import fetch;"
        "from neolight.embedded.jars import Jar;"
        f"fetch([Jar({half.coordinate!r}, {half.sha256!r}, {half.size})], Path(sys.argv[1]))"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(lib)]) as child:
        deadline = time.monotonic() + 20
        while not any(path.stat().st_size for path in lib.glob("*.part")) and time.monotonic() < deadline:
            time.sleep(0.02)
        child.kill()
    assert list(lib.glob("*.part"))
    assert done.present_in(lib)
    assert not half.present_in(lib)
    repository.stall = False
    repository.asked.clear()
    fetch([jar for jar in (done, half) if not jar.present_in(lib)], lib)
    assert repository.asked == ["/org/x/half/1/half-1.jar"]
    assert half.present_in(lib)
    assert not list(lib.glob("*.part"))
