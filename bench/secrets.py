#!/usr/bin/env python3
"""Secrets in what may leave: how many of about sixty kinds are taken out, and how many clean texts are touched.

    ./dev build --preset release redact && bench/secrets.py [--bin build/release/bin] [--documents 1000] [--show N] [--json]

The texts are made by bench/secret_texts.py, whose author does not know the patterns. A secret counts as taken out when nothing of
it is left: of a key of many lines, no line. A clean text is touched when anything in it was replaced. --show prints failures.
"""

import argparse
import collections
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import secret_texts  # noqa: E402


def redact(binaries, texts):
    """Each text as it may leave, and the reasons for what was taken out."""
    data = b"".join(b"%d\n%s" % (len(text), text) for text in (text.encode() for text in texts))
    out = subprocess.run([os.path.join(binaries, "redact")], input=data, check=True, stdout=subprocess.PIPE).stdout
    results, at = [], 0
    for _ in texts:
        end = out.index(b"\n", at)
        size = int(out[at:end])
        text, at = out[end + 1:end + 1 + size].decode(), end + 1 + size
        end = out.index(b"\n", at)
        results.append((text, [reason for reason in out[at:end].decode().split("\t") if reason]))
        at = end + 1
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--bars", action="store_true", help="fail under 99 %% of secrets or over 1 %% of clean texts")
    options = parser.parse_args()
    seeded = [secret_texts.document(number) for number in range(options.documents)]
    clean = [secret_texts.clean(number) for number in range(options.documents)]
    results = redact(options.bin, [text for text, _ in seeded] + clean)
    kinds, shown = collections.defaultdict(lambda: [0, 0]), options.show
    for (text, secrets), (left, _) in zip(seeded, results):
        for kind, value in secrets:
            found = not secret_texts.left(value, left)
            kinds[kind][0] += found
            kinds[kind][1] += 1
            if not found and shown > 0:
                shown -= 1
                place = text.index(value)
                print(f"{kind}: {text[max(0, place - 60):place + 60]!r}", file=sys.stderr)
    touched, why = 0, collections.Counter()
    for text, (left, reasons) in zip(clean, results[options.documents:]):
        touched += left != text
        why.update(set(reasons))
        if left != text and shown > 0:
            shown -= 1
            print(f"clean: {reasons} {text[:200]!r}", file=sys.stderr)
    found, all_of_them = (sum(column) for column in zip(*kinds.values()))
    report = {"kinds": len(kinds), "secrets": all_of_them, "taken_out": found / all_of_them, "clean": options.documents,
              "clean_touched": touched / options.documents,
              "below": {kind: round(good / count, 3) for kind, (good, count) in sorted(kinds.items()) if good < count}, "why_touched": dict(why)}
    if options.json:
        print(json.dumps(report, indent=1))
    else:
        print(f"{found} of {all_of_them} secrets of {len(kinds)} kinds taken out ({found / all_of_them:.2%}); "
              f"{touched} of {options.documents} clean texts touched ({touched / options.documents:.2%})")
        for kind, (good, count) in sorted(kinds.items()):
            if good < count:
                print(f"  {kind}: {good} of {count}")
        for reason, count in why.most_common():
            print(f"  clean text touched: {reason} x {count}")
    if options.bars and (found < 0.99 * all_of_them or touched > 0.01 * options.documents):
        sys.exit("secrets: under the bars")


if __name__ == "__main__":
    main()
