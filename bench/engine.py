#!/usr/bin/env python3
"""lar-engine beside llama.cpp's own programs: prompts, answers and eight at a time, on random weights of real shape.

    bench/engine.py [--bin build/release/bin] [--types q4_k,q8_0] [--depths 0,2000] [--prompt 256] [--answer 32]
                    [--rounds 5] [--flash 0,1] [--busy N] [--stock] [--spin default,0] [--json]

The model has the shape of a 1B Llama (16 layers, 2048 wide, 8192 feed-forward, 32 heads, 8 KV heads, 128256 tokens) and
random weights, on which speed does not depend; it is made once, in the cache folder. Both sides take turns, in rounds,
with the same threads and flags, and the median of each counts.
--busy N runs N endless loops beside it, --stock takes llama-server as it starts by itself, --depths "" leaves llama-bench out:
what is left on a machine that does something else is `--busy 2 --stock --together 1 --depths ""`. --spin compares settings of OpenMP's waiting (GOMP_SPINCOUNT).
"""

import argparse
import array
import concurrent.futures
import json
import os
import pathlib
import random
import socket
import statistics
import struct
import subprocess
import sys
import time
import urllib.request

LAYERS, WIDTH, FEED_FORWARD, HEADS, KV_HEADS, VOCABULARY, CONTEXT = 16, 2048, 8192, 32, 8, 128256, 4096
F32, Q8_0, Q4_K = 0, 8, 12
TYPES = {"q4_k": (Q4_K, 256, 144, 15), "q8_0": (Q8_0, 32, 34, 7)}  # number, elements and bytes of a block, file type


# --- the model ---

def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def entry(key, kind, data):
    return text(key) + struct.pack("<I", kind) + data


def whole(key, value):
    return entry(key, 4, struct.pack("<I", value))


def strings(key, values):
    return entry(key, 9, struct.pack("<IQ", 8, len(values)) + b"".join(map(text, values)))


def numbers(key, kind, code, values):
    data = array.array(code, values)
    return entry(key, 9, struct.pack("<IQ", kind, len(values)) + data.tobytes())


def block_pattern(kind, count):
    """Bytes of `count` blocks with small scales: random bits in the scales would be infinities."""
    source = random.Random(7)
    scale = struct.pack("<e", 0.002)
    if kind == Q8_0:
        return b"".join(scale + source.randbytes(32) for _ in range(count))
    return b"".join(scale + scale + source.randbytes(140) for _ in range(count))


def tensors(kind):
    kv = WIDTH // HEADS * KV_HEADS
    yield "token_embd.weight", (WIDTH, VOCABULARY), kind
    yield "output_norm.weight", (WIDTH,), F32
    for i in range(LAYERS):
        for name, shape in (("attn_q", (WIDTH, WIDTH)), ("attn_k", (WIDTH, kv)), ("attn_v", (WIDTH, kv)),
                            ("attn_output", (WIDTH, WIDTH)), ("ffn_gate", (WIDTH, FEED_FORWARD)),
                            ("ffn_up", (WIDTH, FEED_FORWARD)), ("ffn_down", (FEED_FORWARD, WIDTH))):
            yield f"blk.{i}.{name}.weight", shape, kind
        yield f"blk.{i}.attn_norm.weight", (WIDTH,), F32
        yield f"blk.{i}.ffn_norm.weight", (WIDTH,), F32


def make_model(path, type_name):
    kind, elements, size, file_type = TYPES[type_name]
    words = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    words += [f"w{i}" for i in range(VOCABULARY - len(words))]
    data = [entry("general.architecture", 8, text("llama")), whole("general.file_type", file_type),
            whole("llama.context_length", CONTEXT), whole("llama.embedding_length", WIDTH),
            whole("llama.block_count", LAYERS), whole("llama.feed_forward_length", FEED_FORWARD),
            whole("llama.attention.head_count", HEADS), whole("llama.attention.head_count_kv", KV_HEADS),
            whole("llama.rope.dimension_count", WIDTH // HEADS),
            entry("llama.attention.layer_norm_rms_epsilon", 6, struct.pack("<f", 1e-5)),
            entry("tokenizer.ggml.model", 8, text("llama")), strings("tokenizer.ggml.tokens", words),
            numbers("tokenizer.ggml.scores", 6, "f", [0.0] * VOCABULARY),
            numbers("tokenizer.ggml.token_type", 5, "i", [2, 3, 3] + [6] * 256 + [1] * (VOCABULARY - 259))]
    all_tensors, infos, offset = list(tensors(kind)), [], 0
    for name, shape, tensor_kind in all_tensors:
        count = 1
        for length in shape:
            count *= length
        infos.append(text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape) +
                     struct.pack("<IQ", tensor_kind, offset))
        offset += count * 4 if tensor_kind == F32 else count // elements * size
    head = b"GGUF" + struct.pack("<IQQ", 3, len(all_tensors), len(data)) + b"".join(data) + b"".join(infos)
    pattern = block_pattern(kind, 8192)
    temporary = path.with_suffix(".part")
    with open(temporary, "wb") as file:
        file.write(head + bytes(-len(head) % 32))
        for name, shape, tensor_kind in all_tensors:
            count = 1
            for length in shape:
                count *= length
            if tensor_kind == F32:
                file.write(array.array("f", [1.0] * count).tobytes())
                continue
            left = count // elements * size
            while left > 0:
                left -= file.write(pattern[:left])
    temporary.rename(path)


