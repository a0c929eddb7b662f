#!/usr/bin/env python3
"""Writes Schemas/resources/ticket-vectors.json with Python's `cryptography`, without a line of our Swift code.

Ed25519 is deterministic, so our signer must give the very token that stands there. Run it again only when the
format changes:  python3 Tests/Peers/make_ticket_vectors.py > Schemas/resources/ticket-vectors.json
"""

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SEED = hashlib.sha256(b"guichet ticket vectors, key 1").digest()
OTHER_SEED = hashlib.sha256(b"guichet ticket vectors, key 2").digest()


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def jwk(key):
    x = b64(key.public_key().public_bytes_raw())
    members = compact({"crv": "Ed25519", "kty": "OKP", "x": x})
    kid = b64(hashlib.sha256(members).digest())
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "use": "sig", "alg": "EdDSA"}


KEY = Ed25519PrivateKey.from_private_bytes(SEED)
OTHER = Ed25519PrivateKey.from_private_bytes(OTHER_SEED)
JWK = jwk(KEY)
HEADER = {"alg": "EdDSA", "typ": "ticket+jwt", "kid": JWK["kid"]}
CLAIMS = {
    "iss": "https://ledger.example",
    "aud": "rooms.example",
    "sub": "holder_01kjh3b9m0e8tq6v4x2z7n5r1c",
    "jti": "ticket_01kjh3b9m1f9vr7w5y3a8p6s2d",
    "room": "room_01kjh3b9m2g0ws8x6z4b9q7t3e",
    "role": "listener",
    "nbf": 1772395200,
    "exp": 1772398800,
    "iat": 1772308800,
    "policy": "guichet-2026/1",
}
HOST_CLAIMS = CLAIMS | {
    "sub": "host_01kjh3b9m3h1xt9y7a5c0r8v4f",
    "role": "host",
    "cnf": {"jkt": b64(hashlib.sha256(b"a key of the holder's browser").digest())},
}


def sign(header, payload, key=KEY):
    header = header if isinstance(header, bytes) else compact(header)
    payload = payload if isinstance(payload, bytes) else compact(payload)
    signed = f"{b64(header)}.{b64(payload)}"
    return f"{signed}.{b64(key.sign(signed.encode()))}"


def with_mac(alg, digest):
    """The classical confusion: the public key, known to everybody, used as a secret."""
    secret = base64.urlsafe_b64decode(JWK["x"] + "=")
    signed = f"{b64(compact(HEADER | {'alg': alg}))}.{b64(compact(CLAIMS))}"
    return f"{signed}.{b64(hmac.new(secret, signed.encode(), digest).digest())}"


def without(source, *names):
    return {name: value for name, value in source.items() if name not in names}


def raw(**changes):
    """The claims as JSON text in which a value was replaced by raw text."""
    text = compact(CLAIMS).decode()
    for name, value in changes.items():
        text = text.replace(f'"{name}":{json.dumps(CLAIMS[name])}', f'"{name}":{value}')
    return text.encode()


TOKEN = sign(HEADER, CLAIMS)
H, P, S = TOKEN.split(".")
LAST = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
NON_CANONICAL = TOKEN[:-1] + LAST[LAST.index(TOKEN[-1]) + 1]

