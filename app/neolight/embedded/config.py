"""Writes what the server is started with: neo4j.conf and the arguments of the Java virtual machine."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import psutil

from neolight.embedded.jars import ClassPath
from neolight.embedded.layout import HOST, Home, ServerOptions

_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_JVM_FLAGS = (
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-XX:+UseG1GC",
    "-XX:-OmitStackTraceInFastThrow",
    "-XX:+ExitOnOutOfMemoryError",
    # The optimizing compiler waits ten times longer than usual: a freshly started server is kept busy by compiling its
    # query planner (55 s of CPU while 1,890 documents were indexed; 31 s with these), and hot loops pass them anyway.
    "-XX:Tier4InvocationThreshold=50000",
    "-XX:Tier4MinInvocationThreshold=6000",
    "-XX:Tier4CompileThreshold=150000",
    "-XX:Tier4BackEdgeThreshold=400000",
    "-Dfile.encoding=UTF-8",
    "-Djava.awt.headless=true",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
)


def machine_memory_mb() -> int:
    """The memory of the machine, or of the container where that has less."""
    total = psutil.virtual_memory().total
    with contextlib.suppress(OSError, ValueError):  # no container, or one without a limit
        total = min(total, int(_CGROUP_LIMIT.read_text("ascii")))
    return total >> 20


def heap_mb(total_mb: int) -> int:
    """The Java heap for a machine: an eighth of its memory, from 512 MB to 4 GB."""
    return min(max(512, total_mb // 8), 4096)


def page_cache_mb(total_mb: int) -> int:
    """The page cache for a machine: an eighth of its memory, from 128 MB to 4 GB."""
    return min(max(128, total_mb // 8), 4096)


def conf_text(home: Home, version: str, ports: tuple[int, int], options: ServerOptions) -> str:
    """The text of neo4j.conf for a Bolt port and an HTTP port."""
    bolt, http = ports
    cache = options.page_cache_mb or page_cache_mb(machine_memory_mb())
    lines = (
        f"# Neo4j {version}",
        "# Written by neolight at every start: changes here are lost.",
        f"server.directories.data={home.data.as_posix()}",
        f"server.directories.logs={home.logs.as_posix()}",
        f"server.directories.run={home.run.as_posix()}",
        f"server.default_listen_address={HOST}",
        "server.bolt.enabled=true",
        f"server.bolt.listen_address={HOST}:{bolt}",
        f"server.bolt.advertised_address={HOST}:{bolt}",
        "server.http.enabled=true",
        f"server.http.listen_address={HOST}:{http}",
        f"server.http.advertised_address={HOST}:{http}",
        "server.https.enabled=false",
        "dbms.security.auth_enabled=true",
        "dbms.usage_report.enabled=false",
        "client.allow_telemetry=false",
        "dbms.fleet_manager.enabled=false",
        "server.fleet_discovery.enabled=false",
        "server.http.x_forward.enabled=false",
        "db.logs.query.enabled=INFO",
        "db.logs.query.threshold=5s",
        "db.logs.query.parameter_logging_enabled=false",
        f"server.memory.pagecache.size={cache}m",
        "db.tx_log.preallocate=false",
        "db.tx_log.rotation.size=64m",
        "db.tx_log.rotation.retention_policy=1 days 256M",
        # One plan for a query, not one for each order of magnitude of its parameters' lengths, nor a new one each time
        # that a graph, which starts empty, has grown fourfold: a quarter of the work of indexing was planning.
        "internal.cypher.use_parameter_size=false",
        "dbms.cypher.statistics_divergence_threshold=0.95",
        # Without this, a server that nobody is connected to takes ten seconds to stop.
        "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration=0s",
    )
    return "\n".join(lines) + "\n"


def java_arguments(class_path: ClassPath, options: ServerOptions, flags: tuple[str, ...] = ()) -> str:
    """The argument file of the server's Java: memory, flags (and more of them) and class path."""
    heap = options.heap_mb or heap_mb(machine_memory_mb())
    jars = os.pathsep.join(str(jar) for jar in class_path.jars)
    arguments = (f"-Xms{min(heap, 512)}m", f"-Xmx{heap}m", *_JVM_FLAGS, *options.jvm_flags, *flags, "-cp", jars)
    return "".join(f"{_quoted(argument)}\n" for argument in arguments)


def admin_arguments(class_path: ClassPath) -> str:
    """The argument file of an administration command's Java, which needs little."""
    jars = os.pathsep.join(str(jar) for jar in class_path.jars)
    flags = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *_JVM_FLAGS[:5], "-cp", jars)
    return "".join(f"{_quoted(argument)}\n" for argument in flags)


def _quoted(argument: str) -> str:
    return '"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"'
