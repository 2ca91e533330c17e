#!/usr/bin/env python3
"""Damaged models and malformed frames: each costs an engine at most, is answered in words, and opens nothing.

    bench/hostile.py [--bin build/release/bin] [--files 2000] [--frames 100000] [--through-lard 500] [--seed 1]
                     [--seconds 60] [--writer build/dev/bin/write_tiny_model]

Files: tiny models of several architectures (and those of ../shared/models where they are), cut, with flipped bits, with
numbers that promise too much, with foreign words, or larger than any disk. Each is asked for its facts, loaded and used by
an engine of its own, started as lard's spawner starts it; and made a model of lard's (POST /api/create) and asked, which must
be answered by a result or an error in words while lard lives. Frames: wrong lengths, no JSON, wrong types and numbers, deep
nesting, no UTF-8, wrong order, ids that nobody has.

It tells how far it is every ten seconds, and stopped early (Ctrl-C, SIGTERM) it ends with the report of what it did.

All engines run under strace: after its lock-down no call of one may open a file or a socket. Where this system has no strace
or allows none, that is said and the rest is done. Fails when an engine neither answers nor ends in time, ends by a signal over
a frame, opens something, when an error has no words, or when lard is gone.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

TREE = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TREE / "tests" / "support"))
import damage  # noqa: E402
import frames  # noqa: E402
import trace  # noqa: E402
from daemon import Daemon, Refused, children, memory  # noqa: E402
from engine_channel import Ended, EngineProcess, embed, generate, load  # noqa: E402

LONGEST_SENTENCE = 4000
LARGEST_HASHED = 2**30


class Report:
    """What happened how often, and what must not have; from several threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.fates = collections.Counter()
        self.examples = collections.defaultdict(list)
        self.faults = []
        self.engines = self.locked = self.before = 0
        self.violations = collections.Counter()

    def text(self):
        lines = []
        for fate, times in sorted(self.fates.items()):
            lines.append(f"{times:8} {fate}" + (f", such as {', '.join(self.examples[fate])}" if fate in self.examples else ""))
        return "\n".join(lines)

    def count(self, what, fate, of=None):
        """`of`: an example, kept of the first few whose engine ended instead of answering."""
        with self.lock:
            key = f"{what}: {fate}"
            self.fates[key] += 1
            if of and "ended" in fate and self.fates[key] <= 5:
                self.examples[key].append(of)

    def fault(self, sentence):
        with self.lock:
            self.faults.append(sentence)
            print(f"hostile: {sentence}", file=sys.stderr, flush=True)

    def traced(self, found, of_what):
        with self.lock:
            self.engines += len(found.processes)
            self.locked += found.locked
            self.before += found.before
            self.violations.update(found.violations)
        for line in found.opened[:3]:
            self.fault(f"{of_what}: after its lock-down an engine did {line}")


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder, self.report = options, folder, Report()
        self.stopped = False
        self.told = time.monotonic()
        self.traces = trace.works()
        self.numbers = iter(range(10**9))
        if not self.traces:
            print("hostile: strace is not here or not allowed; what engines open is not looked at", file=sys.stderr)

    def at(self, part, done, of):
        """Tells how far `part` is, now and then. Whether to go on."""
        if time.monotonic() - self.told >= 10:
            self.told = time.monotonic()
            print(f"hostile: {part} {done} of {of}, {len(self.report.faults)} faults", file=sys.stderr, flush=True)
        return not self.stopped

    def stop(self, *_):
        self.stopped = True
        print("hostile: stopping; another Ctrl-C ends it at once", file=sys.stderr, flush=True)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)

    def start(self):
        """An engine under strace, and where its lines go."""
        lines = self.folder / f"lines-{next(self.numbers)}"
        return EngineProcess(self.options.bin, (lambda command: trace.around(command, str(lines))) if self.traces else None,
                             self.options.seconds), lines

    def look(self, lines, of_what):
        if self.traces:
            self.report.traced(trace.Lockdowns.read(lines, "lar-engine"), of_what)
            lines.unlink()


# --- files ---

