#!/usr/bin/env python3
"""What being locked down costs: prompts, answers and PDF by workers with their policy and without, in alternating pairs.

    ./dev build --preset release lar-engine lar-reader unlocked_engine unlocked_reader
    bench/sandbox.py [--bin build/release/bin] [--pairs 30] [--types q4_k] [--docs ../shared/eval/docs] [--json]

The workers without a policy are built for this comparison alone (bench/unlocked_*.cpp). Each pair asks both sides the same, in
an order that changes; the ratio of their times counts, and the bound is of its mean, from 10,000 resamples (bootstrap, 95 %).
The engines stay, as they do in use; a reader is made for each batch of documents, so that its lock-down is in the time.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import documents  # noqa: E402
import engine as engines  # noqa: E402

PROMPT, ANSWER = 256, 32


def ask(side, seed):
    """Seconds for the prompt, seconds for the answer."""
    ends, _ = side.ask([engines.tokens_of(PROMPT, seed)], ANSWER, reuse=False)
    return {"prompt": ends[0]["prompt_us"] / 1e6, "answer": ends[0]["generation_us"] / 1e6}


def read_all(folder, binaries, names):
    begin = time.monotonic()
    for name in names:
        documents.read(binaries, os.path.join(folder, name), "pdf")
    return {"pdf": time.monotonic() - begin}


def pairs_of(count, locked, free, order):
    """Name of a measurement → ratios locked / free."""
    ratios = {}
    for number in range(count):
        sides = [("locked", locked), ("free", free)]
        order.shuffle(sides)
        took = {name: measure(number) for name, measure in sides}
        for what in took["locked"]:
            ratios.setdefault(what, []).append(took["locked"][what] / took["free"][what])
    return ratios


def summary(ratios, order):
    means = sorted(statistics.fmean(order.choices(ratios, k=len(ratios))) for _ in range(10_000))
    return {"pairs": len(ratios), "median": round(statistics.median(ratios), 4), "mean": round(statistics.fmean(ratios), 4),
            "upper_95": round(means[int(0.95 * len(means))], 4)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--types", default="q4_k")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--docs", default="../shared/eval/docs")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    unlocked = os.path.join(options.bin, "unlocked")
    if not os.path.exists(os.path.join(unlocked, "lar-engine")):
        parser.error("build the workers first: ./dev build --preset release lar-engine lar-reader unlocked_engine unlocked_reader")
    order, results = random.Random(1), {}
    free = argparse.Namespace(**vars(options) | {"bin": unlocked})
    for kind in options.types.split(","):
        model = engines.model_of(kind)
        ratios = {}
        # Whoever starts first may get the better memory, so each side does for half of the pairs.
        for first in (options, free):
            second = free if first is options else options
            with engines.Engine(first, model) as one, engines.Engine(second, model) as other:
                locked, unlocked_one = (one, other) if first is options else (other, one)
                ask(one, 0), ask(other, 0)
                half = pairs_of((options.pairs + 1) // 2, lambda n: ask(locked, n + 1), lambda n: ask(unlocked_one, n + 1), order)
                for what, values in half.items():
                    ratios.setdefault(what, []).extend(values)
        results |= {f"{kind} {what}": summary(values, order) for what, values in ratios.items()}
    names = sorted(os.path.relpath(os.path.join(folder, name), options.docs) for folder, _, files in os.walk(options.docs) for name in files
                   if name.endswith(".pdf"))
    if names:
        ratios = pairs_of(options.pairs, lambda _: read_all(options.docs, options.bin, names), lambda _: read_all(options.docs, unlocked, names), order)
        results |= {f"{len(names)} {what}": summary(values, order) for what, values in ratios.items()}
    else:
        print(f"sandbox: {options.docs} has no PDF, left out", file=sys.stderr)
    if options.json:
        return print(json.dumps(results, indent=1))
    print(f"{'locked / unlocked':24}{'pairs':>7}{'median':>9}{'mean':>9}{'95 % at most':>15}")
    for what, row in results.items():
        print(f"{what:24}{row['pairs']:7}{row['median']:9.3f}{row['mean']:9.3f}{row['upper_95']:15.3f}")


if __name__ == "__main__":
    main()
