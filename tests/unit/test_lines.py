"""JSON in lines is read alike by who splits bytes and by who splits text."""

from __future__ import annotations

import json

from neolight.rest.lines import line

ENDS = "one\ntwo\rthree\x0bfour\x0cfive\x1csix\x1dseven\x1eeight\x85nine\u2028ten\u2029eleven"


def test_a_row_is_one_line_wherever_its_text_would_end_one() -> None:
    assert len(ENDS.splitlines()) == 11
    told = line({"response": ENDS})
    assert len(told.decode().splitlines()) == told.count(b"\n") == 1
    assert json.loads(told) == {"response": ENDS}
    assert line({"a": "größer 水 \\u2028"}) == '{"a":"größer 水 \\\\u2028"}\n'.encode()
