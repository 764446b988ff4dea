"""A process that reads files for another one: requests come on its standard input, replies go to its standard output.

A frame is 8 bytes of length, big-endian, and so many bytes. A request is two frames: a name with limits as JSON, and
the file. A reply is one frame of JSON: `document`, `error` for a file that cannot be read, or `bug`.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any, BinaryIO

import orjson

from neolight.errors import UnreadableDocument
from neolight.ingest import readers

LENGTH = 8


def main() -> None:
    """Answers requests until the standard input ends, which it does with the process that sends them."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "r+b") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
        os.dup2(nothing.fileno(), 1)  # a library that prints would garble a reply
    while (head := _frame(requests)) is not None:
        request = orjson.loads(head)
        _limit(request)
        data = _frame(requests) or b""
        reply = orjson.dumps(answer(request, data))
        del data
        replies.write(len(reply).to_bytes(LENGTH, "big") + reply)
        replies.flush()


def answer(request: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Read a file, and say as a reply what became of it."""
    try:
        return {"document": readers.read(request["name"], data, parser=request["parser"])}
    except UnreadableDocument as error:
        return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
    except MemoryError:
        message = f"{request['name']} needs more than {request['memory_mb']:,} MB of memory to be read."
        hint = "Split it, or raise NEOLIGHT_READER_MEMORY_MB."
        return {"error": {"code": UnreadableDocument.code, "message": message, "hint": hint}}
    except Exception as error:  # noqa: BLE001
        return {"bug": type(error).__name__, "traceback": traceback.format_exc()}


def _frame(stream: BinaryIO) -> bytes | None:
    """The next frame, or None at the end."""
    head = stream.read(LENGTH)
    return stream.read(int.from_bytes(head, "big")) if len(head) == LENGTH else None


def _limit(request: dict[str, Any]) -> None:
    """Hold this process to its limits, where the system has such: memory, processor time, and no files written."""
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415  (Windows lacks it)

    if not _limit_set:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
            used = int(statm.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + (request["memory_mb"] << 20),) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if request["parser"] == "builtin":
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        _limit_set.append(True)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(usage.ru_utime + usage.ru_stime + request["seconds"]) + 5  # for one that nobody waits for any more
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


_limit_set: list[bool] = []
