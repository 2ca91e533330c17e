"""lar-engine alone, spoken to over its channel as lard does, and as lard never would.

    with EngineProcess(bin_dir) as engine:
        engine.send(load(), [model])
        engine.until(1)                   # the last event of request 1

A frame is twelve bytes of header (bytes of JSON, raw bytes, descriptors), then the JSON.
"""

import array
import json
import os
import socket
import struct
import subprocess
import tempfile

# As lar-spawner has it.
ENVIRONMENT = {"GOMP_SPINCOUNT": "10000", "OMP_WAIT_POLICY": "passive", "GGML_NO_BACKTRACE": "1"}
LAST_WORDS = ("facts", "loaded", "finished", "embedded", "scored", "tokens", "rendered", "failed")
SAMPLING = {"seed": 1, "temperature": 0.0, "dynamic_temperature_range": 0.0, "dynamic_temperature_exponent": 1.0, "top_k": 40, "top_p": 0.95,
            "min_p": 0.05, "typical_p": 1.0, "top_n_sigma": -1.0, "xtc_probability": 0.0, "xtc_threshold": 0.1, "repeat_last_n": 64,
            "repeat_penalty": 1.0, "frequency_penalty": 0.0, "presence_penalty": 0.0, "dry_multiplier": 0.0, "dry_base": 1.75,
            "dry_allowed_length": 2, "dry_penalty_last_n": -1, "dry_sequence_breakers": ["\n"], "mirostat": 0, "mirostat_tau": 5.0,
            "mirostat_eta": 0.1, "grammar": "", "logit_bias": []}


def load(parts=1, adapters=0, **how):
    return {"type": "load_model", "id": 1, "parts": parts, "adapter_scales": [1.0] * adapters, "context_tokens": 64, "sequences": 1,
            "batch_tokens": 32, "threads": 1, "kv_type": "f16", "embeddings": False, "lock_memory": False} | how


def generate(number, prompt="the cat", sampling=None, **how):
    prompt = {"kind": "text", "text": prompt, "add_special": True, "parse_special": True} if isinstance(prompt, str) else prompt
    return {"type": "generate", "id": number, "prompt": prompt, "sampling": SAMPLING | (sampling or {}), "max_tokens": 4, "min_tokens": 0,
            "stop": [], "ignore_end": False, "special": False, "entropy": False, "overflow": "refuse", "keep_tokens": 0, "shift": False,
            "reuse_prefix": True, "priority": 1} | how


def chat(messages="[]", **how):
    return {"kind": "chat", "messages": messages, "tools": "", "extra": "", "tmpl": "", "add_generation_prompt": True} | how


def render(number, messages="[]", **how):
    # A conversation and nothing else, so it does not say which kind of prompt it is.
    return {"type": "render", "id": number, "prompt": {key: value for key, value in chat(messages, **how).items() if key != "kind"}}


def embed(number, texts=("the cat",), **how):
    return {"type": "embed", "id": number, "texts": list(texts), "tokens": [], "normalise": True, "truncate": True, "priority": 1} | how


def frame(data, raw=0, descriptors=0, said=None):
    return struct.pack("<III", len(data) if said is None else said, raw, descriptors) + data


class Ended(Exception):
    """The engine closed its channel."""


class EngineProcess:
    def __init__(self, bin_dir, around=None, patience=60.0):
        ours, theirs = socket.socketpair()
        command = [os.path.join(os.path.abspath(bin_dir), "lar-engine")]
        if around:
            command = around(command)
        self.errors = tempfile.TemporaryFile()
        # By way of the standard input: dash knows descriptors of one digit.
        self.process = subprocess.Popen(["/bin/sh", "-c", 'exec 3<&0 </dev/null; exec "$@"', "sh", *command], stdin=theirs,
                                        env=ENVIRONMENT | {"PATH": os.environ.get("PATH", "")}, stderr=self.errors)
        theirs.close()
        ours.settimeout(patience)
        self.socket, self.patience = ours, patience
        self.buffer = b""
        self.asked = b""  # for whoever tells of a fault: the frame sent last
        try:
            self.ready = self.next()
        except BaseException:
            self.close()
            raise

    def send(self, message, files=()):
        data = json.dumps(message, separators=(",", ":")).encode() if isinstance(message, dict) else message
        numbers = [os.open(file, os.O_RDONLY) for file in files]
        try:
            self.send_bytes(frame(data, descriptors=len(numbers)), numbers)
        finally:
            for number in numbers:
                os.close(number)

    def send_bytes(self, data, numbers=()):
        """An engine that ended meanwhile is no mistake: what it made of the frame is told by how it ended."""
        try:
            if numbers:
                sent = self.socket.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", numbers))])
                data = data[sent:]
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def next(self):
        while True:
            if len(self.buffer) >= 12:
                size = struct.unpack_from("<I", self.buffer)[0]
                if len(self.buffer) >= 12 + size:
                    data, self.buffer = self.buffer[12:12 + size], self.buffer[12 + size:]
                    return json.loads(data)
            try:
                part = self.socket.recv(1 << 16)
            except ConnectionResetError:
                part = b""
            if not part:
                raise Ended()
            self.buffer += part

    def until(self, number):
        """The last event of that request; those of others are skipped."""
        while True:
            event = self.next()
            if event.get("id") == number and event["type"] in LAST_WORDS and event.get("last", True):
                return event

    def ended(self):
        """Its status, as wait tells it (negative: a signal), and its last words. Raises TimeoutExpired where it goes on."""
        status = self.process.wait(self.patience)
        self.errors.seek(0)
        return status, self.errors.read().decode(errors="replace").strip()

    def close(self):
        self.socket.close()
        if self.process.poll() is None:
            try:
                self.process.wait(self.patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        self.errors.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
