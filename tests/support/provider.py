"""A provider of large models on loopback over TLS, for tests: it keeps what it was sent, to the byte.

    with Provider() as server:
        server.section("big")        # of config.toml
        server.heard                 # Heard of each request, in order

What it answers is set as attributes: answer (a function of the text it was asked), status, complaint, location. With
`hold` set it says nothing until release() is called.
"""

import http.server
import json
import pathlib
import ssl
import threading
from dataclasses import dataclass

CERTIFICATES = pathlib.Path(__file__).resolve().parent / "certificates"
PATHS = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}


@dataclass
class Heard:
    path: str
    headers: dict
    body: bytes

    @property
    def text(self):
        return json.loads(self.body)["messages"][0]["content"]

    @property
    def key(self):
        return self.headers.get("x-api-key") or self.headers.get("Authorization", "").removeprefix("Bearer ")


class Provider:
    def __init__(self):
        self.heard = []
        self.answer = lambda text: "You asked: " + text
        self.status, self.complaint, self.location = 200, None, None
        self.hold = False
        self.released = threading.Event()
        self.arrived = threading.Event()
        handler = type("Handler", (Handler,), {"provider": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # who does not trust us, or is killed, breaks off
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATES / "server.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def release(self):
        self.hold = False
        self.released.set()

    def section(self, name, kind="openai", tier="others", redact="all"):
        return (f'[providers.{name}]\nkind = "{kind}"\ntier = "{tier}"\nredact = "{redact}"\nhost = "localhost"\n'
                f'port = {self.port}\nmodel = "model-of-{name}"\ndollars_in = 2\ndollars_out = 10\n')


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider = None

    def log_message(self, *_):
        pass

    def do_POST(self):
        provider = self.provider
        body = self.rfile.read(int(self.headers["Content-Length"]))
        provider.heard.append(Heard(self.path, dict(self.headers), body))
        provider.arrived.set()
        if provider.hold:
            provider.released.wait(60)
        if provider.status != 200:
            return self.say(provider.status, {"error": {"message": provider.complaint or "no"}})
        text = provider.answer(json.loads(body)["messages"][0]["content"])
        if self.path == PATHS["anthropic"]:
            return self.say(200, {"type": "message", "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
                                  "usage": {"input_tokens": 20, "output_tokens": 5}})
        return self.say(200, {"choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
                              "usage": {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25}})

    def say(self, status, value):
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if self.provider.location:
            self.send_header("Location", self.provider.location)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