BAD = [
    ("nothing", "", "ticket_malformed"),
    ("one part", H, "ticket_malformed"),
    ("two parts", f"{H}.{P}", "ticket_malformed"),
    ("four parts", f"{TOKEN}.{S}", "ticket_malformed"),
    ("an empty header", f".{P}.{S}", "ticket_malformed"),
    ("an empty payload", f"{H}..{S}", "ticket_malformed"),
    ("an empty signature", f"{H}.{P}.", "ticket_signature"),
    ("padding", f"{TOKEN}==", "ticket_malformed"),
    ("white space in front", f" {TOKEN}", "ticket_malformed"),
    ("a line end behind", f"{TOKEN}\n", "ticket_malformed"),
    ("white space inside", f"{H}. {P}.{S}", "ticket_malformed"),
    ("the alphabet of plain base64", f"{H}.{P}.+/{S[2:]}", "ticket_malformed"),
    ("trailing bits that are not zero", NON_CANONICAL, "ticket_malformed"),
    ("the JSON form of a JWS", json.dumps({"payload": P, "signatures": []}), "ticket_malformed"),
    ("too many bytes", sign(HEADER, CLAIMS | {"note": "x" * 2048}), "ticket_too_large"),
    ("alg none with an empty signature", f"{b64(compact(HEADER | {'alg': 'none'}))}.{P}.", "ticket_algorithm"),
    ("alg None", sign(HEADER | {"alg": "None"}, CLAIMS), "ticket_algorithm"),
    ("alg HS256 keyed with the public key", with_mac("HS256", "sha256"), "ticket_algorithm"),
    ("alg HS512 keyed with the public key", with_mac("HS512", "sha512"), "ticket_algorithm"),
    ("alg RS256", sign(HEADER | {"alg": "RS256"}, CLAIMS), "ticket_algorithm"),
    ("alg ES256", sign(HEADER | {"alg": "ES256"}, CLAIMS), "ticket_algorithm"),
    ("alg Ed25519 (RFC 9864)", sign(HEADER | {"alg": "Ed25519"}, CLAIMS), "ticket_algorithm"),
    ("alg in other letters", sign(HEADER | {"alg": "EDDSA"}, CLAIMS), "ticket_algorithm"),
    ("alg as a list", sign(HEADER | {"alg": ["EdDSA"]}, CLAIMS), "ticket_algorithm"),
    ("no alg", sign(without(HEADER, "alg"), CLAIMS), "ticket_algorithm"),
    ("typ JWT", sign(HEADER | {"typ": "JWT"}, CLAIMS), "ticket_type"),
    ("no typ", sign(without(HEADER, "typ"), CLAIMS), "ticket_type"),
    ("typ of another token", sign(HEADER | {"typ": "at+jwt"}, CLAIMS), "ticket_type"),
    ("a critical header", sign(HEADER | {"crit": ["b64"], "b64": False}, CLAIMS), "ticket_critical_header"),
    ("an empty critical header", sign(HEADER | {"crit": []}, CLAIMS), "ticket_critical_header"),
    ("the forger's key in the header", sign(HEADER | {"jwk": jwk(OTHER)}, CLAIMS, OTHER), "ticket_malformed"),
    ("an address of keys in the header", sign(HEADER | {"jku": "https://forger.example"}, CLAIMS), "ticket_malformed"),
    ("a harmless header member", sign(HEADER | {"cty": "JWT"}, CLAIMS), "ticket_malformed"),
    ("a header that is a list", sign(b"[]", CLAIMS), "ticket_malformed"),
    ("a header with something behind", sign(compact(HEADER) + b"{}", CLAIMS), "ticket_malformed"),
    ("a header member twice", sign(compact(HEADER)[:-1] + b',"alg":"none"}', CLAIMS), "ticket_duplicate_member"),
    ("a header member twice, once escaped", sign(compact(HEADER)[:-1] + b',"\\u0061lg":"none"}', CLAIMS),
     "ticket_duplicate_member"),
    ("no kid", sign(without(HEADER, "kid"), CLAIMS), "ticket_key_unknown"),
    ("an unknown kid", sign(HEADER | {"kid": jwk(OTHER)["kid"]}, CLAIMS, OTHER), "ticket_key_unknown"),
    ("a kid that is a path", sign(HEADER | {"kid": "../../dev/null"}, CLAIMS), "ticket_key_unknown"),
    ("another key under the known kid", sign(HEADER, CLAIMS, OTHER), "ticket_signature"),
    ("a payload changed after signing", f"{H}.{b64(compact(CLAIMS | {'role': 'host'}))}.{S}", "ticket_signature"),
    ("a signature of zeros", f"{H}.{P}.{b64(bytes(64))}", "ticket_signature"),
    ("a signature that is too short", f"{H}.{P}.{b64(bytes(63))}", "ticket_signature"),
    ("a signature that is too long", f"{H}.{P}.{b64(bytes(65))}", "ticket_signature"),
    ("claims that are a text", sign(HEADER, b'"ticket"'), "ticket_malformed"),
    ("claims cut off", sign(HEADER, compact(CLAIMS)[:-1]), "ticket_malformed"),
    ("claims with something behind", sign(HEADER, compact(CLAIMS) + b" x"), "ticket_malformed"),
    ("claims behind a byte order mark", sign(HEADER, b"\xef\xbb\xbf" + compact(CLAIMS)), "ticket_malformed"),
    ("claims in invalid UTF-8", sign(HEADER, raw(policy='"\x00"').replace(b"\x00", b"\xff")), "ticket_malformed"),
    ("a lone surrogate", sign(HEADER, raw(policy='"\\ud800"')), "ticket_malformed"),
    ("a control character", sign(HEADER, raw(policy='"a\\nb"')), "ticket_malformed"),
    ("deep nesting", sign(HEADER, compact(CLAIMS | {"deep": [[[[[[]]]]]]})), "ticket_malformed"),
    ("a claim twice", sign(HEADER, compact(CLAIMS)[:-1] + b',"role":"host"}'), "ticket_duplicate_member"),
    ("a claim twice, once escaped", sign(HEADER, compact(CLAIMS)[:-1] + b',"r\\u006fle":"host"}'),
     "ticket_duplicate_member"),
    ("an unknown claim twice", sign(HEADER, compact(CLAIMS)[:-1] + b',"x":1,"x":2}'), "ticket_duplicate_member"),
    ("no jti", sign(HEADER, without(CLAIMS, "jti")), "ticket_malformed"),
    ("no exp", sign(HEADER, without(CLAIMS, "exp")), "ticket_malformed"),
    ("no policy", sign(HEADER, without(CLAIMS, "policy")), "ticket_malformed"),
    ("an empty policy", sign(HEADER, CLAIMS | {"policy": ""}), "ticket_malformed"),
    ("exp with a fraction", sign(HEADER, raw(exp="1772398800.5")), "ticket_malformed"),
    ("exp with an exponent", sign(HEADER, raw(exp="1e300")), "ticket_malformed"),
    ("exp beyond 64 bits", sign(HEADER, raw(exp="18446744073709551616")), "ticket_malformed"),
    ("exp beyond the year 9999", sign(HEADER, raw(exp="253402300800")), "ticket_malformed"),
    ("a negative nbf", sign(HEADER, raw(nbf="-1")), "ticket_malformed"),
    ("a leading zero", sign(HEADER, raw(nbf="01772395200")), "ticket_malformed"),
    ("exp as a text", sign(HEADER, raw(exp='"1772398800"')), "ticket_malformed"),
    ("an empty window", sign(HEADER, CLAIMS | {"exp": CLAIMS["nbf"]}), "ticket_malformed"),
    ("a list of audiences", sign(HEADER, CLAIMS | {"aud": ["rooms.example"]}), "ticket_malformed"),
    ("a subject that is no id", sign(HEADER, CLAIMS | {"sub": "alice@example.org"}), "ticket_malformed"),
    ("a room where the ticket should be", sign(HEADER, CLAIMS | {"jti": CLAIMS["room"]}), "ticket_malformed"),
    ("a binding that cannot be checked", sign(HEADER, CLAIMS | {"cnf": {"kid": "1"}}), "ticket_malformed"),
    ("an unknown role", sign(HEADER, CLAIMS | {"role": "admin"}), "ticket_role"),
    ("another issuer", sign(HEADER, CLAIMS | {"iss": "https://ledger.example/"}), "ticket_issuer"),
    ("another audience", sign(HEADER, CLAIMS | {"aud": "rooms.example.org"}), "ticket_audience"),
    ("a window that has not begun", sign(HEADER, CLAIMS | {"nbf": 1772397001}), "ticket_not_yet_valid"),
    ("a window that has ended", sign(HEADER, CLAIMS | {"exp": 1772397000}), "ticket_expired"),
    ("another room", sign(HEADER, CLAIMS | {"room": "room_01kjh3b9m2g0ws8x6z4b9q7t3f"}), "ticket_room"),
]

