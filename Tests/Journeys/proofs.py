"""Holder keys as a program of somebody else makes them: P-256 and proofs by RFC 9449, with Python's own libraries."""

import base64
import hashlib
import json
import time
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils


def text64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def json64(value):
    return text64(json.dumps(value, separators=(",", ":")).encode())


class HolderKey:
    def __init__(self):
        self.secret = ec.generate_private_key(ec.SECP256R1())
        numbers = self.secret.public_key().public_numbers()
        self.jwk = {
            "crv": "P-256", "kty": "EC", "x": text64(numbers.x.to_bytes(32, "big")),
            "y": text64(numbers.y.to_bytes(32, "big")),
        }

    @property
    def thumbprint(self):
        """RFC 7638."""
        return text64(hashlib.sha256(json.dumps(self.jwk, sort_keys=True, separators=(",", ":")).encode()).digest())

    def proof(self, method, url, ticket=None, header=None, **claims):
        """A good proof, but for what is said otherwise; a member that is None is left out."""
        said = {"htm": method, "htu": url, "iat": int(time.time()), "jti": uuid.uuid4().hex}
        if ticket:
            said["ath"] = text64(hashlib.sha256(ticket.encode()).digest())
        said = {name: value for name, value in {**said, **claims}.items() if value is not None}
        head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk, **(header or {})}
        signed = f"{json64(head)}.{json64(said)}"
        r, s = utils.decode_dss_signature(self.secret.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{text64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def claims_of(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
