"""GGUF files that are damaged on purpose: cut, bits flipped, numbers that promise more than there is, words that lie.

    model = Gguf.parse(open(path, "rb").read())
    for name, write in damages(model, whole, random.Random(1), 100): write(path)

A damage is a function that writes its file, because some are larger than memory: those are files with holes. What a
GGUF is made of is read here only to know where to hit it.
"""

import copy
import os
import struct

STRING, ARRAY = 8, 9
SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
CODES = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "b", 10: "Q", 11: "q", 12: "d"}
WHOLE = [0, 1, 2, 3, 7, 31, 255, 256, 65535, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**40, 2**62, 2**63 - 1, 2**63, 2**64 - 1]
REAL = [0.0, -1.0, 1e-45, 1e38, float("inf"), float("-inf"), float("nan")]
WORDS = [b"", b"\0", b"\xff\xfe\xfd", b"\xed\xa0\x80", b"\x1b[2J\x1b]0;x\x07", b"../../../../etc/passwd", b"/proc/self/environ", b"A" * 70_000,
         b"%s%n%x", "\u202e\U0001f600".encode() * 50, b"llama\0llama", b"-1", b"gpt2", b"llama", b"bert", b"t5", b"clip", b"none"]
TEMPLATES = [b"{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}", b"{{ messages" * 400, b"{{ " + b"(" * 5000,
             b"{% set x = 'aaaaaaaaaa' %}" + b"{% set x = x * 1000 %}" * 9 + b"{{ x }}", b"{{ " + b"-" * 100_000 + b"1 }}",
             b"{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", b"{{ raise_exception('no') }}", b"{{ ''.__class__.__mro__ }}", b"\xff{{ x }}",
             b"{{ messages|tojson * 100000 }}", b"{% include '/etc/passwd' %}", b"{{ strftime_now('%' * 9999) }}"]


class Gguf:
    """Header, entries [key, type, bytes], tensors [name, dimensions, type, offset], data."""

    def __init__(self):
        self.version, self.entries, self.tensors, self.data = 3, [], [], b""
        self.places = []  # (kind, offset, size) of every number in the header, as it lay in the file
        self.tensor_count = self.entry_count = None  # instead of the true ones

    @staticmethod
    def parse(whole):
        self, at = Gguf(), 8
        self.version = struct.unpack_from("<I", whole, 4)[0]
        self.places.append(("version", 4, 4))

        def number(kind, size):
            nonlocal at
            self.places.append((kind, at, size))
            at += size
            return int.from_bytes(whole[at - size:at], "little")

        def text(kind):
            nonlocal at
            length = number(kind, 8)
            at += length
            return whole[at - length:at]

        def value(kind):
            nonlocal at
            begin = at
            if kind == STRING:
                text("length")
            elif kind == ARRAY:
                inner, count = number("type", 4), number("count", 8)
                if inner == STRING:
                    for i in range(count):
                        length = int.from_bytes(whole[at:at + 8], "little")
                        if i % 97 == 0:
                            self.places.append(("length", at, 8))
                        at += 8 + length
                else:
                    at += count * SIZES[inner]
            else:
                number("value", SIZES[kind])
            return whole[begin:at]

        tensors, entries = number("count", 8), number("count", 8)
        for _ in range(entries):
            key, kind = text("length"), number("type", 4)
            self.entries.append([key, kind, value(kind)])
        for _ in range(tensors):
            name, dimensions = text("length"), number("count", 4)
            shape = [number("dimension", 8) for _ in range(dimensions)]
            self.tensors.append([name, shape, number("type", 4), number("offset", 8)])
        self.header = at
        at += -at % 32
        self.data = whole[at:]
        return self

    def find(self, ending):
        return next((entry for entry in self.entries if entry[0].endswith(ending)), None)

    def head(self):
        out = [b"GGUF", struct.pack("<IQQ", self.version, len(self.tensors) if self.tensor_count is None else self.tensor_count,
                                    len(self.entries) if self.entry_count is None else self.entry_count)]
        for key, kind, value in self.entries:
            out += [struct.pack("<Q", len(key)), key, struct.pack("<I", kind), value]
        for name, shape, kind, offset in self.tensors:
            out += [struct.pack("<Q", len(name)), name, struct.pack(f"<I{len(shape)}Q", len(shape), *shape),
                    struct.pack("<IQ", kind, offset)]
        head = b"".join(out)
        return head + bytes(-len(head) % 32)


def text_value(data):
    return struct.pack("<Q", len(data)) + data


def fitting(value, size):
    return (value % 2 ** (8 * size)).to_bytes(size, "little")


def plain(data):
    def write(path):
        with open(path, "wb") as file:
            file.write(data)
    return write


def with_hole(head, data, size):
    """A file that says it is `size` bytes long, most of which take no room on the disk."""
    def write(path):
        with open(path, "wb") as file:
            file.write(head + data)
        os.truncate(path, size)
    return write


# --- one damage each ---

def cut(model, whole, random):
    borders = [place[1] for place in model.places] + [model.header]
    size = random.choice([random.choice(borders), random.randrange(len(whole)), random.randrange(64), len(whole) - 1,
                          len(whole) - random.randrange(1, 4096)])
    return plain(whole[:max(size, 0)])


def flip(model, whole, random):
    data = bytearray(whole)
    reach = random.choice([model.header, model.header, len(data)])
    for _ in range(random.choice([1, 1, 2, 4, 16, 64])):
        place = random.randrange(4, reach)
        data[place] = 0xFF if random.random() < 0.2 else data[place] ^ (1 << random.randrange(8))
    return plain(bytes(data))


