"""Frames that lard would never send to an engine, and what each must come to.

    conversation(bench, random.Random(1), model, 200)    # up to 200 frames to one engine; how many it were

Two kinds: what breaks the protocol must end the engine with a sentence and without a signal; what is only a wrong request
must be answered by a refusal, and the engine goes on.
"""

import functools
import json
import subprocess

from engine_channel import Ended, chat, embed, frame, generate, load, render

# As lard writes it: an engine looks for the type at the beginning.
dumps = functools.partial(json.dumps, separators=(",", ":"))
LIMIT_FRAME = 4 * 1024 * 1024
NUMBERS = [0, -1, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64, 10**400, 0.5, -0.0, 1e308]
TEXTS = ["", "\0", "\ud7ff", "a" * 100_000, "\u202e", "<|im_start|>", "{{", "\\", "\"", "\x7f\x1b[2J"]
GRAMMARS = ["root", "root ::= ", "root ::= root", "root ::= root \"a\" | \"b\"", "root ::= \"a\"{1,100000}", "root ::= " + "(" * 400 + "\"a\"" + ")" * 400,
            "root ::= [^", "root ::= [\\x00-\\U0010ffff]*", "root ::= \"a\"*" * 50, "x ::= \"a\"", "root ::= x y z", "root ::= \"\\u12", "\0",
            "root ::= (\"a\"?)*", "root ::= " + " | ".join("\"%d\"" % i for i in range(5000)), "root ::= \"a\"{5,2}", "root ::= \"a\"{ 7 , 3 }", "root ::= .{0,9999}",
            "root ::= ((((\"a\"{900}){900}){900}){900}){900}", "root ::= \"a\"{99999999999999999999}"]
TEMPLATES = ["{{", "{% for x in range(100000) %}{% for y in range(100000) %}x{% endfor %}{% endfor %}", "{{ 'a' * 10**12 }}", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
             "{{ " + "(" * 3000, "{{ [[[[[[[]]]]]]] | tojson }}", "{{ raise_exception('x' * 100000) }}", "{% set x = 'aaaaaaaaaa' %}" + "{% set x = x * 1000 %}" * 9,
             "{{ namespace(a=1).a.b.c }}", "{{ ''.join(range(10)) }}", "{{ strftime_now('%' * 9999) }}", "{{ messages[99999999999999999999].x }}"]
MESSAGES = ["", "{}", "[", "null", "[null]", "[{}]", "[{\"role\":1}]", "[" * 10_000, "[{\"role\":\"user\",\"content\":" + "[" * 500 + "]" * 500 + "}]",
            "[{\"role\":\"\\ud800\",\"content\":\"x\"}]", "[" + ",".join(["{\"role\":\"user\",\"content\":\"x\"}"] * 5000) + "]"]


def wrong_sampling(random):
    return random.choice([
        {"temperature": random.choice([-1.0, 1e30, 101.0])}, {"top_p": -5.0}, {"min_p": 2.0}, {"typical_p": -1.0}, {"mirostat": 7},
        {"repeat_penalty": 0.0}, {"repeat_last_n": -7}, {"dry_allowed_length": -1}, {"dry_base": -1.0}, {"xtc_probability": 9.0},
        {"top_k": -2147483648}, {"top_n_sigma": 1e9}, {"logit_bias": [{"token": random.choice([-1, 2**31 - 1, 5]), "bias": random.choice([1e30, -1e30, 0.0])}]},
        {"dry_sequence_breakers": [""]}, {"dry_multiplier": 1.0, "dry_sequence_breakers": ["a" * 1000] * 64}, {"grammar": random.choice(GRAMMARS)},
        {"grammar": random.choice(GRAMMARS)}, {"mirostat": 2, "temperature": 1.0, "mirostat_tau": 0.0}, {"xtc_probability": 1.0, "temperature": 1.0, "xtc_threshold": 0.0}])


