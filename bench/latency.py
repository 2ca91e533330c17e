#!/usr/bin/env python3
"""Search over many passages: its latency at rest, while ingesting and after idling; size and speed of the index.

    bench/latency.py --bin build/release/bin [--passages 1000000] [--questions 300] [--home FOLDER] [--json]

Passages have 60 words drawn by Zipf's law from 200,000; questions have six words drawn in the same way from all but
the fifty most frequent, which stand for stop words. With --home, a collection that was made there before is used again.
"""

import argparse
import itertools
import json
import os
import random
import statistics
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "support"))
from daemon import Daemon, memory, peak_memory  # noqa: E402

VOCABULARY, WORDS, STOP_WORDS, QUESTION_WORDS, BATCH = 200_000, 60, 50, 6, 1000


class Language:
    """The same words and draws for the same seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        spelling = random.Random(1)
        words = set()
        while len(words) < VOCABULARY:
            words.add("".join(spelling.choice("bcdfghjklmnprstvz") + spelling.choice("aeiou")
                              for _ in range(spelling.randint(2, 4))) + spelling.choice(["", "k", "m", "t", "x"]))
        self.words = sorted(words)
        spelling.shuffle(self.words)
        self.sums = list(itertools.accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))

    def texts(self, count):
        drawn = self.random.choices(self.words, cum_weights=self.sums, k=count * WORDS)
        return [" ".join(drawn[at:at + WORDS]) for at in range(0, len(drawn), WORDS)]

    def question(self):
        chosen = []
        while len(chosen) < QUESTION_WORDS:
            word = self.random.choices(range(VOCABULARY), cum_weights=self.sums)[0]
            if word >= STOP_WORDS:
                chosen.append(self.words[word])
        return " ".join(chosen)


def push(lard, language, first, count):
    """Seconds that lard took, and bytes of text."""
    seconds, size = 0, 0
    for start in range(first, first + count, BATCH):
        texts = language.texts(min(BATCH, first + count - start))
        documents = [{"id": str(start + number), "text": text} for number, text in enumerate(texts)]
        begin = time.monotonic()
        lard.call("POST", "/lar/v1/sources/words/documents", {"documents": documents})
        seconds += time.monotonic() - begin
        size += sum(map(len, texts))
    return seconds, size


def ask(lard, language, count):
    taken = []
    for _ in range(count):
        question = language.question()
        begin = time.monotonic()
        lard.search(question)
        taken.append((time.monotonic() - begin) * 1000)
    return taken


def shares(taken, name):
    taken = sorted(taken)
    at = lambda share: round(taken[min(len(taken) - 1, int(len(taken) * share))], 1)  # noqa: E731
    return {f"{name}_ms_p50": round(statistics.median(taken), 1), f"{name}_ms_p95": at(0.95), f"{name}_ms_p99": at(0.99)}


def ask_while_pushing(lard, passages, questions):
    ended = threading.Event()

    def keep_pushing():
        language, first = Language(3), passages
        while not ended.is_set():
            push(lard, language, first, BATCH)
            first += BATCH

    thread = threading.Thread(target=keep_pushing)
    thread.start()
    try:
        return ask(lard, Language(4), questions)
    finally:
        ended.set()
        thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--idle", type=float, default=30, help="seconds")
    parser.add_argument("--home")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = {"passages": options.passages}
    with Daemon(options.bin, home=options.home) as lard:
        if not lard.call("GET", "/lar/v1/sources")["sources"]:
            lard.call("POST", "/lar/v1/sources", {"location": "pushed:words", "name": "words"})
            seconds, size = push(lard, Language(2), 0, options.passages)
            result |= {"text_mb": round(size / 1e6, 1), "pushed_mb_per_s": round(size / 1e6 / seconds, 2),
                       "peak_rss_mb": round(peak_memory(lard.process.pid) / 1e6)}
            time.sleep(options.idle)  # merges that are still due
            index = os.path.join(lard.home, "data", "lar.index")
            bytes_of_index = sum(entry.stat().st_size for entry in os.scandir(index))
            result |= {"index_mb": round(bytes_of_index / 1e6, 1), "index_share_of_text": round(bytes_of_index / size, 3),
                       "segments": len(os.listdir(index))}
        ask(lard, Language(5), 20)
        result |= shares(ask(lard, Language(6), options.questions), "search")
        time.sleep(options.idle)
        result["idle_pss_mb"] = round(memory(lard.process.pid) / 1e6, 2)
        result["first_after_idle_ms"] = round(ask(lard, Language(7), 1)[0], 1)
        result |= shares(ask_while_pushing(lard, options.passages, options.questions), "while_ingesting")
    if options.json:
        print(json.dumps(result))
    else:
        for key, value in result.items():
            print(f"{key:24} {value}")


if __name__ == "__main__":
    main()