def weights(model, whole, random):
    """A stretch of the tensors' bytes: numbers that are none, and infinities."""
    if not model.data:
        return flip(model, whole, random)
    data = bytearray(whole)
    begin = random.randrange(len(whole) - len(model.data), len(data))
    pattern = random.choice([b"\xff", b"\0\0\xc0\x7f", b"\0\0\x80\x7f", b"\0\x7c", random.randbytes(64)])
    size = min(len(data) - begin, random.choice([4, 400, 40_000]))
    data[begin:begin + size] = (pattern * size)[:size]
    return plain(bytes(data))


def number(model, whole, random):
    """A length, a count, a dimension, a type or an offset that promises something else."""
    data = bytearray(whole)
    for _ in range(random.choice([1, 1, 2])):
        kind, place, size = random.choice([one for one in model.places if one[0] != "value"] or model.places)
        now = int.from_bytes(data[place:place + size], "little")
        data[place:place + size] = fitting(random.choice(WHOLE + [now + 1, now - 1, now * 2, now * 4096]), size)
    return plain(bytes(data))


def shape(model, whole, random):
    """What the model says of its shape: layers, heads, window, tokens by number."""
    other = copy.copy(model)
    other.entries = [list(entry) for entry in model.entries]
    numbers = [one for one in other.entries if one[1] in CODES]
    for entry in random.sample(numbers, min(random.choice([1, 1, 2, 3]), len(numbers))):
        if entry[1] in (6, 12):
            entry[2] = struct.pack("<" + CODES[entry[1]], random.choice(REAL))
        else:
            entry[2] = fitting(random.choice(WHOLE), SIZES[entry[1]])
    return plain(other.head() + other.data)


def words(model, whole, random):
    """Keys, texts and names that are empty, foreign, huge or say something else."""
    other = copy.copy(model)
    other.entries = [list(entry) for entry in model.entries]
    other.tensors = [list(tensor) for tensor in model.tensors]
    target = random.choice(["text", "key", "tensor", "template", "token", "twice", "gone", "type"])
    entry = random.choice(other.entries)
    if target == "text" and (texts := [one for one in other.entries if one[1] == STRING]):
        random.choice(texts)[2] = text_value(random.choice(WORDS))
    elif target == "key":
        entry[0] = random.choice(WORDS)
    elif target == "tensor" and other.tensors:
        random.choice(other.tensors)[0] = random.choice(WORDS + [random.choice(other.tensors)[0]])
    elif target == "template":
        other.entries = [one for one in other.entries if one[0] != b"tokenizer.chat_template"]
        other.entries.append([b"tokenizer.chat_template", STRING, text_value(random.choice(TEMPLATES))])
    elif target == "token" and (tokens := other.find(b"ggml.tokens")):
        count = random.choice([0, 1, 200, 5000])
        tokens[2] = struct.pack("<IQ", STRING, count) + b"".join(text_value(random.choice(WORDS[:6] + [b"a", b"the"])) for _ in range(count))
    elif target == "twice":
        other.entries.append(list(entry))
    elif target == "gone":
        other.entries.remove(entry)
    else:
        entry[1] = random.randrange(0, 16)
    return plain(other.head() + other.data)


def oversized(model, whole, random):
    """More than any machine has: entries, dimensions, tensors, a file of terabytes."""
    other = copy.copy(model)
    other.entries = [list(entry) for entry in model.entries]
    other.tensors = [list(tensor) for tensor in model.tensors]
    target = random.choice(["entries", "tensors", "array", "dimensions", "file", "window", "counts"])
    if target == "entries":
        other.entries += [[b"x.%d" % i, 4, b"\1\0\0\0"] for i in range(random.choice([5000, 70_000]))]
    elif target == "tensors":
        other.tensors += [[b"x.%d" % i, [32], 0, 0] for i in range(random.choice([2000, 20_000]))]
    elif target == "array":
        count = random.choice([100_000, 2_000_000])
        other.entries.append([b"x.array", ARRAY, struct.pack("<IQ", 0, count) + bytes(count)])
    elif target == "dimensions" and other.tensors:
        random.choice(other.tensors)[1] = [random.choice([32, 2**20, 2**31, 2**33, 2**62]) for _ in range(random.choice([1, 2, 3, 4, 5]))]
    elif target == "window" and (window := other.find(b".context_length")):
        window[2] = fitting(random.choice([2**20, 2**26, 2**31 - 1, 2**32 - 1]), SIZES[window[1]])
    elif target == "counts":
        other.tensor_count, other.entry_count = random.choice([(2**40, None), (None, 2**40), (2**63, 2**63), (0, None), (None, 0)])
    else:
        # The last tensor becomes as long as the file says it is.
        if other.tensors and random.random() < 0.7:
            last = max(other.tensors, key=lambda tensor: tensor[3])
            last[1] = [last[1][0], 2**random.choice([28, 33])]
            last[2] = 0
        return with_hole(other.head(), other.data, random.choice([2**40, 2**42, 2**43]))
    return plain(other.head() + other.data)


KINDS = [cut, flip, weights, number, shape, words, oversized]


def damages(model, whole, random, count):
    """(name of the kind, a function that writes the file to a path), `count` times."""
    for i in range(count):
        kind = KINDS[i % len(KINDS)]
        yield kind.__name__, kind(model, whole, random)