def wrong_requests(random, number):
    """One that an engine with a model refuses, or answers as it stands."""
    return random.choice([
        lambda: {"type": "cancel", "id": random.getrandbits(64)},
        lambda: {"type": "cancel", "id": number},
        lambda: generate(number, sampling=wrong_sampling(random)),
        lambda: generate(number, sampling=wrong_sampling(random) | wrong_sampling(random)),
        lambda: generate(number, {"kind": "tokens", "tokens": random.choice([[], [-1], [2**31 - 1], [5] * 5000, [-2**31, 5]])}),
        lambda: generate(number, random.choice(TEXTS), max_tokens=random.choice([0, 1, 2**32 - 1]), min_tokens=random.choice([0, 2**32 - 1]), overflow="drop_oldest",
                         keep_tokens=random.choice([0, 2**32 - 1]), shift=False),
        lambda: generate(number, chat(random.choice(MESSAGES), tmpl=random.choice(TEMPLATES))),
        lambda: generate(number, chat(random.choice(MESSAGES), tools=random.choice(MESSAGES), extra=random.choice(MESSAGES), tmpl="{{ messages }}")),
        lambda: render(number, random.choice(MESSAGES), tmpl=random.choice(TEMPLATES)),
        lambda: generate(number, {"kind": "infill", "before": random.choice(TEXTS), "after": random.choice(TEXTS)}),
        lambda: generate(number, stop=random.choice([[""], ["a" * 5000], ["\0"], ["a"] * 64])),
        lambda: embed(number, random.choice([[], ["x"], [""] * 100])),
        lambda: {"type": "score", "id": number, "query": "x", "texts": random.choice([[], ["y"]]), "priority": 2},
        lambda: {"type": "tokenize", "id": number, "prompt": {"kind": "text", "text": random.choice(TEXTS), "add_special": True, "parse_special": True}},
        lambda: {"type": "detokenize", "id": number, "tokens": random.choice([[], [-1], [2**31 - 1], [3] * 1000]), "special": True},
    ])()


def valid(random, number):
    return random.choice([generate(number), load(), embed(number), {"type": "read_facts", "id": number, "tensors": True}, {"type": "cancel", "id": number},
                          {"type": "detokenize", "id": number, "tokens": [5, 6], "special": False}, render(number),
                          {"type": "score", "id": number, "query": "a", "texts": ["b"], "priority": 1}])


def wrong_field(random, number):
    """Another type, a number out of range, one key too few, one too many, one twice."""
    message = valid(random, number)
    target = message
    while random.random() < 0.5 and (inner := [value for value in target.values() if isinstance(value, dict)]):
        target = random.choice(inner)
    key = random.choice(list(target))
    how = random.randrange(4)
    if how == 0:
        target[key] = random.choice([None, {}, [], "x", True, [[]], {"type": "generate"}, *NUMBERS])
    elif how == 1:
        del target[key]
    elif how == 2:
        target[random.choice(["x", "typ", "Type", "", "\0", "constructor"])] = random.choice([1, None, "x"])
    else:
        return (dumps(message)[:-1] + f',"{key}":1}}').encode()
    return dumps(message, allow_nan=True).encode()


def wrong_text(random, number):
    """No JSON, or none that ends."""
    text = dumps(valid(random, number)).encode()
    how = random.randrange(9)
    if how == 0:
        return random.randbytes(random.randrange(0, 200))
    if how == 1:
        return text[:random.randrange(len(text))]
    if how == 2:
        return text + random.choice([b"x", b"\0", b"{}", b"]", b" 1", text])
    if how == 3:
        return b'{"type":"generate","id":' + b"[" * random.choice([100, 10_000, 1_000_000])
    if how == 4:
        return b'{"type":"tokenize","id":1,"prompt":' + b'{"kind":"text","text":' * random.choice([100, 100_000]) + b'""'
    if how == 5:
        return text.replace(b"the cat", random.choice([b"\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf5\x80\x80\x80", b"\\ud800", b"\\u00", b"\\x", b"\n"]))
    if how == 6:
        return b'{"type":"' + random.choice([b"", b"ready", b"loaded", b"Generate", b"generate\\u0000", b"x" * 100_000, b"\xff"]) + b'","id":1}'
    if how == 7:
        return random.choice([b"null", b"[]", b"1", b'""', b"true", b"{", b"", b'{"id":1,"type":"cancel"}', b'{"type":"cancel","id":1e5}', b'{"type":"cancel","id":-0}',
                              b'{"type":"cancel","id":' + b"9" * 100_000 + b"}", b'{"type":"cancel","id":0x10}', b'{"type":"cancel","id":Infinity}'])
    data = bytearray(text)
    for _ in range(random.randrange(1, 4)):
        data[random.randrange(len(data))] = random.randrange(256)
    return bytes(data)


