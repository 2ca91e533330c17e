#!/usr/bin/env python3
"""Documents through the real lard and lar-reader: what is found in them, where it is said to stand, and what is refused.

Run: documents_test.py [TEST...] with LAR_BIN naming the folder of the programs. The documents are made here.
"""

import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import time
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from own_home import OwnHome  # noqa: E402

BIN = pathlib.Path(os.environ["LAR_BIN"]).resolve()
OK, ERROR, USAGE, NOT_FOUND = range(4)


def pdf(pages, trailer=""):
    """A PDF of so many pages, each a list of lines."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = ["<</Type /Catalog /Pages 2 0 R>>", f"<</Type /Pages /Kids [{kids}] /Count {len(pages)}>>",
               "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>"]
    for lines in pages:
        content = "BT /F 12 Tf 72 720 Td 14 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
        objects.append(f"<</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {len(objects) + 2} 0 R "
                       "/Resources <</Font <</F 3 0 R>>>>>>")
        objects.append(f"<</Length {len(content)}>>\nstream\n{content}\nendstream")
    out, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    return (f"{out}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
            f"trailer\n<</Size {len(objects) + 1} /Root 1 0 R {trailer}>>\nstartxref\n{len(out)}\n%%EOF\n").encode()


def zipped(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return out.getvalue()


def word(*paragraphs):
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return zipped({"[Content_Types].xml": f'<Types><Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
                   "word/document.xml": f'<w:document xmlns:w="w"><w:body>{body}</w:body></w:document>'})


def tar_gz(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


def locked_pdf():
    unknown = "61" * 32
    return pdf([["hidden"]], f"/ID [<{unknown}> <{unknown}>] /Encrypt <</Filter /Standard /V 1 /R 2 /P -4 /O <{unknown}> /U <{unknown}>>>")


class Documents(OwnHome):
    def setUp(self):
        super().setUp()
        (self.home / "config" / "config.toml").write_text("[server]\ntcp = false\n")
        self.papers = self.folder / "papers"
        self.papers.mkdir()
        self.addCleanup(self.stop)

    def stop(self):
        subprocess.run([BIN / "lar", "shutdown"], env=self.environment, capture_output=True, timeout=30)

    def lar(self, *words, ends=OK):
        ended = subprocess.run([BIN / "lar", *map(str, words)], env=self.environment, capture_output=True, text=True,
                               stdin=subprocess.DEVNULL, timeout=120)
        self.assertEqual(ended.returncode, ends, ended.stdout + ended.stderr)
        return ended.stdout

    def write(self, name, data):
        (self.papers / name).write_bytes(data if isinstance(data, bytes) else data.encode())

    def hits(self, query):
        ended = subprocess.run([BIN / "lar", "search", query, "--json"], env=self.environment, capture_output=True, text=True,
                               stdin=subprocess.DEVNULL, timeout=120)
        self.assertIn(ended.returncode, (OK, NOT_FOUND), ended.stderr)
        return json.loads(ended.stdout)["hits"]

    def best(self, query):
        hits = self.hits(query)
        self.assertTrue(hits, query)
        return hits[0]

    def why(self, name, ends=OK):
        return json.loads(self.lar("sources", "--why", self.papers / name, "--json", ends=ends))

    def test_what_stands_in_documents_is_found_with_its_page(self):
        self.write("report.pdf", pdf([["Introduction to everything."], ["The ferry to Korcula leaves at seven in the morning."]]))
        self.write("letter.docx", word("Dear Ana,", "the zebra fence was painted in September."))
        self.write("page.html", "<title>Bread</title><h1>Bread</h1><p>Sourdough rests for <b>eighteen</b> hours.</p>")
        self.write("book.epub", zipped({
            "META-INF/container.xml": '<c><rootfile full-path="b.opf"/></c>',
            "b.opf": '<p><manifest><item id="a" href="a.xhtml"/></manifest><spine><itemref idref="a"/></spine></p>',
            "a.xhtml": "<h1>Whales</h1><p>A narwhal dives fifteen hundred metres.</p>"}))
        self.write("study.ipynb", json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": "quokka_count = 12"}]}))
        self.write("old.tar.gz", tar_gz({"notes/todo.txt": "first\nbuy a theremin\n", ".env": "PASSWORD=theremin\n"}))
        self.lar("add", self.papers, "--name", "papers")

        ferry = self.best("ferry to Korcula")
        self.assertEqual((ferry["place"]["path"], ferry["place"]["page"]), ("report.pdf", 2))
        self.assertIn("report.pdf p. 2", self.lar("search", "ferry to Korcula"))
        self.assertEqual(self.best("zebra fence")["place"]["path"], "letter.docx")
        bread = self.best("sourdough eighteen hours")
        self.assertEqual((bread["title"], bread["context"]), ("Bread", ""))
        self.assertEqual(self.best("narwhal")["place"]["path"], "book.epub")
        self.assertEqual(self.best("quokka_count")["place"]["path"], "study.ipynb")
        theremin = self.best("theremin")
        self.assertEqual((theremin["place"]["path"], theremin["place"]["line_last"]), ("old.tar.gz/notes/todo.txt", 2))
        self.assertNotIn("PASSWORD", self.lar("search", "theremin"))

        answer = json.loads(self.lar("ask", "When does the ferry to Korcula leave?", "--json"))
        self.assertEqual(answer["outcome"], "answered")
        citation = answer["citations"][0]
        self.assertEqual((citation["place"]["path"], citation["place"]["page"], citation["state"]), ("report.pdf", 2, "unchanged"))
        self.assertEqual(self.lar("open", "1", "--print").strip(), str(self.papers / "report.pdf"))

    def test_what_cannot_be_read_is_named_with_its_reason(self):
        self.write("locked.pdf", locked_pdf())
        self.write("broken.pdf", "%PDF-1.7 and nothing more")
        self.write("broken.docx", "PK\x03\x04 no zip")
        self.write("pictures.pdf", pdf([[]]))
        self.write("entities.docx", zipped({
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><d><p><r><t>&b;</t></r></p></d>'}))
        self.write("bomb.docx", word(*["a" * 1_000_000] * 60))
        self.write("bundle.zip", zipped({"../outside.txt": "out", "inner.zip": zipped({"a": "a"}), "locked.pdf": locked_pdf(),
                                         "good.txt": "a pangolin"}))
        self.lar("add", self.papers, "--name", "papers")
        for name, reason in (("locked.pdf", "encrypted"), ("broken.pdf", "damaged"), ("broken.docx", "damaged"),
                             ("pictures.pdf", "no text"), ("entities.docx", "damaged")):
            why = self.why(name, ends=NOT_FOUND)
            self.assertEqual((why["included"], why["reason"]), (False, reason), why)
        bomb = self.why("bomb.docx")
        self.assertIn("read in part", bomb["detail"])
        self.assertEqual(self.best("pangolin")["place"]["path"], "bundle.zip/good.txt")
        listed = self.lar("sources", "--left-out", "papers")
        for line in ("bundle.zip/../outside.txt", "bundle.zip/inner.zip", "bundle.zip/locked.pdf", "locked.pdf", "encrypted"):
            self.assertIn(line, listed)
        # A second sync says the same.
        self.lar("sync", "papers")
        self.assertEqual(self.lar("sources", "--left-out", "papers"), listed)

    def test_a_document_that_changes_is_read_again_and_its_citation_says_so(self):
        self.write("plan.pdf", pdf([["The aardvark visits on Monday."]]))
        self.lar("add", self.papers, "--name", "papers")
        self.lar("ask", "When does the aardvark visit?")
        self.write("plan.pdf", pdf([["The okapi visits on Friday, and nobody else does."]]))
        deadline = time.monotonic() + 30
        while not self.hits("okapi"):
            self.assertLess(time.monotonic(), deadline, "the change was not seen")
            time.sleep(0.1)
        self.assertEqual(self.hits("aardvark"), [])


if __name__ == "__main__":
    unittest.main()
