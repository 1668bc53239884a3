"""A browser for tests: Chromium, driven over WebDriver (https://www.w3.org/TR/webdriver2/) by plain
HTTP on the loopback interface.

    with Browser(directory) as browser:
        browser.open(Path("picture.svg"))
        browser.script("return document.title")
        browser.click(browser.find("#reset"))
"""

import json
import re
import subprocess
import urllib.error
import urllib.request

STARTED = re.compile(r"started successfully on port (\d+)")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key that the standard gives elements


class BrowserError(Exception):
    """The browser refused, or could not do, what was asked of it."""


class Browser:
    """One window without a screen. What the page itself logs as an error is kept."""

    def __init__(self, directory, width=1280, height=900, arguments=()):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True)
        self.session = None
        try:
            self.base = f"http://127.0.0.1:{self._port()}"
            options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu",
                                "--hide-scrollbars", "--disable-dev-shm-usage",
                                "--allow-file-access-from-files",
                                f"--user-data-dir={directory}/browser",
                                f"--window-size={width},{height}", *arguments]}
            wanted = {"browserName": "chrome", "goog:chromeOptions": options,
                      "goog:loggingPrefs": {"browser": "ALL"}}
            started = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
            self.session = f"/session/{started['sessionId']}"
        except BaseException:
            self._end()
            raise

    def _port(self):
        for line in self.driver.stdout:
            found = STARTED.search(line)
            if found:
                return found[1]
        raise BrowserError("chromedriver did not start")

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise BrowserError(f"{value['error']}: {value['message']}") from error

    def _end(self):
        if self.session:
            self._ask("DELETE", self.session)
        self.driver.kill()
        self.driver.communicate()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._end()

    def command(self, method, path, body=None):
        """A command of this session."""
        return self._ask(method, self.session + path, body)

    def open(self, path, fragment=""):
        """Opens a local file."""
        self.command("POST", "/url", {"url": path.resolve().as_uri() + fragment})

    def script(self, text, *arguments):
        """Runs a function's body in the page; what it returns, as JSON."""
        return self.command("POST", "/execute/sync", {"script": text, "args": list(arguments)})

    def wait(self, text, *arguments, seconds=30):
        """Calls a function's body of the page at each frame until it returns something; that."""
        self.command("POST", "/timeouts", {"script": seconds * 1000})
        return self.command("POST", "/execute/async", {"args": list(arguments), "script": f"""
            const given = Array.from(arguments), done = given.pop();
            const look = () => {{
                const value = (function () {{ {text} }}).apply(null, given);
                value ? done(value) : setTimeout(look, 10);
            }};
            look();"""})

    def find(self, selector):
        """The first element that a CSS selector matches."""
        return self.command("POST", "/element", {"using": "css selector", "value": selector})

    def click(self, element):
        """A click of the mouse in the middle of an element, which must be there to be clicked."""
        self.command("POST", f"/element/{element[ELEMENT]}/click", {})

    def type(self, element, text):
        """Types into an element."""
        self.command("POST", f"/element/{element[ELEMENT]}/value", {"text": text})

    def press(self, *keys):
        """Presses keys, one after the other, wherever the focus is."""
        events = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.command("POST", "/actions",
                     {"actions": [{"type": "key", "id": "keyboard", "actions": events}]})

    def errors(self):
        """What the page complained of since it was last asked."""
        return [entry["message"] for entry in self.command("POST", "/se/log", {"type": "browser"})
                if entry["level"] == "SEVERE"]
