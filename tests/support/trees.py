"""Trees and histories made from a seed: the material of tests and measurements at scale."""

import os
import random
import subprocess

SYLLABLES = "ba be bi bo bu da de di do du fa fe fi fo ga ge gi go ka ke ki ko la le li lo ma me mi mo na ne ni no pa pe po ra re ri ro sa se si so ta te ti to va ve vi vo za ze zo".split()


def word(number):
    """The same word for the same number; small numbers are short."""
    out = []
    number += len(SYLLABLES)
    while number:
        number, digit = divmod(number, len(SYLLABLES))
        out.append(SYLLABLES[digit])
    return "".join(out)


def words(random_source, count, vocabulary=50_000):
    """Zipf-like: a word's rank is about exponential in a uniform draw."""
    return [word(int(vocabulary ** random_source.random()) - 1) for _ in range(count)]


def text(random_source, lines, prefix=""):
    return "".join(prefix + " ".join(words(random_source, random_source.randint(4, 12))) + "\n" for _ in range(lines))


def code(random_source, functions):
    out = [f"// {' '.join(words(random_source, 9))}\n"]
    for _ in range(functions):
        name = "_".join(words(random_source, 2))
        out.append(f"int {name}(int value) {{\n    // {' '.join(words(random_source, 8))}\n")
        out.extend(f"    value += {random_source.randint(1, 99)};  // {word(random_source.randint(0, 9999))}\n" for _ in range(random_source.randint(3, 12)))
        out.append("    return value;\n}\n\n")
    return "".join(out)


def make_tree(root, files, seed=1):
    """`files` files in folders of 40, two thirds code, about 2.5 KB each; returns their bytes."""
    random_source = random.Random(seed)
    total = 0
    for number in range(files):
        folder = os.path.join(root, word(number // 1600), word(number // 40))
        os.makedirs(folder, exist_ok=True)
        prose = number % 3 == 0
        content = f"# {' '.join(words(random_source, 4))}\n\n" + text(random_source, 40) if prose else code(random_source, 7)
        with open(os.path.join(folder, f"{word(number)}{number}{'.md' if prose else '.cpp'}"), "w") as file:
            file.write(content)
        total += len(content)
    return total


def make_history(root, commits, files=200, seed=2, branch="main"):
    """A repository with that many commits, by git fast-import: a few lines of one or two files each."""
    random_source = random.Random(seed)
    subprocess.run(["git", "init", "-q", "-b", branch, root], check=True)
    contents = {}
    stream = []
    when = 1_600_000_000
    for number in range(commits):
        when += random_source.randint(60, 40_000)
        message = " ".join(words(random_source, random_source.randint(4, 10)))
        stream.append(f"commit refs/heads/{branch}\nmark :{number + 1}\n"
                      f"committer {word(number % 17)} <{word(number % 17)}@example.org> {when} +0100\n"
                      f"data {len(message)}\n{message}\n")
        if number:
            stream.append(f"from :{number}\n")
        for _ in range(random_source.randint(1, 2)):
            path = f"src/{word(random_source.randint(0, files))}.c"
            lines = contents.setdefault(path, text(random_source, 30).splitlines())
            at = random_source.randint(0, len(lines))
            lines[at:at + 1] = text(random_source, 2).splitlines()
            content = "\n".join(lines) + "\n"
            stream.append(f"M 100644 inline {path}\ndata {len(content)}\n{content}\n")
        stream.append("\n")
    subprocess.run(["git", "-C", root, "fast-import", "--quiet"], input="".join(stream).encode(), check=True)
    subprocess.run(["git", "-C", root, "reset", "-q", "--hard"], check=True)
