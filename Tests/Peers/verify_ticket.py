#!/usr/bin/env python3
"""Verifies a ticket with PyJWT and with joserfc, two libraries that share no code with ours.

Reads one JSON object from standard input: {"token", "jwks", "issuer", "audience", "at"}. Writes the header and the
claims as both libraries read them. Exit status 0 if both accept, 1 with {"refused": …} if either refuses.
With the argument `vectors FILE` it checks the good tokens of ticket-vectors.json instead, and that both libraries refuse
what any JWT library can see: forged, confused, foreign, early and late ones.
"""

import json
import sys

import jwt
from joserfc import jwt as jose
from joserfc.jwk import KeySet

CLOCK_CLAIMS = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
# Codes that a general JWT library must find too; the others are strictness of ours beyond the standards.
GENERAL = {
    "ticket_algorithm", "ticket_key_unknown", "ticket_signature", "ticket_issuer", "ticket_audience", "ticket_expired",
    "ticket_not_yet_valid",
}


def in_window(claims, at):
    """Half-open, without leeway, at a given moment: neither library takes the moment as an argument."""
    if not claims["nbf"] <= at < claims["exp"]:
        raise ValueError("outside the window")


def by_pyjwt(token, jwks, issuer, audience, at):
    keys = {key["kid"]: jwt.PyJWK(key) for key in jwks["keys"]}
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(
        token, keys[header["kid"]], algorithms=["EdDSA"], issuer=issuer, audience=audience,
        options=CLOCK_CLAIMS | {"require": ["iss", "aud", "sub", "jti", "nbf", "exp", "iat"]})
    in_window(claims, at)
    return header, claims


def by_joserfc(token, jwks, issuer, audience, at):
    decoded = jose.decode(token, KeySet.import_key_set(jwks), algorithms=["EdDSA"])
    if "kid" not in decoded.header:
        raise ValueError("no kid: joserfc would take the only key")
    rules = jose.JWTClaimsRegistry(
        now=at, leeway=0, iss={"essential": True, "value": issuer}, aud={"essential": True, "value": audience},
        exp={"essential": True}, nbf={"essential": True}, jti={"essential": True})
    rules.validate(decoded.claims)
    in_window(decoded.claims, at)
    return decoded.header, decoded.claims


LIBRARIES = {"pyjwt": by_pyjwt, "joserfc": by_joserfc}


def verify(question):
    answers = {}
    for name, library in LIBRARIES.items():
        header, claims = library(
            question["token"], question["jwks"], question["issuer"], question["audience"], question["at"])
        answers[name] = {"header": header, "claims": claims}
    return answers


def check_vectors(path):
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    common = {name: vectors[name] for name in ("jwks", "issuer", "audience", "at")}
    good = [("token", vectors["token"])] + [(entry["case"], entry["token"]) for entry in vectors["accepted"]]
    for case, token in good:
        for name, answer in verify(common | {"token": token}).items():
            read = {claim: answer["claims"][claim] for claim in vectors["claims"]}
            assert read == vectors["claims"], f"{name} reads {case} otherwise"
            assert answer["header"] == vectors["header"], f"{name} reads the header of {case} otherwise"
    for answer in verify(common | {"token": vectors["bound"]["token"]}).values():
        assert answer["claims"] == vectors["bound"]["claims"]
    refused = 0
    for entry in vectors["refused"]:
        if entry["code"] not in GENERAL:
            continue
        for name, library in LIBRARIES.items():
            try:
                library(entry["token"], **common)
            except Exception:  # Each library has its own; any of them is a refusal.
                refused += 1
            else:
                raise AssertionError(f"{name} accepts: {entry['case']}")
    print(json.dumps({"accepted": 2 * (len(good) + 1), "refused": refused}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["vectors"]:
        check_vectors(sys.argv[2])
    else:
        try:
            print(json.dumps(verify(json.load(sys.stdin))))
        except Exception as refusal:
            print(json.dumps({"refused": f"{type(refusal).__name__}: {refusal}"}))
            sys.exit(1)
