"""A security key made of software: what a browser sends when somebody touches a real one (ES256, no attestation)."""

import hashlib
import json
import os
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestedCredentialData

PRESENT, ATTESTED = 0x01, 0x40


@dataclass
class SoftKey:
    """``counter`` None: a key that does not count (as passkeys of telephones don't)."""

    origin: str = "http://localhost"
    host: str = "localhost"
    counter: int | None = 0
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    key_id: bytes = field(default_factory=lambda: os.urandom(16))

    def create(self, question: str) -> str:
        asked = json.loads(question)
        public = ES256.from_cryptography_key(self.private.public_key())
        data = self._data(PRESENT | ATTESTED) + AttestedCredentialData.create(b"\0" * 16, self.key_id, public)
        attestation = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._answer(
            {
                "clientDataJSON": websafe_encode(self._client("webauthn.create", asked)),
                "attestationObject": websafe_encode(cbor.encode(attestation)),
            }
        )

    def get(self, question: str) -> str:
        client = self._client("webauthn.get", json.loads(question))
        if self.counter is not None:
            self.counter += 1
        data = self._data(PRESENT)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
            }
        )

    def _data(self, flags: int) -> bytes:
        count = (self.counter or 0).to_bytes(4, "big")
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + count

    def _client(self, kind: str, asked: dict) -> bytes:
        challenge = websafe_encode(websafe_decode(asked["challenge"]))
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict) -> str:
        name = websafe_encode(self.key_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
