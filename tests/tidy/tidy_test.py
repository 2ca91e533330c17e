#!/usr/bin/env python3
"""Reads the tree and fails where it departs from the rules that the design fixes (DESIGN.md, STYLE.md).

Each rule is one test with a sentence that says what to do. The arrows between rooms stand in ARROWS and nowhere
else. Run: tidy_test.py [FOLDER]; the tree is the one that the file lies in.
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

__unittest = True  # a failure is its sentence, not the way through this file

TREE = pathlib.Path(__file__).resolve().parents[2]

# What each room may include besides itself.
FOUNDATION = {"base"}
MIDDLE = {"base", "sandbox", "wire", "store", "index", "http", "ipc"}
WORKER = {"base", "wire"}
ARROWS = {
    "base": set(),
    "sandbox": FOUNDATION,
    "wire": FOUNDATION,
    "store": FOUNDATION | {"index"},  # docs/decisions/0011
    "index": FOUNDATION,
    "http": FOUNDATION,
    "ipc": FOUNDATION | {"wire"},
    "recall": MIDDLE,
    "ingest": MIDDLE | {"sources"},  # docs/decisions/0005
    "consent": MIDDLE,
    "models": MIDDLE,
    "sources": MIDDLE,
    "answer": MIDDLE | {"recall", "ingest", "consent", "models", "sources"},
    "agent": MIDDLE | {"recall", "ingest", "consent", "models", "sources"},
    "api": MIDDLE | {"recall", "ingest", "consent", "models", "sources", "answer", "agent"},
    "inference": WORKER,
    "documents": WORKER,
    "voice": WORKER,
    "learn": WORKER,
}
WORKER_ROOMS = {"inference", "documents", "voice", "learn"}
PROCESS = {"base", "sandbox", "wire", "ipc"}
PROGRAM_ARROWS = {
    "lard": set(ARROWS) - WORKER_ROOMS,
    "spawner": PROCESS,
    "engine": PROCESS | {"inference", "learn"},
    "reader": PROCESS | {"documents"},
    "ear": PROCESS | {"voice"},
    "courier": PROCESS,
    # A client like any other: it knows the messages and the protocol, not what is behind them.
    "cli": PROCESS | {"http"},
}

# Headers of libraries, and the only places that may include them.
LIBRARIES = [
    (r"(llama|ggml[\w-]*|gguf)\.h", r"src/inference/", "llama.h and ggml are included only in src/inference"),
    (r"sqlite3(ext)?\.h", r"src/store/", "sqlite3.h is included only in src/store"),
    (r"glaze/.*", r"src/wire/([^/]*\.cpp|json\.h)", "glaze is included only in src/wire/*.cpp; declare encode/decode in a header"),
    (r"wire/json\.h", r"src/wire/[^/]*\.cpp", "wire/json.h brings glaze and is included only in src/wire/*.cpp"),
    (r"boost/.*", r"(src/http|programs/lard)/", "Boost is included only in src/http and programs/lard"),
    (r"git2(/.*)?(\.h)?", r"src/documents/", "libgit2 parses foreign bytes and is included only in src/documents"),
    (r"(poppler|lexbor)/.*|archive(_entry)?\.h|expat\.h", r"src/documents/",
     "poppler, lexbor, libarchive and expat parse foreign bytes and are included only in src/documents"),
    (r"(seccomp|linux/(seccomp|filter|bpf|landlock))\.h", r"src/sandbox/",
     "BPF and Landlock exist only in src/sandbox; a program names verbs"),
    (r"curl/.*", r"programs/courier/", "only the courier connects out, so libcurl is included only in programs/courier"),
    (r"minja/.*", r"src/inference/", "chat templates are rendered only in src/inference"),
]
SQL = re.compile(
    r'"\s*(SELECT\s.+\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|'
    r'CREATE\s+(VIRTUAL\s+)?(TABLE|INDEX|TRIGGER)\s|PRAGMA\s+\w)')

CODE = {".cpp", ".h"}
TEXT = CODE | {".py", ".sh", ".cmake", ".ts", ".css", ".html", ".md", ".toml", ".http", ""}
LINES_TO_SPLIT_AT = 600
LINES_AT_MOST = 700
BLOB_BYTES_AT_MOST = 512 * 1024

# Spelled in pieces, or this file would break its own rules.
MARKS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
FOREIGN_NAMES = re.compile("|".join(
    [re.escape(".".join(parts)) for parts in (
        ("deb", "debian", "org"), ("security", "debian", "org"), ("archive", "ubuntu", "com"), ("npmjs", "org"),
        ("npmjs", "com"), ("pypi", "org"), ("pythonhosted", "org"), ("crates", "io"), ("proxy", "golang", "org"),
        ("rubygems", "org"))]
    + ["/" + "work/(main|shared)", "/tmp/" + r"lar\b(?!-)", "/" + r"root/\."]))


def tracked_files():
    """The files of the tree, as paths relative to it: what git knows and what it would add."""
    try:
        names = subprocess.run(["git", "-C", TREE, "ls-files", "-co", "--exclude-standard", "-z"], check=True,
                               capture_output=True, text=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        names = []
        for folder, folders, files in os.walk(TREE):
            folders[:] = [name for name in folders if name not in {".git", "build", "node_modules", "__pycache__"}]
            names += [os.path.relpath(os.path.join(folder, name), TREE) for name in files]
    return sorted(name for name in names if name and (TREE / name).is_file() and not (TREE / name).is_symlink())


FILES = tracked_files()
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)


def read(name):
    return (TREE / name).read_text(encoding="utf-8", errors="replace")


def code_files(*folders):
    return [name for name in FILES if pathlib.PurePath(name).suffix in CODE and name.startswith(folders)]


def text_files():
    return [name for name in FILES if pathlib.PurePath(name).suffix in TEXT]


def place_of(text, offset):
    return text.count("\n", 0, offset) + 1


# What a line at the left margin of an anonymous namespace defines: a constant, a type, or a function with the types that it takes.
CONSTANT = re.compile(r"(?:constexpr|const|thread_local)\s[^=({]*?\b(\w+)\s*(?:\[[^\]]*\])?\s*[={]")
TYPE = re.compile(r"(?:struct|class|enum class|enum|union)\s+(\w+)[^;]*$")
DEFINITION = re.compile(r"(?:struct|class|enum class|enum|union)\s+(\w+)\s*(?:final\s*)?(?::(?!:)[^;{]*)?\{")
NAMESPACE = re.compile(r"namespace ([\w:]*)\s*\{")
FUNCTION = re.compile(r"(?!template|struct|class|enum|using|const\b|public:|private:|protected:)(?:constexpr\s)?[\w:<>,&*\[\]\s]+?[\s&*](\w+)\((.*?)\)\s*(?:const\s*)?(?:noexcept\s*)?\{")


def types_of(parameters):
    types, depth, one = [], 0, ""
    for c in parameters + ",":
        depth += (c in "<(") - (c in ">)")
        if c == "," and depth == 0:
            one = re.sub(r"\s*=.*", "", one).strip()
            types.append(re.sub(r"\s+\w+$|(?<=[&*])\w+$", "", one))
            one = ""
        else:
            one += c
    return ", ".join(types)


def hidden_names(text):
    """What the file defines for itself alone."""
    lines, inside = text.split("\n"), False
    for number, line in enumerate(lines):
        if line.startswith(("namespace {", "}  // namespace")):
            inside = line.startswith("namespace {")
        elif inside and line and line[0] not in " }#/":
            if found := CONSTANT.match(line) or TYPE.match(line):
                yield found[1]
            elif found := FUNCTION.match(" ".join(part.strip() for part in lines[number:number + 5])):
                yield f"{found[1]}({types_of(found[2])})"


def shown_types(text):
    """The types that the file defines for others to see, with their namespaces."""
    lines, inside = text.split("\n"), []
    for number, line in enumerate(lines):
        if found := NAMESPACE.match(line):
            inside.append(found[1])
        elif line.startswith("}  // namespace"):
            inside = inside[:-1]
        elif inside and all(inside) and (found := DEFINITION.match(" ".join(lines[number:number + 3]))):
            yield "::".join([*inside, found[1]])


class Tidy(unittest.TestCase):
    maxDiff = None

    def expect_none(self, complaints, rule):
        if complaints:
            self.fail(f"{rule}\n  " + "\n  ".join(complaints))

    def test_no_two_files_of_a_room_hide_the_same_name(self):
        rooms = {}
        for name in code_files("src/", "programs/"):
            if name.endswith(".cpp") and not name.endswith("_test.cpp"):
                for hidden in set(hidden_names(read(name))) - {"alignas"}:
                    rooms.setdefault((name.rsplit("/", 1)[0], hidden), []).append(name.rsplit("/", 1)[1])
        complaints = [f"{room}: {hidden} in {', '.join(files)}" for (room, hidden), files in sorted(rooms.items()) if len(files) > 1]
        self.expect_none(complaints, "several files of a room are compiled together (docs/decisions/0017): name things "
                         "apart, or have them once")

    def test_no_two_types_have_the_same_name(self):
        places = {}
        for name in code_files("src/", "programs/", "tests/", "fuzz/"):
            for shown in shown_types(read(name)):
                places.setdefault(shown, []).append(name)
        self.expect_none([f"{shown} in {', '.join(files)}" for shown, files in sorted(places.items()) if len(files) > 1],
                         "The linker takes one type's functions for the other's, and memory is overwritten:")

    def test_rooms_include_only_what_the_design_allows(self):
        complaints = []
        for name in code_files("src/"):
            room = name.split("/")[1]
            if room not in ARROWS:
                complaints.append(f"{name}: the design has no room '{room}'")
                continue
            text = read(name)
            for match in INCLUDE.finditer(text):
                target = match[2].split("/")[0]
                if match[1] != '"' or target == room:
                    continue
                where = f"{name}:{place_of(text, match.start())}"
                if "/" not in match[2]:
                    complaints.append(f'{where}: write "{room}/{match[2]}", headers are named from src')
                elif target not in ARROWS[room]:
                    allowed = ", ".join(sorted(ARROWS[room])) or "nothing of ours"
                    complaints.append(f"{where}: {room} may not include {match[2]} (it may include {allowed})")
        self.expect_none(complaints, "An #include goes against the direction of dependency (DESIGN.md, section 4):")

    def test_programs_include_only_their_rooms(self):
        complaints = []
        for name in code_files("programs/"):
            program = name.split("/")[1]
            if program not in PROGRAM_ARROWS:
                complaints.append(f"{name}: the design has no program '{program}'")
                continue
            text = read(name)
            for match in INCLUDE.finditer(text):
                target = match[2].split("/")[0]
                if match[1] != '"' or "/" not in match[2] or match[2].startswith(f"programs/{program}/"):
                    continue
                if target not in PROGRAM_ARROWS[program]:
                    complaints.append(f"{name}:{place_of(text, match.start())}: programs/{program} may not include {match[2]}")
        self.expect_none(complaints, "A program links a room that is not its own (DESIGN.md, sections 3 and 4):")

    def test_libraries_are_included_only_in_their_room(self):
        complaints = []
        for name in code_files("src/", "programs/"):
            text = read(name)
            for match in INCLUDE.finditer(text):
                for header, place, rule in LIBRARIES:
                    if re.fullmatch(header, match[2]) and not re.match(place, name):
                        complaints.append(f"{name}:{place_of(text, match.start())}: <{match[2]}>: {rule}")
        self.expect_none(complaints, "A library is included outside its room:")

    def test_sql_is_written_only_in_the_store(self):
        complaints = []
        for name in code_files("src/", "programs/"):
            if name.startswith("src/store/"):
                continue
            text = read(name)
            complaints += [f"{name}:{place_of(text, match.start())}" for match in SQL.finditer(text)]
        self.expect_none(complaints, "SQL is written only in src/store; give the store a function that says what you need:")

    def test_the_architecture_names_every_room_and_program(self):
        if not (TREE / "ARCHITECTURE.md").exists():
            self.skipTest("ARCHITECTURE.md is not written yet")
        text = read("ARCHITECTURE.md")
        there = {"/".join(name.split("/")[:2]) for name in code_files("src/", "programs/")}
        named = {match[0].rstrip("/") for match in re.finditer(r"\b(src|programs)/[a-z_]+", text)}
        self.expect_none([f"{place} is not named" for place in sorted(there - named)] +
                         [f"{place} is named but does not exist" for place in sorted(named - there)
                          if not (TREE / place).exists()],
                         "ARCHITECTURE.md names every room (src/NAME) and program (programs/NAME), and no other:")

    def test_every_verb_of_dev_says_how_it_is_used(self):
        def said(*words):
            return subprocess.run(["bash", str(TREE / "dev"), *words], capture_output=True, text=True, timeout=60).stdout
        verbs = set(re.findall(r"^\./dev (\w+)", said("--help"), re.MULTILINE))
        self.assertIn("fuzz", verbs)
        self.expect_none([verb for verb in sorted(verbs) if not said(verb, "--help").startswith(f"./dev {verb} ")],
                         "./dev VERB --help begins with the line of ./dev --help:")

    def test_files_are_short_enough_to_read(self):
        complaints = []
        for name in text_files():
            if pathlib.PurePath(name).suffix in {"", ".md"} and not os.access(TREE / name, os.X_OK):
                continue
            lines = read(name).count("\n")
            if lines > LINES_AT_MOST:
                complaints.append(f"{name}: {lines} lines")
            elif lines > LINES_TO_SPLIT_AT:
                print(f"tidy: {name} has {lines} lines; which noun wants its own file?", file=sys.stderr)
        self.expect_none(complaints, f"A file is longer than {LINES_AT_MOST} lines; ask which noun wants its own file:")

    def test_no_mark_stands_for_work_left_undone(self):
        complaints = []
        for name in text_files():
            text = read(name)
            complaints += [f"{name}:{place_of(text, match.start())}: {match[0]}" for match in MARKS.finditer(text)]
        self.expect_none(complaints, "Work left undone belongs into an issue, not into the text:")

    def test_no_file_names_a_registry_or_a_machine(self):
        complaints = []
        for name in text_files() + [name for name in FILES if name.endswith((".json", ".txt"))]:
            text = read(name)
            complaints += [f"{name}:{place_of(text, match.start())}: {match[0]}" for match in FOREIGN_NAMES.finditer(text)]
        self.expect_none(complaints, "A package registry or a path of one machine is named; take it from the system's settings:")

    def test_every_source_file_is_built(self):
        complaints = []
        words = "".join(read(name) for name in FILES if name.startswith("cmake/"))  # what lar_fuzz and others add
        for name in code_files("src/", "programs/", "tests/", "fuzz/", "bench/"):
            path = pathlib.PurePath(name)
            if path.suffix != ".cpp" or f"/{name}" in words:
                continue
            listed = False
            for folder in path.parents:
                lists = TREE / folder / "CMakeLists.txt"
                if lists.exists():
                    relative = str(path.relative_to(folder))
                    listed = re.search(r"(?<![\w/])" + re.escape(relative) + r"(?!\w)", lists.read_text()) is not None
                    break
            if not listed:
                complaints.append(name)
        self.expect_none(complaints, "A source file is not in the CMakeLists.txt of its folder, so nobody compiles it:")

    def test_test_names_are_claims(self):
        complaints = []
        for name in code_files("src/", "programs/", "tests/"):
            if not name.endswith("_test.cpp"):
                continue
            text = read(name)
            for match in re.finditer(r"^TEST(?:_F|_P)?\(\s*\w+\s*,\s*(\w+)\s*\)", text, re.MULTILINE):
                words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", match[1])
                if len(words) < 3:
                    complaints.append(f"{name}:{place_of(text, match.start())}: {match[1]}")
        self.expect_none(complaints, "A test's name says what holds, in at least three words:")

    def test_headers_say_what_they_are_for(self):
        complaints = []
        for name in code_files("src/", "programs/"):
            if name.endswith(".h"):
                text = read(name)
                if not text.startswith("//"):
                    complaints.append(f"{name}: begins without a comment")
                if "#pragma once" not in text:
                    complaints.append(f"{name}: has no #pragma once")
        self.expect_none(complaints, "A header begins with what it is for, how it is used and what it refuses:")

    def test_documents_have_one_title(self):
        complaints = []
        for name in FILES:
            if not name.endswith(".md"):
                continue
            prose = re.sub(r"^(```|~~~).*?^\1", "", read(name), flags=re.MULTILINE | re.DOTALL)
            titles = re.findall(r"^# ", prose, re.MULTILINE)
            if len(titles) != 1:
                complaints.append(f"{name}: {len(titles)} titles")
        self.expect_none(complaints, "A document has exactly one title (a line that begins with '# '):")

    def test_every_setting_is_described(self):
        settings = (TREE / "programs/lard/settings.cpp").read_text()
        keys = set(re.findall(r'"([a-z_.]+|providers\.NAME)"', re.search(r"known_keys\{(.*?)\};", settings, re.S)[1]))
        variables = set(re.findall(r'"((?:LAR|OLLAMA)_[A-Z_]+)"', settings))
        page = (TREE / "docs/settings.md").read_text()
        named = set(re.findall(r"`([A-Za-z_.]+)`", "".join(re.findall(r"^\|([^|]*)\|", page, re.M))))
        missing = sorted((keys | variables) - set(re.findall(r"[A-Za-z_.]+", page)))
        self.assertFalse(missing, f"describe these in docs/settings.md: {missing}")
        invented = sorted(name for name in named if re.fullmatch(r"[a-z_]+\.[a-z_]+", name) and name not in keys)
        self.assertFalse(invented, f"docs/settings.md describes what is none: {invented}")

    def test_the_thesaurus_is_well_formed(self):
        word = r"[a-z0-9_']+"
        directed = re.compile(rf"{word}( {word})*(, {word}( {word})*)*:( {word}){{1,5}}")
        mutual = re.compile(rf"{word}(( = {word})+|( ~ {word})+)")
        code = re.search(r"passed_over = \{(.*?)\};", read("src/recall/thesaurus.cpp"), re.S)[1]
        passed_over = set(re.findall(r'"([a-z]+)"', code))
        complaints, seen = [], set()
        lines = [(f"{name}:{number}", line) for name in (f"src/recall/{one}.txt" for one in ("thesaurus", "equivalents", "families", "household"))
                 for number, line in enumerate(read(name).splitlines(), 1)]
        for where, line in lines:
            if not line or line.startswith("#"):
                continue
            if not directed.fullmatch(line) and not mutual.fullmatch(line):
                complaints.append(f"{where}: {line}")
            if line in seen:
                complaints.append(f"{where}: stands twice: {line}")
            for phrase in line.partition(":")[0].split(", ") if ":" in line else []:
                if len(phrase.split()) > 1 and sum(one not in passed_over for one in phrase.split()) < 2:
                    complaints.append(f"{where}: a single word for the thesaurus: {phrase}")
            seen.add(line)
        self.expect_none(complaints, "An entry is written as the head of the file says:")

    def test_the_words_of_other_languages_are_well_formed(self):
        mutual, word = re.compile(r"[^ ]+(( = [^ ]+)+|( ~ [^ ]+)+)"), re.compile(r"[^=~,:]+")
        codes = set(re.findall(r'\{"([a-z]{2})", "[A-Z]', read("src/index/language.cpp"))) | {"zh", "ja", "ko"}
        complaints = []
        for name, form in (("src/recall/synonyms.txt", mutual), ("src/recall/everyday.txt", word)):
            section, sections, seen = None, [], set()
            for number, line in enumerate(read(name).splitlines(), 1):
                if not line or line.startswith("#"):
                    continue
                if line.startswith("["):
                    section, seen = line[1:-1], set()
                    sections.append(section)
                elif section is None or not form.fullmatch(line) or line != line.lower() or line in seen:
                    complaints.append(f"{name}:{number}: {line}")
                seen.add(line)
            complaints += [f"{name}: [{one}]" for one in sections if one not in codes or sections.count(one) > 1]
        self.expect_none(complaints, "A list of words is written as the head of its file says:")

    def test_no_large_blob_is_kept(self):
        complaints = [f"{name}: {(TREE / name).stat().st_size} bytes" for name in FILES
                      if (TREE / name).stat().st_size > BLOB_BYTES_AT_MOST]
        self.expect_none(complaints, f"Files over {BLOB_BYTES_AT_MOST} bytes are fetched or made, not kept:")


if __name__ == "__main__":
    unittest.main()
