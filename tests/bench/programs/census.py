"""What names the python library uses: parses N of its modules, counts names by function, and takes
each tree apart and together again. Prints the most frequent and a digest.

    census.py N
"""

import ast
import collections
import hashlib
import json
import os
import sys

MODULES = ("argparse", "ast", "asyncio/base_events", "asyncio/events", "bdb", "calendar", "cgi", "codecs",
           "collections/__init__", "configparser", "copy", "csv", "dataclasses", "datetime", "difflib",
           "dis", "doctest", "email/message", "enum", "fractions", "ftplib", "functools", "gzip", "heapq",
           "http/client", "http/server", "imaplib", "inspect", "json/decoder", "locale", "logging/__init__",
           "mailbox", "nntplib", "optparse", "os", "pathlib", "pdb", "pickle", "plistlib", "pydoc", "random",
           "shutil", "smtplib", "socket", "statistics", "string", "subprocess", "tarfile", "textwrap",
           "threading", "tokenize", "traceback", "typing", "unittest/mock", "urllib/request", "uuid",
           "zipfile")


class Names(ast.NodeVisitor):
    """Names and attributes, by the functions they stand in."""

    def __init__(self):
        self.path = []
        self.found = collections.defaultdict(collections.Counter)

    def visit_FunctionDef(self, node):
        self.path.append(node.name)
        self.generic_visit(node)
        self.path.pop()

    visit_ClassDef = visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Name(self, node):
        self.found[".".join(self.path)][node.id] += 1

    def visit_Attribute(self, node):
        self.found[".".join(self.path)]["." + node.attr] += 1
        self.generic_visit(node)


def census(path):
    with open(path, encoding="utf-8") as source:
        tree = ast.parse(source.read())
    names = Names()
    names.visit(tree)
    again = ast.unparse(tree)
    words = sorted(set(again.split()), key=lambda word: (len(word), word))
    return names.found, again, words


def main():
    total, digest = collections.Counter(), hashlib.sha256()
    for module in MODULES[:int(sys.argv[1])]:
        found, again, words = census(os.path.join(os.path.dirname(os.__file__), module + ".py"))
        for counts in found.values():
            total.update(counts)
        kept = {where: dict(counts.most_common(3)) for where, counts in found.items()}
        digest.update(json.dumps(json.loads(json.dumps(kept)), sort_keys=True).encode())
        digest.update(again.encode() + " ".join(words).encode())
    print(total.most_common(5), digest.hexdigest())


main()
