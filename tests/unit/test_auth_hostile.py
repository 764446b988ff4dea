"""Hostile input at the door, fifty or more of a kind and none gets through; each kind has a control that does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import bcrypt
import jwt
import pytest
from argon2 import PasswordHasher

from hostile import control, tried
from neolight.auth import passwords
from neolight.auth.guard import Credentials, Guard, Options
from neolight.auth.passwords import Checker, Scheme
from neolight.errors import InvalidInput, Unauthenticated
from neolight.sources import source_name, workspace_name

SECRET = "0123456789abcdef-0123456789abcdef"


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Guard:
    stored = bcrypt.hashpw(b"right", bcrypt.gensalt(4)).decode()
    accounts = json.dumps([{"name": name, "password": stored, "role": "admin"} for name in ("ada", "bob")])
    path = tmp_path_factory.mktemp("guard")
    return Guard(Options(path, "default", accounts=accounts, token_secret=SECRET))


@pytest.fixture(scope="module")
def claims(guard: Guard) -> dict[str, Any]:
    token = guard.tokens.issue(guard._accounts["ada"])  # pyright: ignore[reportPrivateUsage]
    return jwt.decode(token, SECRET, algorithms=["HS256"], issuer="neolight")


def b64(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def forged(header: dict[str, Any], claims: dict[str, Any], key: bytes | None = SECRET.encode()) -> str:
    """A token by hand, signed with HMAC-SHA256 whatever its header says; without a key it has no signature."""
    body = f"{b64(header)}.{b64(claims)}"
    return f"{body}.{b64(hmac.new(key, body.encode(), hashlib.sha256).digest()) if key is not None else ''}"


def hostile_tokens(claims: dict[str, Any]) -> dict[str, str]:
    now = int(time.time())
    good = {"alg": "HS256", "typ": "JWT"}
    found: dict[str, str] = {}
    for alg in (
        "none",
        "None",
        "NONE",
        "nOnE",
        "",
        "HS1",
        "RS256",
        "ES256",
        "PS256",
        "EdDSA",
        "HS256 ",
        "hs256",
        "null",
    ):
        found[f"alg {alg!r} without a signature"] = forged({"alg": alg, "typ": "JWT"}, claims, None)
        found[f"alg {alg!r} signed"] = forged({"alg": alg, "typ": "JWT"}, claims)
    for alg in (None, 1, [], {}, ["HS256"], True):
        found[f"alg is {alg!r}"] = forged({"alg": alg, "typ": "JWT"}, claims)
    found["no alg"] = forged({"typ": "JWT"}, claims)
    for alg in ("HS384", "HS512"):
        found[f"really {alg}"] = jwt.encode(claims, SECRET.ljust(64, "x"), algorithm=alg)
        real = hashlib.sha384 if alg == "HS384" else hashlib.sha512
        body = f"{b64({'alg': alg, 'typ': 'JWT'})}.{b64(claims)}"
        found[f"{alg} with the right key"] = f"{body}.{b64(hmac.new(SECRET.encode(), body.encode(), real).digest())}"
    for key in ("", "secret", "neolight", "lightrag-jwt-default-secret", SECRET[::-1], SECRET[:-1], "a" * 64):
        found[f"signed with {key!r}"] = forged(good, claims, key.encode())
    for kid in ("../../dev/null", "/dev/null", "' UNION SELECT 'x' --", "http://evil.example/key", "", "\0", "0"):
        found[f"kid {kid!r}"] = forged(good | {"kid": kid}, claims, b"")
        found[f"kid {kid!r} as the key"] = forged(good | {"kid": kid}, claims, kid.encode())
    jwk = {"kty": "oct", "k": b64(b"mine")}
    found["jwk in the header"] = forged(good | {"jwk": jwk}, claims, b"mine")
    found["jku in the header"] = forged(good | {"jku": "http://evil.example/jwks.json"}, claims, b"mine")
    found["x5u in the header"] = forged(good | {"x5u": "http://evil.example/cert.pem"}, claims, b"mine")
    found["unknown crit"] = forged(good | {"crit": ["exp2"], "exp2": 1}, claims)
    for name, changed in {
        "expired": {"exp": now - 1},
        "expired long ago": {"exp": 0},
        "expires before it begins": {"exp": -1},
        "issued in the future": {"iat": now + 3600},
        "not yet": {"nbf": now + 3600},
        "exp no number": {"exp": "later"},
        "exp is null": {"exp": None},
        "exp is a list": {"exp": [now + 60]},
        "other issuer": {"iss": "lightrag"},
        "issuer is a list": {"iss": ["neolight"]},
        "no such account": {"sub": "root"},
        "account is null": {"sub": None},
        "account is a list": {"sub": ["ada"]},
        "account with a space": {"sub": "ada "},
        "account in capitals": {"sub": "ADA"},
        "other password": {"pwd": "0" * 16},
        "password is null": {"pwd": None},
        "password is a prefix": {"pwd": str(claims["pwd"])[:8]},
        "password not ASCII": {"pwd": "ü" * 16},
        "auth_time no number": {"auth_time": "now"},
        "guest": {"role": "guest"},
        "infinite": {"exp": float("inf")},
    }.items():
        found[name] = forged(good, claims | changed)
    for name in ("exp", "iss", "sub", "iat", "role", "auth_time", "pwd"):
        found[f"without {name}"] = forged(good, {key: value for key, value in claims.items() if key != name})
    whole = forged(good, claims)
    head, body, signature = whole.split(".")
    found |= {
        "signature cut": whole[:-2],
        "signature removed": f"{head}.{body}.",
        "two parts": f"{head}.{body}",
        "four parts": f"{whole}.x",
        "signature of nothing": f"{head}.{body}.{b64(b'')}",
        "parts swapped": f"{body}.{head}.{signature}",
        "body changed": f"{head}.{b64(claims | {'sub': 'bob'})}.{signature}",
        "no JSON": f"{b64(b'x')}.{b64(b'y')}.{signature}",
        "empty": "..",
        "spaces": f"{head} .{body}.{signature}",
        "a list": f"{head}.{b64([1])}.{signature}",
        "deep": f"{head}.{b64(b'[' * 2000)}.{signature}",
        "long": whole + "A" * 10_000,
        "not ASCII": whole + "ü",
        "null byte": whole + "\0",
        "a JWE": "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..x.y.z",
    }
    return found


def test_no_forged_token_is_let_in(guard: Guard, claims: dict[str, Any]) -> None:
    tokens = hostile_tokens(claims)
    assert len(tokens) >= 50
    through: list[str] = []
    for name, token in tokens.items():
        try:
            guard.identify(Credentials.of(f"Bearer {token}", None))
            through.append(name)
        except Unauthenticated:
            pass
    assert through == []
    tried("JWT: none, expired, wrong key, other algorithm", len(tokens))


def test_control_the_same_forger_with_the_right_key_is_let_in(guard: Guard, claims: dict[str, Any]) -> None:
    for header in ({"alg": "HS256", "typ": "JWT"}, {"alg": "HS256", "typ": "JWT", "kid": "../../dev/null"}):
        assert guard.identify(Credentials(bearer=forged(header, claims))).principal.name == "ada"
        control("JWT: none, expired, wrong key, other algorithm")


# --- How long a login takes says nothing: the work is counted, not the time


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Hashes that are verified, by scheme and cost."""
    counted: Counter[str] = Counter()
    real = passwords.verified

    def verified(scheme: Scheme, stored: str, password: str) -> bool:
        counted[stored.rpartition("$")[0] if scheme is Scheme.ARGON2 else stored[:7]] += 1
        return real(scheme, stored, password)

    monkeypatch.setattr(passwords, "verified", verified)
    return counted


