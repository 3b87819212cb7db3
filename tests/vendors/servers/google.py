"""Google Cloud Storage: the gcp-storage-emulator, and a token endpoint that checks the service account's signature."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from werkzeug import Request, Response

BUCKET = "captures"
ACCOUNT = "worker@project.iam.gserviceaccount.com"


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def private_key() -> str:
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return rsa_key().private_bytes(*form).decode()


def account_key(token_uri: str) -> dict:
    return {
        "type": "service_account",
        "project_id": "project",
        "private_key_id": "0123456789abcdef",
        "private_key": private_key(),
        "client_email": ACCOUNT,
        "token_uri": token_uri,
    }


@dataclass
class Tokens:
    """The claims that were signed."""

    claims: list[dict] = field(default_factory=list)

    def serve(self, server):
        server.expect_request("/token", method="POST").respond_with_handler(self.token)
        return server.url_for("/token")

    def token(self, request: Request) -> Response:
        signed, _, signature = request.form["assertion"].rpartition(".")
        rsa_key().public_key().verify(decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        self.claims.append(json.loads(decoded(signed.split(".")[1])))
        reply = {"access_token": "ya29.test", "expires_in": 3600, "token_type": "Bearer"}
        return Response(json.dumps(reply), content_type="application/json")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