GOOD = [
    ("header members in another order", sign(dict(reversed(HEADER.items())), CLAIMS)),
    ("claims in another order", sign(HEADER, dict(reversed(CLAIMS.items())))),
    ("white space in the JSON", sign(json.dumps(HEADER, indent=1).encode(), json.dumps(CLAIMS, indent=1).encode())),
    ("escaped letters", sign(HEADER, compact(CLAIMS).replace(b"listener", b"l\\u0069stener"))),
    ("a claim that is not known", sign(HEADER, CLAIMS | {"future": {"a": [True, None, -5, "\U0001f3ab"]}})),
]

print(json.dumps(
    {
        "about": "A door for `room` of `audience` at the second `at` accepts `token` and every token of `accepted`, all with "
        "the claims `claims`, and refuses every token of `refused` with its code. Made by Tests/Peers/make_ticket_vectors.py.",
        "seed": SEED.hex(),
        "jwks": {"keys": [JWK]},
        "at": 1772397000,
        "issuer": CLAIMS["iss"],
        "audience": CLAIMS["aud"],
        "room": CLAIMS["room"],
        "header": HEADER,
        "claims": CLAIMS,
        "token": TOKEN,
        "bound": {"claims": HOST_CLAIMS, "token": sign(HEADER, HOST_CLAIMS)},
        "accepted": [{"case": case, "token": token} for case, token in GOOD],
        "refused": [{"case": case, "token": token, "code": code} for case, token, code in BAD],
    },
    indent=2,
))