STRANGERS = [
    *(
        "root",
        "admin",
        "ADA",
        "ada ",
        " ada",
        "ad",
        "adaa",
        "",
        "\0",
        "ada\0",
        "ada\n",
        "$argon2id$",
        "*",
        "ada'--",
        "ádá",
    ),
    *(f"user-{at}" for at in range(40)),
    "x" * 256,
]


def test_a_login_does_the_same_work_for_everybody(work: Counter[str]) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    stored = {"ada": cheap.hash("right"), "bob": bcrypt.hashpw(b"right", bcrypt.gensalt(4)).decode()}
    checker = Checker(stored)
    seen: set[tuple[int, int]] = set()
    logins = [
        *itertools.product(STRANGERS, ["right"]),
        ("ada", "wrong"),
        ("bob", "wrong"),
        ("ada", ""),
        ("bob", "x" * 2000),
    ]
    assert len(logins) >= 50
    for name, password in [*logins, ("ada", "right"), ("bob", "right")]:
        work.clear()
        assert checker.check(name, password) is ((name, password) in (("ada", "right"), ("bob", "right")))
        argon2 = sum(count for stored_, count in work.items() if stored_.startswith("$argon2"))
        seen.add((argon2, sum(work.values()) - argon2))
        costs = {stored_.split("$")[3] for stored_ in work if stored_.startswith("$argon2")}
        assert costs == {"m=8,t=1,p=1"}
    assert seen == {(1, 1)}
    tried("timing of login", len(logins))


