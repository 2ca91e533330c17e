#!/usr/bin/env python3
"""Vectors: recall, time and size of src/index/vectors.h at scale, beside hnswlib, faiss and sqlite-vec where they are.

    ./dev build --preset release vectors_bench
    bench/vectors.py --bin build/release/bin [--count 1000000] [--dimensions 384] [--queries 200]
                     [--kinds clustered,uniform] [--beside hnswlib,faiss,sqlite-vec] [--sqlite-vec vec0.so] [--json]

The vectors are made: "clustered" ones look like embeddings of texts (4,000 topics, all leaning to one side, few directions
within a topic), "uniform" ones have no structure at all, which is the worst case. Everything runs on one thread, but for building,
and answers the same queries in the same order. hnswlib and faiss are looked for as Python modules, which need numpy; sqlite-vec as
the extension of its npm package. What is not there is named and left out. They serve this comparison and no other purpose.
"""

import argparse
import array
import importlib.util
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

TRUE_NEIGHBOURS = 100


class Data:
    def __init__(self, folder, count, dimensions, queries):
        self.folder, self.count, self.dimensions, self.queries = folder, count, dimensions, queries
        truth = array.array("i")
        with open(os.path.join(folder, "truth.i32"), "rb") as file:
            truth.fromfile(file, queries * TRUE_NEIGHBOURS)
        self.truth = [set(truth[q * TRUE_NEIGHBOURS:q * TRUE_NEIGHBOURS + 10]) for q in range(queries)]

    def load(self, name, rows):
        import numpy
        return numpy.memmap(os.path.join(self.folder, name), dtype="float32", mode="r", shape=(rows, self.dimensions))

    def base(self):
        return self.load("base.f32", self.count)

    def asked(self):
        return self.load("queries.f32", self.queries)

    def ask(self, nearest, queries=None):
        """Recall of the ten nearest, and milliseconds."""
        queries = queries or self.queries
        found, times, processor, asked = 0, [], [], self.asked()
        for number in range(queries):
            begin, processor_begin = time.perf_counter(), time.thread_time()
            keys = nearest(asked[number])
            times.append((time.perf_counter() - begin) * 1000)
            processor.append((time.thread_time() - processor_begin) * 1000)
            found += len(self.truth[number] & {int(key) for key in keys})
        times.sort()
        return {"recall_10": round(found / queries / 10, 4), "ms_p50": round(statistics.median(times), 2),
                "ms_p95": round(times[int(0.95 * (len(times) - 1))], 2),
                "processor_ms_p50": round(statistics.median(processor), 2)}


def good_enough(data, settings, nearest_with):
    """The first setting that finds 99 in 100, or the last."""
    for setting in settings:
        result = data.ask(nearest_with(setting))
        if result["recall_10"] >= 0.99:
            break
    return {**result, "setting": setting}


def measure_hnswlib(data):
    import hnswlib
    index = hnswlib.Index(space="ip", dim=data.dimensions)
    index.init_index(max_elements=data.count, ef_construction=100, M=16)
    begin = time.monotonic()
    index.add_items(data.base(), num_threads=os.cpu_count())
    built = time.monotonic() - begin

    def with_ef(ef):
        index.set_ef(ef)
        index.set_num_threads(1)
        return lambda query: index.knn_query(query, k=10)[0][0]

    path = os.path.join(data.folder, "hnsw")
    index.save_index(path)
    size = os.path.getsize(path)
    os.unlink(path)
    return [{"name": "hnswlib M=16", "build_seconds": round(built, 1), "megabytes": round(size / 1e6),
             **good_enough(data, [50, 100, 200, 400, 800], with_ef)}]


