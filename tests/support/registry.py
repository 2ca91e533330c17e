"""A registry of models and a hub on loopback, for tests: as the real ones speak, and as they misbehave.

    with Registry() as server:                      # or Registry(secure=True), with a certificate of tests/support
        server.add_model("library/tiny", "latest", {"model": b"GGUF…"})
        ... LAR_REGISTRY=server.address lar pull tiny ...
        server.requests                             # (path, headers) of each, in order
        server.bytes_out                            # of blobs, all together

What it does wrong is set as attributes: cut_after, wrong, extra, slow_s, ranges, redirect_to, token.
"""

import hashlib
import http.server
import json
import pathlib
import re
import ssl
import threading
import time

CERTIFICATES = pathlib.Path(__file__).resolve().parent / "certificates"
MEDIA = "application/vnd.ollama.image."
PIECE = 16 * 1024


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Registry:
    def __init__(self, secure=False, host="127.0.0.1", certificate="server.pem"):
        self.blobs, self.manifests, self.repositories, self.files = {}, {}, {}, {}
        self.requests = []
        self.bytes_out = 0
        self.cut_after = None  # bytes of a blob, then the connection ends
        self.wrong = False  # a flipped bit in the last byte of every blob
        self.extra = b""  # after every blob, announced with it
        self.slow_s = 0.0  # before each piece
        self.ranges = True
        self.redirect_to = None  # blobs are there: "http://127.0.0.1:…"
        self.token = None  # who does not bring it is sent to /token
        self.realm = None
        handler = type("Handler", (Handler,), {"registry": self})
        self.server = http.server.ThreadingHTTPServer((host, 0), handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # clients that break off or do not trust us are what tests want
        if secure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATES / certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.authority = f"{host}:{self.port}"
        self.address = ("https://" if secure else "http://") + self.authority
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def add_model(self, name, tag, parts, annotations=None):
        """`parts`: media type's last word → bytes. Returns the digest of the model's file."""
        parts = {"config": b'{"model_format":"gguf"}', **parts}
        layers = []
        for kind, data in parts.items():
            self.blobs[digest(data)] = data
            kind = "application/vnd.docker.container.image.v1+json" if kind == "config" else MEDIA + kind
            layers.append({"mediaType": kind, "digest": digest(data), "size": len(data)})
        if annotations:
            layers[1]["annotations"] = annotations
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                    "config": layers[0], "layers": layers[1:]}
        self.manifests[f"/v2/{name}/manifests/{tag}"] = json.dumps(manifest).encode()
        return digest(parts["model"])

    def add_repository(self, name, files):
        siblings = [{"rfilename": ".gitattributes", "size": 10, "blobId": "1"}]
        for file, data in files.items():
            siblings.append({"rfilename": file, "size": len(data), "blobId": "2",
                             "lfs": {"sha256": digest(data)[7:], "size": len(data), "pointerSize": 130}})
            self.files[f"/{name}/resolve/c0ffee/{file}"] = data
        self.repositories[f"/api/models/{name}?blobs=true"] = json.dumps({"id": name, "sha": "c0ffee", "siblings": siblings}).encode()

    def blob_requests(self):
        return [(path, headers) for path, headers in self.requests if "/blobs/" in path or "/resolve/" in path]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    registry = None

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        registry = self.registry
        registry.requests.append((self.path, dict(self.headers)))
        if self.path.startswith("/token"):
            return self.answer(200, json.dumps({"token": registry.token, "expires_in": 300}).encode())
        if registry.token and self.headers.get("Authorization") != "Bearer " + registry.token:
            realm = registry.realm or registry.address + "/token"
            return self.answer(401, b'{"errors":[{"code":"UNAUTHORIZED"}]}',
                               WWW_Authenticate=f'Bearer realm="{realm}",service="tests",scope="repository:x:pull"')
        known = registry.manifests.get(self.path) or registry.repositories.get(self.path)
        if known is not None:
            return self.answer(200, known)
        blob = registry.files.get(self.path)
        if match := re.fullmatch(r"/v2/.+/blobs/(sha256:[0-9a-f]{64})", self.path):
            blob = registry.blobs.get(match[1])
        if blob is None:
            return self.answer(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
        if registry.redirect_to:
            return self.answer(307, Location=registry.redirect_to + self.path)
        return self.send_blob(blob)

    def send_blob(self, blob):
        registry = self.registry
        if registry.wrong:
            blob = blob[:-1] + bytes([blob[-1] ^ 1])
        blob += registry.extra
        begin = 0
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and registry.ranges:
            begin = int(asked[1])
            if begin >= len(blob):
                return self.answer(416, Content_Range=f"bytes */{len(blob)}")
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(blob) - 1}/{len(blob)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(blob) - begin))
        self.end_headers()
        sent = 0
        try:
            for at in range(begin, len(blob), PIECE):
                piece = blob[at:at + PIECE]
                if registry.cut_after is not None and sent + len(piece) > registry.cut_after:
                    self.wfile.write(piece[:registry.cut_after - sent])
                    registry.bytes_out += registry.cut_after - sent
                    self.close_connection = True
                    return self.connection.close()
                if registry.slow_s:
                    time.sleep(registry.slow_s)
                self.wfile.write(piece)
                sent += len(piece)
                registry.bytes_out += len(piece)
        except OSError:
            self.close_connection = True
