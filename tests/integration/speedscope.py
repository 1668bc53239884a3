"""The real speedscope (https://github.com/jlfwong/speedscope), as npm has it: its importer, which is
part of its page, and the schema of its file format. One version, whose bytes are known, kept below
the build directory once it is there."""

import base64
import hashlib
import json
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

from browser import BrowserError
from harness import BUILD

VERSION = "1.25.0"
SHA512 = "cpf9HWTZf1ijLXBJrk87Ve/54tnYx6rlf0gUThvn3ook6h63hLXVOQiMf44PT+XoV503cPfvfiT5gP5vojp6Ag=="
LIMIT = 240


def fetch():
    """The directory of the page and the schema. Fails where npm cannot get the package."""
    release = BUILD / "tests" / "npm" / f"speedscope-{VERSION}"
    if not release.exists():
        release.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=release.parent) as scratch:
            unpack(pack(Path(scratch)), Path(scratch) / "release")
            try:
                os.rename(Path(scratch) / "release", release)
            except OSError:  # another test was faster
                if not release.exists():
                    raise
    return release


def pack(directory):
    """npm's archive of the package, whose hash is the one that is expected."""
    done = subprocess.run(["npm", "pack", "--silent", f"speedscope@{VERSION}"], cwd=directory,
                          capture_output=True, timeout=LIMIT)
    if done.returncode != 0:
        raise AssertionError(f"npm cannot get speedscope: {done.stderr.decode()}")
    archive = directory / f"speedscope-{VERSION}.tgz"
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != SHA512:
        raise AssertionError(f"{archive.name} is not the one that is known: sha512 {found}")
    return archive


def unpack(archive, directory):
    """The files of the page, which lie side by side."""
    directory.mkdir()
    with tarfile.open(archive) as files:
        for member in files:
            path = Path(member.name)
            if member.isfile() and path.parent == Path("package/dist/release"):
                (directory / path.name).write_bytes(files.extractfile(member).read())


# What the page would save when asked to: it hands a blob to the browser, as a link to click.
SAVE = """
window.saved = null;
const make = URL.createObjectURL;
URL.createObjectURL = (blob) => { blob.text().then((text) => window.saved = text); return make.call(URL, blob); };
HTMLAnchorElement.prototype.click = () => {};
window.dispatchEvent(new KeyboardEvent("keydown", { key: "s", ctrlKey: true, bubbles: true }));
"""


def imported(browser, directory, name, data):
    """Lets speedscope import a file; what it then knows, as it exports it: a document of its own
    format. As its command does, the file goes in as a script."""
    loader = directory / "load.js"
    content = base64.b64encode(data).decode()
    loader.write_text(f"speedscope.loadFileFromBase64({json.dumps(name)}, {json.dumps(content)})")
    browser.open(fetch() / "index.html", f"#localProfilePath={loader}")
    browser.command("POST", "/refresh", {})
    browser.wait("""return document.title !== "speedscope" ||
                    /error|unrecognized|failed/i.test(document.body.innerText)""")
    said = browser.script("return document.body.innerText")
    if browser.script("return document.title") == "speedscope":
        raise BrowserError(f"speedscope cannot import {name}: {said}")
    browser.script(SAVE)
    return json.loads(browser.wait("return window.saved"))