def measure_faiss(data):
    import faiss
    rows = []
    base = data.base()
    for name in ("Flat", "IVF4096,SQ8", "IVF4096,Flat"):
        index = faiss.index_factory(data.dimensions, name, faiss.METRIC_INNER_PRODUCT)
        faiss.omp_set_num_threads(os.cpu_count())
        begin = time.monotonic()
        index.train(base[:: max(1, data.count // 160_000)].copy())
        for first in range(0, data.count, 65536):
            index.add(base[first:first + 65536].copy())
        built = time.monotonic() - begin
        faiss.omp_set_num_threads(1)

        def with_probes(probes):
            if probes:
                faiss.ParameterSpace().set_index_parameter(index, "nprobe", probes)
            return lambda query: index.search(query.reshape(1, -1), 10)[1][0]

        probes = [0] if name == "Flat" else [8, 16, 32, 64, 128, 256, 512, 1024]
        size = len(faiss.serialize_index(index)) if data.count <= 200_000 else None
        rows.append({"name": f"faiss {name}", "build_seconds": round(built, 1), "megabytes": size and round(size / 1e6),
                     **good_enough(data, probes, with_probes)})
        del index
    return rows


def measure_sqlite_vec(data, extension):
    path = os.path.join(data.folder, "vec.db")
    if os.path.exists(path):
        os.unlink(path)
    rows = []
    database = sqlite3.connect(path, isolation_level=None)
    database.enable_load_extension(True)
    database.load_extension(extension)
    database.execute("PRAGMA journal_mode = OFF")
    queries = min(data.queries, 20)
    for name, column, stored, asked in (
            ("float", f"float[{data.dimensions}]", "?", "?"),
            ("bit, 10 of 10 by codes alone", f"bit[{data.dimensions}]", "vec_quantize_binary(?)", "vec_quantize_binary(?)")):
        database.execute("DROP TABLE IF EXISTS v")
        database.execute(f"CREATE VIRTUAL TABLE v USING vec0(e {column})")
        begin = time.monotonic()
        database.execute("BEGIN")
        base = data.base()
        database.executemany(f"INSERT INTO v(rowid, e) VALUES (?, {stored})",
                             ((i + 1, base[i].tobytes()) for i in range(data.count)))
        database.execute("COMMIT")
        built = time.monotonic() - begin

        def nearest(query):
            found = database.execute(f"SELECT rowid FROM v WHERE e MATCH {asked} AND k = 10", (query.tobytes(),)).fetchall()
            return [key - 1 for (key,) in found]

        nearest(data.asked()[0])
        rows.append({"name": f"sqlite-vec {name}", "build_seconds": round(built, 1),
                     "megabytes": round(os.path.getsize(path) / 1e6), **data.ask(nearest, queries)})
    database.close()
    os.unlink(path)
    return rows


def beside(data, wanted, extension):
    rows = []
    for name, module, measure in (("sqlite-vec", "numpy", lambda d: measure_sqlite_vec(d, extension)),
                                  ("faiss", "faiss", measure_faiss), ("hnswlib", "hnswlib", measure_hnswlib)):
        if name not in wanted:
            continue
        if importlib.util.find_spec(module) is None or (name == "sqlite-vec" and not extension):
            print(f"{name}: not here, left out", file=sys.stderr)
            continue
        rows += measure(data)
    return rows


def measure_kind(options, kind):
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="lar-vectors-") as folder:
        program = os.path.join(options.bin, "vectors_bench")
        numbers = [str(options.count), str(options.dimensions), str(options.queries)]
        subprocess.run([program, "make", folder, *numbers, kind], check=True)
        lar = json.loads(subprocess.run([program, "lar", folder, *numbers], check=True, stdout=subprocess.PIPE).stdout)
        lar["peak_mb"] = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
        others = beside(Data(folder, options.count, options.dimensions, options.queries), options.beside, options.sqlite_vec)
    return {"kind": kind, "lar": lar, "others": others}


def show(result):
    lar = result["lar"]
    print(f"\n{result['kind']}: {lar['kernel']}, {lar['segments']} segments, idle {lar['idle_pss_kib']} KiB, "
          f"{lar['processor_ms_p50']} ms of a processor (p95 {lar['processor_ms_p95']}), first search after idle {lar['first_ms']} ms, of 100: p95 {lar['ms_p95_of_100']} ms and recall {lar['recall_100']}, "
          f"removed ones found again: {lar['found_after_removal']}")
    print(f"{'':34}{'recall':>8}{'p50 ms':>9}{'p95 ms':>9}{'cpu ms':>9}{'× cpu':>8}{'build s':>9}{'MB':>7}")
    for row in [{"name": "lar", **lar}, *result["others"]]:
        name = row["name"] + (f" ({row['setting']})" if row.get("setting") else "")
        print(f"{name:34}{row['recall_10']:8.3f}{row['ms_p50']:9.2f}{row['ms_p95']:9.2f}"
              f"{row['processor_ms_p50']:9.2f}{row['processor_ms_p50'] / lar['processor_ms_p50']:8.1f}"
              f"{row['build_seconds']:9.1f}{row['megabytes'] or 0:7.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--dimensions", type=int, default=384)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--kinds", default="clustered,uniform")
    parser.add_argument("--beside", default="hnswlib,faiss,sqlite-vec", type=lambda names: names.split(","))
    parser.add_argument("--sqlite-vec", help="vec0.so of the npm package sqlite-vec-linux-x64")
    parser.add_argument("--folder", help="for the vectors: 3 GB for a million")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not os.path.exists(os.path.join(options.bin, "vectors_bench")):
        parser.error("vectors_bench is not built: ./dev build --preset release vectors_bench")
    results = [measure_kind(options, kind) for kind in options.kinds.split(",")]
    if options.json:
        print(json.dumps(results, indent=1))
    else:
        for result in results:
            show(result)


if __name__ == "__main__":
    main()