def wrong_frame(random, number):
    """What is around the JSON: lengths, raw bytes, descriptors that did not come; or a message that is right, at the wrong time."""
    text = dumps(valid(random, number)).encode()
    return random.choice([
        lambda: frame(text, said=random.choice([0, LIMIT_FRAME + 1, 2**31, 2**32 - 1])),
        lambda: frame(text, said=len(text) + random.choice([1, 100, 3_000_000])),
        lambda: frame(text, said=len(text) - random.choice([1, 5])),
        lambda: frame(text + b"raw", raw=3),
        lambda: frame(text, raw=random.choice([LIMIT_FRAME, 2**32 - 1])),
        lambda: frame(text, descriptors=random.choice([1, 8, 9, 2**32 - 1])),
        lambda: frame(text)[:random.randrange(1, 12)],
        lambda: random.randbytes(random.randrange(1, 64)),
    ])()


def wrong_order(random, number, has_model):
    if has_model:
        return frame(dumps(random.choice([load(), {"type": "read_facts", "id": number, "tensors": True}])).encode())
    return frame(dumps(random.choice([generate(number), embed(number), {"type": "cancel", "id": number}, load(), load(parts=0), load(parts=7), load(adapters=3),
                                           {"type": "read_facts", "id": number, "tensors": True}, render(number)])).encode())


def breaking(random, number, has_model):
    how = random.random()
    if how < 0.35:
        return frame(wrong_field(random, number))
    if how < 0.7:
        return frame(wrong_text(random, number))
    return wrong_frame(random, number) if how < 0.9 else wrong_order(random, number, has_model)


def must_end(bench, engine, sent):
    """It reads what there is, finds the end and goes: with words where it was told nonsense."""
    engine.socket.shutdown(1)
    try:
        while True:
            engine.next()
    except Ended:
        pass
    status, words = engine.ended()
    if status < 0:
        bench.report.fault(f"an engine ended by signal {-status} over the frame {sent[:400]!r}")
    # What libllama prints before is seen by nobody: a worker's standard error is /dev/null.
    elif status == 1 and not words.split("\n")[-1].startswith("lar-engine: "):
        bench.report.fault(f"an engine ended without clear words ({words[:200]!r}) over the frame {sent[:400]!r}")
    elif status not in (0, 1):
        bench.report.fault(f"an engine ended with status {status} over the frame {sent[:400]!r}")
    bench.report.count("frame", "ends the engine in words" if status == 1 else f"is answered, or the channel ends within it ({status})")


def at_work(bench, random, engine, model, count):
    """Wrong requests to a model at work, each followed by a right one that is answered. Whether the engine goes on."""
    engine.send(load(), [model])
    if engine.until(1)["type"] != "loaded":
        bench.report.fault("a whole model is not loaded")
        return False
    for number in range(count):
        sent = frame(dumps(wrong_requests(random, 10 + number)).encode())
        engine.asked = sent
        engine.send_bytes(sent)
        engine.send({"type": "detokenize", "id": 10**6 + number, "tokens": [10], "special": False})
        try:
            engine.until(10**6 + number)
        except Ended:
            status, words = engine.ended()
            bench.report.fault(f"an engine at work ended ({status}, {words[:200]!r}) over the frame {sent[:400]!r}")
            return False
        bench.report.count("frame", "is answered, and the engine goes on")
    return True


def conversation(bench, random, model, most):
    """One engine: a breaking frame at once, or a model and many wrong requests and then a breaking frame. How many frames."""
    has_model = random.random() < 0.2
    wrong = min(most - 1, random.randrange(50, 150)) if has_model else 0
    engine, lines = bench.start()
    goes_on = True
    try:
        with engine:
            try:
                if has_model:
                    goes_on = at_work(bench, random, engine, model, wrong)
                if goes_on:
                    engine.asked = breaking(random, 5, has_model)
                    engine.send_bytes(engine.asked)
                    must_end(bench, engine, engine.asked)
            except (TimeoutError, subprocess.TimeoutExpired):
                engine.process.kill()
                bench.report.fault(f"no answer and no end in {bench.options.seconds} s to the frame {engine.asked[:400]!r}")
    except subprocess.TimeoutExpired:
        bench.report.fault(f"it does not end when its channel is closed, after the frame {engine.asked[:400]!r}")
    bench.look(lines, "frames")
    return wrong + 1