def models(options, folder):
    """(name, parts, damaged part, adapter or not, for vectors) of whole models."""
    writer = options.writer or next((path for path in (pathlib.Path(options.bin) / "write_tiny_model", TREE / "build/dev/bin/write_tiny_model")
                                     if path.exists()), None)
    if writer is None:
        raise SystemExit("hostile: there is no write_tiny_model; run ./dev build write_tiny_model, or name it with --writer")

    def written(*words):
        place = folder / "-".join(words)
        place.mkdir()
        return [pathlib.Path(line) for line in
                subprocess.run([str(writer), str(place), *words], check=True, capture_output=True, text=True).stdout.split()]

    llama = written("llama")
    out = [("llama", llama, 0, False), ("gemma3", written("gemma3"), 0, False), ("mamba", written("mamba"), 0, False),
           ("bert", written("bert"), 0, True), ("bert_rank", written("bert_rank"), 0, True)]
    split = written("llama", "2")
    out += [("split", split, 0, False), ("split", split, 1, False), ("adapter", llama + written("adapter"), 1, False)]
    shared = pathlib.Path(os.environ.get("LAR_SHARED") or TREE.parent / "shared")
    found = [shared / "models" / "stories260K.gguf", shared / "models" / "stories260K-Q8_0.gguf",
             shared / "eval" / "tokenizers" / "ggml-vocab-gpt-2.gguf", shared / "eval" / "tokenizers" / "ggml-vocab-bert-bge.gguf"]
    out += [(path.stem, [path], 0, False) for path in found if path.exists()]
    if not all(path.exists() for path in found):
        print("hostile: ../shared has no models here; the tiny ones serve", file=sys.stderr)
    return out


def damaged_files(options, folder, count, seed):
    """(what it is, its files, whether it is an adapter or gives vectors); the caller removes the last file."""
    source = random.Random(seed)
    whole = [(name, parts, which, vectors, bytes_of) for name, parts, which, vectors in options.models
             for bytes_of in [parts[which].read_bytes()]]
    parsed = [damage.Gguf.parse(bytes_of) for *_, bytes_of in whole]
    series = [damage.damages(model, bytes_of, random.Random(f"{seed} {i}"), count) for i, (model, (*_, bytes_of)) in enumerate(zip(parsed, whole))]
    for i in range(count):
        # The tiny llama most often: it gets furthest.
        which = 0 if source.random() < 0.3 else source.randrange(len(whole))
        name, parts, part, vectors, _ = whole[which]
        kind, write = next(series[which])
        path = folder / f"damaged-{seed}-{i}.gguf"
        write(path)
        yield f"{name} {kind} {seed}/{i}", kind, name, [path if k == part else one for k, one in enumerate(parts)], path, vectors


def words_of(event):
    return event.get("message", "")


def in_words(sentence):
    return 0 < len(sentence) <= LONGEST_SENTENCE and all(c.isprintable() for c in sentence)


def one_engine(bench, what, ask):
    """What became of it: the last event's type, or how it ended."""
    engine, lines = bench.start()
    try:
        with engine:
            try:
                event = ask(engine)
                fate = event["type"]
                if fate == "failed":
                    fate = f"refused ({event['code']})"
                    if not in_words(words_of(event)):
                        bench.report.fault(f"{what}: an error without clear words: {event!r}")
            except Ended:
                status, _ = engine.ended()
                fate = f"ended with status {status}" if status >= 0 else f"ended by signal {-status}"
            except (TimeoutError, subprocess.TimeoutExpired):
                engine.process.kill()
                bench.report.fault(f"{what}: no answer and no end in {bench.options.seconds} s")
                fate = "silent"
    except subprocess.TimeoutExpired:
        bench.report.fault(f"{what}: it does not end when its channel is closed")
        fate = "does not end"
    bench.look(lines, what)
    return fate


def ask_facts(path):
    def ask(engine):
        engine.send({"type": "read_facts", "id": 1, "tensors": True}, [path])
        return engine.until(1)
    return ask


def load_and_use(files, name, vectors):
    def ask(engine):
        adapters = 1 if name == "adapter" else 0
        engine.send(load(parts=len(files) - adapters, adapters=adapters, embeddings=vectors), files)
        event = engine.until(1)
        if event["type"] != "loaded":
            return event
        if not vectors:
            engine.send(generate(2, sampling={"temperature": 0.9}, logprobs=5))
        elif name == "bert_rank":
            engine.send({"type": "score", "id": 2, "query": "cat", "texts": ["the cat"], "priority": 1})
        else:
            engine.send(embed(2))
        return engine.until(2)
    return ask


def files_alone(bench):
    done = 0

    def one(case):
        what, kind, name, files, path, vectors = case
        try:
            bench.report.count("facts", one_engine(bench, what + " (facts)", ask_facts(path)), what)
            bench.report.count("use", one_engine(bench, what, load_and_use(files, name, vectors)), what)
        finally:
            path.unlink()

    with concurrent.futures.ThreadPoolExecutor(bench.options.jobs) as pool:
        for chunk in batches(damaged_files(bench.options, bench.folder, bench.options.files, bench.options.seed), 16):
            list(pool.map(one, chunk))
            done += len(chunk)
            if not bench.at("files", done, bench.options.files):
                break
    return done


def batches(items, size):
    chunk = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


# --- files, through lard ---