def test_control_the_count_sees_a_check_that_is_skipped(work: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    checker = Checker({"ada": cheap.hash("right")})
    monkeypatch.setattr(checker, "_nobody", {})
    assert not checker.check("stranger", "x")
    assert sum(work.values()) == 0
    control("timing of login")


# --- Names


def test_no_workspace_name_smuggles_anything_in() -> None:
    breaks = ("\r\n", "\n", "\r", "\0", "\t", " ", "\u2028", "\u0085", "%0d%0a", "\x0b")
    payloads = ("X-Admin: 1", "Set-Cookie: a=b", "default", "", "a")
    hostile = [f"good{end}{payload}" for end in breaks for payload in payloads]
    hostile += [
        "",
        ".",
        "..",
        "../default",
        "/etc",
        "a/b",
        "a\\b",
        "a:b",
        "a`b",
        "a'b",
        'a"b',
        "a;b",
        "a$b",
        "{a}",
        "a*",
        "a?",
    ]
    hostile += [
        "-a",
        "_a",
        ".a",
        "a" * 65,
        "ä",
        "а",
        "ａ",
        "a\u200b",
        "a\u202eb",
        "a,b",
        "a=b",
        "a&b",
        "a|b",
        "a@b",
        "a#b",
        "(a)",
    ]
    assert len(hostile) >= 50
    for name in hostile:
        with pytest.raises(InvalidInput):
            workspace_name(name)
    assert workspace_name("Good.name_1-a") == "Good.name_1-a", "the control"


def test_no_name_of_a_document_leaves_its_folder(tmp_path: Path) -> None:
    ups = ("../", "..\\", "./../", "a/../../", "a\\..\\..\\", "/../", "//../", "..//", ".. /", "\u200b../", "..\0/")
    targets = ("etc/passwd", "x", "../x", "a/b", "..")
    hostile = [up + target for up in ups for target in targets]
    hostile += ["..", "../", "a/..", "a/../b", "", " ", "/", "\\", ".", "./", "\0", "\u202e", "x" * 513, "a/" * 300]
    assert len(hostile) >= 50
    through: list[str] = []
    for name in hostile:
        try:
            taken = source_name(name)
        except InvalidInput:
            continue
        if not (tmp_path / taken).resolve().is_relative_to(tmp_path) or ".." in taken.split("/"):
            through.append(name)
    assert through == []
    tried("path traversal", len(hostile))
    climbing = tmp_path / "../x"
    assert not climbing.resolve().is_relative_to(tmp_path), "the control: the check sees a path that climbs"
    for name, kept in (("/etc/passwd", "etc/passwd"), ("C:/x", "C:/x"), ("a%2e%2e/b", "a%2e%2e/b"), ("...", "...")):
        assert source_name(name) == kept
        control("path traversal")
