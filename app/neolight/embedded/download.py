"""Fetches the server's jars into a cache that all checkouts share, each verified by its checksum."""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

import requests
from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext

from neolight.embedded.disk import LEAST_MB, check_room
from neolight.embedded.jars import ClassPath, Jar, read_lock, version_folder
from neolight.embedded.layout import Progress, silent
from neolight.embedded.locks import exclusive
from neolight.embedded.mirrors import mirrored
from neolight.embedded.web import session
from neolight.errors import EmbeddedServerError

THREADS = 8
PAUSES_SECONDS = (1.0, 2.0, 4.0, 0.0)  # after each attempt
WAIT_SECONDS = 1800.0
TIMEOUT_SECONDS = (10, 60)  # to connect, and between two packets
_CREDENTIALS = re.compile(r"//[^/@\s]+@")
_CACHE_HINT = "Set NEOLIGHT_CACHE_DIR to a folder that you can write to."
_HINT = (
    "Run the command again: it goes on where it stopped. Without a network, set NEO4J_URI to a Neo4j that runs, "
    "or NEOLIGHT_NEO4J_HOME to an unpacked Neo4j server."
)
_TRUST_HINT = (
    "Something between this machine and the repository presents a certificate that the system does not trust: install "
    "its issuer's certificate in the system, or name that file in REQUESTS_CA_BUNDLE."
)


class _MismatchError(OSError):
    """The bytes that came are not the jar of the lock file."""


class _AbortedError(OSError):
    """Another thread failed, or the user gave up."""


@dataclass
class _Meter:
    """Adds up what the threads have done, and reports it about five times a second."""

    progress: Progress
    total: int
    done: int = 0
    shown: float = 0.0
    guard: threading.Lock = field(default_factory=threading.Lock)

    def add(self, count: int) -> None:
        with self.guard:
            self.done += count
            now = time.monotonic()
            if now - self.shown >= 0.2 or self.done == self.total:
                self.shown = now
                megabytes = f"{self.done / 1e6:.0f} of {self.total / 1e6:.0f} MB"
                self.progress(f"Downloading Neo4j ({megabytes})", self.done / self.total if self.total else None)


@dataclass(frozen=True)
class _Job:
    """What the threads of one download share."""

    folder: Path
    context: MavenContext
    meter: _Meter
    web: requests.Session
    over: threading.Event = field(default_factory=threading.Event)


def cached_class_path(cache_dir: Path, progress: Progress = silent) -> ClassPath:
    """The class path of the locked version; jars that the cache lacks are fetched first."""
    lock = read_lock()
    folder = version_folder(cache_dir, lock.version)
    lib = folder / "lib"
    if _missing(lock.jars, lib):
        try:
            lib.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EmbeddedServerError(f"The cache directory cannot be used: {error}.", hint=_CACHE_HINT) from error
        check_room(folder, _megabytes(_missing(lock.jars, lib)))
        with exclusive(folder / "download.lock", "downloading Neo4j", WAIT_SECONDS, progress):
            fetch(_missing(lock.jars, lib), lib, progress)
    return ClassPath(lock.version, tuple(lib / jar.filename for jar in lock.jars), folder / "classes")


def fetch(jars: list[Jar], folder: Path, progress: Progress = silent) -> None:
    """Puts jars into a folder, several at a time; a jar has its name there only when it is whole and verified."""
    for remnant in folder.glob("*.part"):
        remnant.unlink(missing_ok=True)
    meter = _Meter(progress, sum(jar.size for jar in jars))
    with session(THREADS) as web, ThreadPoolExecutor(THREADS, thread_name_prefix="neo4j-jars") as pool:
        job = _Job(folder, _context(), meter, web)
        try:
            done, _ = wait([pool.submit(_obtain, jar, job) for jar in jars], return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
        finally:
            job.over.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _megabytes(jars: Iterable[Jar]) -> int:
    return LEAST_MB + (sum(jar.size for jar in jars) >> 20)


def _missing(jars: Iterable[Jar], folder: Path) -> list[Jar]:
    return [jar for jar in jars if not jar.present_in(folder)]


def _context() -> MavenContext:
    # jgo's settings (its own file, M2_REPO) and Maven's mirrors say where artifacts come from.
    settings = GlobalSettings.load()
    repositories = {"central": MAVEN_CENTRAL_URL, **settings.repositories}
    return MavenContext(repo_cache=settings.repo_cache, remote_repos=mirrored(repositories))


def _obtain(jar: Jar, job: _Job) -> None:
    local, urls = _places(jar, job.context)
    if _copied(local, jar, job):
        return
    causes: list[str] = []
    for pause in PAUSES_SECONDS:
        causes = _attempt(jar, urls, job)
        if not causes:
            return
        if job.over.wait(pause):
            break
    raise EmbeddedServerError(f"{jar.coordinate} could not be downloaded ({'; '.join(causes)}).", hint=_hint(causes))


def _attempt(jar: Jar, urls: list[str], job: _Job) -> list[str]:
    """Tries each repository in turn; gives the causes if none had the jar."""
    causes: list[str] = []
    for url in urls:
        try:
            _keep(_stream(url, job), jar, job)
        except OSError as error:  # what `requests` raises is an OSError too
            causes.append(_CREDENTIALS.sub("//", f"{url}: {error}"))
        else:
            return []
    return causes


def _hint(causes: list[str]) -> str:
    untrusted = any("CERTIFICATE_VERIFY_FAILED" in cause for cause in causes)
    return f"{_TRUST_HINT} {_HINT}" if untrusted else _HINT


def _places(jar: Jar, context: MavenContext) -> tuple[Path, list[str]]:
    group, name, version, classifier = jar.parts
    artifact = context.project(group, name).at_version(version).artifact(classifier, "jar")
    prefix = artifact.component.path_prefix
    urls = [f"{base.rstrip('/')}/{prefix.as_posix()}/{artifact.filename}" for base in context.remote_repos.values()]
    return context.repo_cache / prefix / artifact.filename, urls


def _stream(url: str, job: _Job) -> Iterator[bytes]:
    with job.web.get(url, stream=True, timeout=TIMEOUT_SECONDS) as response:
        response.raise_for_status()
        for chunk in response.iter_content(1 << 16):
            if job.over.is_set():
                raise _AbortedError("the download was given up")
            yield chunk


def _copied(local: Path, jar: Jar, job: _Job) -> bool:
    """Takes the jar from the Maven repository of this user, if it is there and is the right one."""
    try:
        if local.stat().st_size != jar.size:
            return False
        _keep([local.read_bytes()], jar, job)
    except OSError:
        return False
    return True


def _keep(chunks: Iterable[bytes], jar: Jar, job: _Job) -> None:
    """Writes a jar under a passing name, and gives it its own once its sum is right."""
    part = job.folder / f"{jar.filename}.{os.getpid()}.part"
    digest, size = hashlib.sha256(), 0
    try:
        with part.open("wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
                size += len(chunk)
                job.meter.add(len(chunk))
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() != jar.sha256:
            raise _MismatchError(f"its SHA-256 sum is {digest.hexdigest()} where {jar.sha256} was expected")
        part.replace(job.folder / jar.filename)
    except BaseException:
        job.meter.add(-size)
        raise
    finally:
        part.unlink(missing_ok=True)