def call(lard, what, bench, path, body):
    """Its fate: "made", or the status and words of the refusal."""
    try:
        answer = lard.call("POST", path, body, timeout=bench.options.seconds)
        return "answered", answer
    except Refused as refused:
        try:
            sentence = json.loads(refused.body)["error"]
        except (ValueError, KeyError, TypeError):
            sentence = ""
        if not in_words(sentence if isinstance(sentence, str) else ""):
            bench.report.fault(f"{what}: {path} refused without clear words: {refused.status} {refused.body[:300]!r}")
        return f"refused ({refused.status})", None
    except TimeoutError:
        bench.report.fault(f"{what}: {path} was not answered in {bench.options.seconds} s")
        return "silent", None


def through_lard(bench):
    lines = bench.folder / "lard-lines"
    lard = Daemon(bench.options.bin, around=(lambda command: trace.around(command, str(lines))) if bench.traces else None)
    done = 0
    with lard:
        pid = lard.pid()
        before = memory(pid, "Pss_Anon")
        for what, kind, name, files, path, vectors in damaged_files(bench.options, bench.folder, bench.options.through_lard, bench.options.seed + 1):
            if len(files) > 1:
                files = [path]
            # create hashes the whole file, as long as whoever asked waits; of terabytes of nothing nobody does.
            if path.stat().st_size > LARGEST_HASHED:
                path.unlink()
                continue
            fate, _ = call(lard, what, bench, "/api/create", {"model": "damaged", "from": str(files[0]), "stream": False})
            bench.report.count("create", fate)
            if fate == "answered":
                if vectors:
                    fate, _ = call(lard, what, bench, "/api/embed", {"model": "damaged", "input": "the cat", "keep_alive": 0})
                else:
                    fate, _ = call(lard, what, bench, "/api/generate", {"model": "damaged", "prompt": "the cat", "stream": False, "keep_alive": 0,
                                                                        "options": {"num_predict": 4, "num_ctx": 64}})
                bench.report.count("ask", fate)
                call(lard, what, bench, "/api/show", {"model": "damaged", "verbose": True})
                try:
                    lard.call("DELETE", "/api/delete", {"model": "damaged"})
                except Refused:
                    pass
            path.unlink()
            done += 1
            if lard.pid() != pid or lard.process.poll() is not None:
                bench.report.fault(f"{what}: lard is gone: {lard.log()}")
                break
            if not bench.at("files through lard", done, bench.options.through_lard):
                break
        lard.call("GET", "/api/version")
        deadline = time.monotonic() + bench.options.seconds
        while (left := [name for name in children(pid).values() if name == "lar-engine"]) and time.monotonic() < deadline:
            time.sleep(0.1)
        grown = (memory(pid, "Pss_Anon") - before) / 1e6
    if left:
        bench.report.fault(f"{len(left)} engines are left over")
    if bench.traces:
        bench.report.traced(trace.Lockdowns.read(lines, "lar-engine"), "through lard")
    return done, grown


# --- frames ---

def frames_alone(bench):
    done = [0] * bench.options.jobs
    count = bench.options.frames
    jobs = bench.options.jobs
    model = bench.options.models[0][1][0]

    def one(job):
        source = random.Random(f"{bench.options.seed} {job}")
        most = count // jobs + (job < count % jobs)
        while done[job] < most and bench.at("frames", sum(done), count):
            done[job] += frames.conversation(bench, source, model, most - done[job])

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, range(jobs)))
    return sum(done)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--through-lard", type=int, default=500)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60, help="how long an answer or an end may take")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--writer")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lar-hostile-") as folder:
        bench = Bench(options, pathlib.Path(folder))
        (bench.folder / "whole").mkdir()
        options.models = models(options, bench.folder / "whole")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, bench.stop)
        done, seconds, grown = {}, {}, 0.0
        for part, does in (("files", files_alone), ("files through lard", through_lard), ("frames", frames_alone)):
            if bench.stopped:
                break
            begin = time.monotonic()
            done[part] = does(bench)
            seconds[part] = time.monotonic() - begin
            if part == "files through lard":
                done[part], grown = done[part]
    report = bench.report
    print(report.text())
    print(f"lard grew by {grown:.1f} MB")
    print("done: " + ", ".join(f"{done[part]} {part} in {seconds[part]:.0f} s" for part in done) + (" (stopped early)" if bench.stopped else ""))
    if bench.traces:
        print(f"{report.engines} engines traced, {report.locked} locked down; before that {report.before} calls opened something, after it "
              f"{sum('lock-down' in fault for fault in report.faults)}; forbidden calls that ended one: {dict(report.violations) or 'none'}")
        if report.before == 0 or report.locked == 0:
            report.fault("the trace saw nothing, so it proves nothing")
    print(f"{len(report.faults)} faults")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
