"""An authority that is not ours: a small server on the loopback with keys of its own, which can be told to lie."""

import base64
import hashlib
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

CLIENT, SECRET = "tongban-chengxi", "s3cret of ours"


class Authority(ThreadingHTTPServer):
    """Signs in whoever the test says (``person``); ``lie`` changes the claims, ``key`` the signature."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.published = self.key = ECKey.generate_key("P-256", {"kid": "k1"})
        self.person = {"sub": "yn-1", "name": "李秀英", "citizen_id": "532399198511040283"}
        self.lie = {}
        self.codes = {}

    def sign_in(self, address):
        """Do what a person does there; return the query with which the browser comes back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def id_token(self, asked):
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "sub": self.person["sub"],
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
        } | self.lie
        return jwt.encode({"alg": "ES256", "kid": "k1"}, claims, self.key)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        at = self.server.issuer
        if self.path == "/.well-known/openid-configuration":
            paths = {
                "authorization_endpoint": "login",
                "token_endpoint": "token",
                "jwks_uri": "keys",
                "userinfo_endpoint": "me",
            }
            self._say({"issuer": at, **{name: f"{at}/{path}" for name, path in paths.items()}})
        elif self.path == "/keys":
            self._say({"keys": [self.server.published.as_dict(private=False)]})
        elif self.path == "/me" and self.headers["Authorization"] == "Bearer at-1":
            self._say(self.server.person)
        else:
            self._say({"error": "not_found"}, 404)

    def do_POST(self):
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        asked = self.server.codes.pop(body["code"][0], None)
        verifier = hashlib.sha256(body["code_verifier"][0].encode()).digest()
        shown = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode().split(":")
        fits = asked and asked["code_challenge"] == base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if not fits or [unquote(part) for part in shown] != [CLIENT, SECRET]:
            return self._say({"error": "invalid_grant"}, 400)
        return self._say({"access_token": "at-1", "id_token": self.server.id_token(asked)})

    def _say(self, content, status=200):
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


@contextmanager
def running():
    """Run one while the test lasts."""
    authority = Authority()
    thread = threading.Thread(target=authority.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield authority
    finally:
        authority.shutdown()
        authority.server_close()
