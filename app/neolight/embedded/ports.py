"""Chooses ports on the loopback address, and asks whether a Bolt server answers on one."""

from __future__ import annotations

import contextlib
import errno
import socket
import sys

from neolight.embedded.layout import HOST

BOLT_PORT = 7687
HTTP_PORT = 7474
_HANDSHAKE = bytes.fromhex("6060b017") + bytes.fromhex("00080805 00000004 00000000 00000000")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    if _connects(port):
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":  # as Java does: a port whose last connections are still closing counts as free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def choose(wanted: int | None, *, avoid: tuple[int, ...] = ()) -> int:
    """The wanted port if it is free, else one that the system gives."""
    if wanted and wanted not in avoid and is_free(wanted):
        return wanted
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind((HOST, 0))
            port = int(probe.getsockname()[1])
        if port not in avoid:
            return port


def answers_bolt(port: int, timeout: float = 2.0) -> bool:
    """Whether a Bolt server on this port agrees on a version of the protocol."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout) as connection:
        connection.settimeout(timeout)
        connection.sendall(_HANDSHAKE)
        return any(connection.recv(4))
    return False


def _connects(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), 0.2):
        return True
    return False