def model_of(type_name):
    # Beside the compiler's cache, which is there in the build environment too and outlives it.
    beside = os.environ.get("CCACHE_DIR") or os.path.expanduser("~/.cache/lar-env/ccache")
    cache = pathlib.Path(os.environ.get("LAR_BENCH_CACHE") or pathlib.Path(beside).parent / "bench-models")
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / f"random-1b-{type_name}.gguf"
    if not path.exists():
        print(f"engine: making {path}", file=sys.stderr)
        make_model(path, type_name)
    return path


def tokens_of(count, seed):
    source = random.Random(seed)
    return [1] + [source.randrange(300, VOCABULARY) for _ in range(count - 1)]


# --- the two sides ---

class Engine:
    """lar-engine, asked as lard asks it."""

    def __init__(self, options, model, spin="10000", **how):
        ours, theirs = socket.socketpair()
        environment = {"GGML_NO_BACKTRACE": "1"}
        if spin != "default":
            environment |= {"GOMP_SPINCOUNT": spin, "OMP_WAIT_POLICY": "passive"}
        os.set_inheritable(theirs.fileno(), True)
        number = theirs.fileno()
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", f'exec "$0" 3<&{number}', os.path.abspath(f"{options.bin}/lar-engine")],
            env=environment, pass_fds=[number])
        theirs.close()
        self.socket, self.last_id = ours, 1
        self.next()
        load = {"type": "load_model", "id": 1, "parts": 1, "adapter_scales": [], "context_tokens": CONTEXT,
                "sequences": 1, "batch_tokens": 512, "threads": options.threads, "kv_type": "f16", "embeddings": False,
                "lock_memory": False} | how
        with open(model, "rb") as file:
            self.send(load, [file.fileno()])
        while (event := self.next())["type"] == "loading":
            pass
        if event["type"] != "loaded":
            raise SystemExit(f"engine: {event}")
        self.loaded = event

    def send(self, message, descriptors=()):
        data = json.dumps(message, separators=(",", ":")).encode()
        head = struct.pack("<III", len(data), 0, len(descriptors))
        if descriptors:
            socket.send_fds(self.socket, [head], list(descriptors))
        else:
            self.socket.sendall(head)
        self.socket.sendall(data)

    def read(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise SystemExit("engine: it ended")
            data += part
        return data

    def next(self):
        size, _, _ = struct.unpack("<III", self.read(12))
        return json.loads(self.read(size))

    def ask(self, prompts, answer, reuse=True):
        """Finished of each, and how long all took."""
        begin, ids = time.monotonic(), set()
        for prompt in prompts:
            self.last_id += 1
            ids.add(self.last_id)
            self.send({"type": "generate", "id": self.last_id, "prompt": {"kind": "tokens", "tokens": prompt},
                       "sampling": SAMPLING, "max_tokens": answer, "min_tokens": 0, "stop": [], "ignore_end": True, "entropy": False,
                       "special": False, "overflow": "refuse", "keep_tokens": 0, "shift": False,
                       "reuse_prefix": reuse, "priority": 1})
        ends = []
        while ids:
            event = self.next()
            if event["type"] in ("finished", "failed"):
                ids.remove(event["id"])
                ends.append(event)
        return ends, time.monotonic() - begin

    def close(self):
        self.socket.close()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


SAMPLING = {"seed": 1, "temperature": 0.0, "dynamic_temperature_range": 0.0, "dynamic_temperature_exponent": 1.0,
            "top_k": 40, "top_p": 0.95, "min_p": 0.05, "typical_p": 1.0, "top_n_sigma": -1.0, "xtc_probability": 0.0,
            "xtc_threshold": 0.1, "repeat_last_n": 64, "repeat_penalty": 1.0, "frequency_penalty": 0.0,
            "presence_penalty": 0.0, "dry_multiplier": 0.0, "dry_base": 1.75, "dry_allowed_length": 2,
            "dry_penalty_last_n": -1, "dry_sequence_breakers": ["\n", ":", "\"", "*"], "mirostat": 0,
            "mirostat_tau": 5.0, "mirostat_eta": 0.1, "grammar": "", "logit_bias": []}


def engine_speeds(options, model, depth, flash, spin="0"):
    with Engine(options, model, spin, flash_attention=flash == "1") as engine:
        engine.ask([tokens_of(32, 4)], 2)  # llama-bench computes something before it counts, too
        before = tokens_of(depth, 5) if depth else []
        if before:
            engine.ask([before], 0)
        ends, _ = engine.ask([before + tokens_of(options.prompt, 6)[bool(before):]], options.answer)
        end = ends[0]
        computed = end["prompt_tokens"] - end["reused_tokens"]
        return {"prompt": computed / end["prompt_us"] * 1e6,
                "answer": (end["generated_tokens"] - 1) / end["generation_us"] * 1e6}


def llama_speeds(options, model, depth, flash, spin="0"):
    environment = dict(os.environ)
    if spin != "default":
        environment |= {"GOMP_SPINCOUNT": spin, "OMP_WAIT_POLICY": "passive"}
    output = subprocess.run(
        ["llama-bench", "-m", str(model), "-p", str(options.prompt), "-n", str(options.answer), "-d", str(depth), "-fa",
         flash, "-t", str(options.threads), "-b", "512", "-ub", "512", "-r", "1", "-o", "json"],
        check=True, capture_output=True, env=environment).stdout
    rows = json.loads(output)
    return {"prompt": next(row["avg_ts"] for row in rows if row["n_prompt"]),
            "answer": next(row["avg_ts"] for row in rows if row["n_gen"])}


def engine_together(options, model, count):
    with Engine(options, model, sequences=count, context_tokens=512) as engine:
        ends, seconds = engine.ask([tokens_of(64, 10 + i) for i in range(count)], options.answer)
        return sum(end["generated_tokens"] for end in ends) / seconds


def llama_together(options, model, count):
    """llama-server with as many sequences of the same window."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    tuned = [] if options.stock else ["-c", str(512 * count), "-np", str(count), "-t", str(options.threads), "-fa", "off", "-b", "512",
                                      "-ub", "512", "--no-warmup"]
    server = subprocess.Popen(
        ["llama-server", "-m", str(model), "--host", "127.0.0.1", "--port", str(port), *tuned], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env=dict(os.environ) if options.stock else dict(os.environ, GOMP_SPINCOUNT="10000"))
    try:
        def post(prompt):
            body = json.dumps({"prompt": prompt, "n_predict": options.answer, "ignore_eos": True, "temperature": 0,
                               "cache_prompt": False}).encode()
            with urllib.request.urlopen(urllib.request.Request(
                    f"http://127.0.0.1:{port}/completion", body, {"Content-Type": "application/json"})) as reply:
                return json.load(reply)["tokens_predicted"]
        for _ in range(600):
            try:
                if urllib.request.urlopen(f"http://127.0.0.1:{port}/health").status == 200:
                    break
            except OSError:
                time.sleep(0.1)
        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            made = sum(pool.map(post, [tokens_of(64, 10 + i) for i in range(count)]))
        return made / (time.monotonic() - begin)
    finally:
        server.kill()
        server.wait()


# --- the measurement ---

def medians(options, *sides):
    """Each side in turn, in rounds, whoever began last round second; the median of each value."""
    rounds = [[] for _ in sides]
    for round_number in range(options.rounds):
        order = range(len(sides)) if round_number % 2 == 0 else reversed(range(len(sides)))
        for i in order:
            made = sides[i]()
            rounds[i].append(made if isinstance(made, dict) else {"all": made})
    return [{key: statistics.median(made[key] for made in side) for key in side[0]} for side in rounds]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--types", default="q4_k,q8_0")
    parser.add_argument("--depths", default="0,2000")
    parser.add_argument("--flash", default="0,1")
    parser.add_argument("--spin", default="10000", help="GOMP_SPINCOUNT; 10000 is what lar-spawner gives an engine")
    parser.add_argument("--prompt", type=int, default=256)
    parser.add_argument("--answer", type=int, default=32)
    parser.add_argument("--together", type=int, default=8, help="requests at a time; 0: not measured")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--busy", type=int, default=0)
    parser.add_argument("--stock", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []

    def told(**row):
        rows.append(row)
        if not options.json:
            print("  ".join(f"{key} {value:.2f}" if isinstance(value, float) else f"{key} {value}" for key, value in row.items()),
                  flush=True)

    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(options.busy)]
    try:
        for type_name in options.types.split(","):
            model = model_of(type_name)
            for depth in map(int, filter(None, options.depths.split(","))):
                for flash in options.flash.split(","):
                    for spin in options.spin.split(","):
                        ours, theirs = medians(options, lambda: engine_speeds(options, model, depth, flash, spin),
                                            lambda: llama_speeds(options, model, depth, flash, spin))
                        told(type=type_name, depth=depth, flash=flash, spin=spin, busy=options.busy,
                             prompt_lar=ours["prompt"], prompt_llama=theirs["prompt"],
                             answer_lar=ours["answer"], answer_llama=theirs["answer"])
            if options.together:
                ours, theirs = medians(options, lambda: engine_together(options, model, options.together),
                                    lambda: llama_together(options, model, options.together))
                told(type=type_name, together=options.together, busy=options.busy, tokens_a_second_lar=ours["all"],
                     tokens_a_second_llama=theirs["all"])
    finally:
        for process in busy:
            process.kill()
            process.wait()
    if options.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
