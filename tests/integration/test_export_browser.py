"""Exports in a browser: the flame graph as people see and use it, and what speedscope's own importer
makes of each format that it knows."""

import json
import re
import shutil
import tempfile
import unittest
from collections import Counter
from pathlib import Path

import speedscope
from browser import Browser
from harness import ANALYZER, Case, main, profile, run, victim

# Keys of WebDriver.
ENTER, ESCAPE, UP, DOWN = "\ue007", "\ue00c", "\ue013", "\ue015"
METRICS = ("time", "allocations", "bytes", "peak", "live")


def setUpModule():
    global BROWSER, DIRECTORY, TRACE
    DIRECTORY = Path(tempfile.mkdtemp(prefix="export-"))
    unittest.addModuleCleanup(shutil.rmtree, DIRECTORY, ignore_errors=True)
    done = profile([victim("pictures"), "0.3"], DIRECTORY / "run", ["-F", "999"])
    assert done.status == 0, done.stderr
    TRACE = done.trace()
    BROWSER = unittest.enterModuleContext(Browser(DIRECTORY))


def export(form, *options, trace=None, name=None):
    """A file of an export."""
    path = DIRECTORY / (name or f"export.{form}")
    done = run([ANALYZER, "export", "--format", form, *options, "-o", path, trace or TRACE.path])
    if done.returncode != 0:
        raise AssertionError(f"export {form} {options}: {done.stderr}")
    return path


# What is on the screen: of each frame its name, letters and box.
LOOK = """
return Array.from(document.querySelectorAll(".f"), (g) => {
    const box = g.querySelector("rect").getBoundingClientRect();
    const text = g.querySelector("text"), words = text.getBoundingClientRect();
    return { name: g.dataset.n, weight: Number(g.dataset.w), depth: Number(g.dataset.d),
             shown: !g.classList.contains("none"), hit: g.classList.contains("hit"),
             above: g.classList.contains("above"), letters: text.textContent, x: box.x, y: box.y,
             width: box.width, right: words.right, at: g.classList.contains("at") };
});"""


class Flamegraph(Case):
    def open(self, *options, **more):
        BROWSER.open(export("flamegraph", *options, name="picture.svg", **more))
        return self.look()

    def look(self):
        self.assertEqual(BROWSER.errors(), [])
        return BROWSER.script(LOOK)

    def one(self, frames, name):
        found = [f for f in frames if f["name"].endswith(name)]
        self.assertEqual(len(found), 1, name)
        return found[0]

    def click(self, name):
        number = next(i for i, f in enumerate(BROWSER.script(LOOK)) if f["name"].endswith(name))
        BROWSER.script("document.querySelectorAll('.f')[arguments[0]].setAttribute('id', 'wanted')",
                       number)
        BROWSER.click(BROWSER.find("#wanted rect"))
        BROWSER.script("document.querySelector('#wanted').removeAttribute('id')")
        return self.look()

    def test_it_is_drawn_to_scale_and_to_the_windows_width(self):
        frames = self.open("-m", "bytes")
        root = frames[0]
        self.assertGreater(root["width"], 1200, "as wide as the window")
        for frame in frames:
            self.assertTrue(frame["shown"])
            share = frame["weight"] / root["weight"]
            self.assertAlmostEqual(frame["width"] / root["width"], share, delta=0.002)

    def test_letters_stay_inside_of_their_frames(self):
        for options in (("-m", "bytes"), ("-m", "time"), ("-m", "allocations", "--inverted")):
            for frame in self.open(*options):
                if frame["letters"]:
                    self.assertLessEqual(frame["right"], frame["x"] + frame["width"] + 1, frame)
                    self.assertTrue(frame["name"].endswith(frame["letters"]) or
                                    frame["letters"].endswith("…"), frame)

    def test_a_click_zooms_and_reset_shows_all(self):
        before = self.open("-m", "bytes")
        frames = self.click("::kept")
        kept, root = self.one(frames, "::kept"), frames[0]
        self.assertAlmostEqual(kept["width"], root["width"], delta=1)
        self.assertAlmostEqual(kept["x"], root["x"], delta=1)
        self.assertEqual((kept["above"], root["above"]), (False, True))
        self.assertFalse(self.one(frames, "::retired")["shown"])
        self.assertIn("kept", kept["letters"])
        BROWSER.click(BROWSER.find("#reset"))
        self.assertEqual(self.look(), before)

    def test_search_highlights_and_tells_the_share(self):
        self.open("-m", "bytes")
        total = BROWSER.script("return Number(document.documentElement.dataset.total)")
        BROWSER.click(BROWSER.find("#search"))
        BROWSER.press(*"KEPT|retired")
        frames = self.look()
        hits = [f["name"].split("::")[-1] for f in frames if f["hit"]]
        self.assertEqual(sorted(hits), ["kept", "retired"])
        share = 100 * (64000 + 200000) / total
        found = BROWSER.script("return document.querySelector('#found').textContent")
        self.assertEqual(found, f"{share:.1f} % in 2 frames")
        colour = BROWSER.script("return getComputedStyle(document.querySelector('.hit rect')).fill")
        self.assertEqual(colour, "rgb(209, 59, 224)")
        # an expression that is none is looked for as it is; inner matches do not count twice
        for words, expected in (("operator<<(", "no match"), ("std::pair<int", "1 frame"),
                                ("recursing", " frames"), ("(", "")):
            BROWSER.script("const i = document.querySelector('#search'); i.value = arguments[0];"
                           "i.dispatchEvent(new Event('input'))", words)
            found = BROWSER.script("return document.querySelector('#found').textContent")
            self.assertIn(expected, found, words)
            if words == "recursing":
                self.assertTrue(found.startswith(f"{100 * 1470 / total:.1f} %"), found)
        BROWSER.script("const i = document.querySelector('#search'); i.value = '';"
                       "i.dispatchEvent(new Event('input'))")
        self.assertFalse(any(f["hit"] for f in self.look()))

    def test_keyboard(self):
        self.open("-m", "bytes")
        BROWSER.press(UP)
        BROWSER.press(UP)
        at = [f for f in self.look() if f["at"]]
        self.assertEqual([f["depth"] for f in at], [1])
        BROWSER.press(ENTER)
        frames = self.look()
        zoomed = next(f for f in frames if f["name"] == at[0]["name"] and f["depth"] == 1)
        self.assertAlmostEqual(zoomed["width"], frames[0]["width"], delta=1)
        BROWSER.press(ESCAPE)
        self.assertTrue(all(f["shown"] for f in self.look()))
        BROWSER.press("/")
        BROWSER.press(*"kept", ENTER, "n")
        self.assertEqual([f["name"].split("::")[-1] for f in self.look() if f["at"]], ["kept"])
        upright = self.look()
        BROWSER.press("i")
        turned = self.look()
        self.assertLess(upright[1]["y"], upright[0]["y"])
        self.assertGreater(turned[1]["y"], turned[0]["y"])

    def test_inverted_has_the_root_at_the_top(self):
        frames = self.open("-m", "bytes", "--inverted")
        self.assertEqual(min(f["y"] for f in frames), frames[0]["y"])

    def test_a_tall_picture_shows_its_root_and_its_head(self):
        self.addCleanup(BROWSER.command, "POST", "/window/rect", {"width": 1280, "height": 900})
        BROWSER.command("POST", "/window/rect", {"width": 1000, "height": 420})
        frames = self.open("-m", "time")
        high = BROWSER.script("return window.innerHeight")
        self.assertGreater(BROWSER.script("return window.scrollY"), 0)
        self.assertGreater(frames[0]["y"], 0)
        self.assertLess(frames[0]["y"], high)
        BROWSER.wait("return document.querySelector('#search').getBoundingClientRect().y > 0")
        BROWSER.click(BROWSER.find("#search"))

    def test_details_under_the_mouse(self):
        self.open("-m", "bytes")
        BROWSER.script("""
            const g = Array.from(document.querySelectorAll(".f")).find((f) => f.dataset.n.endsWith("::kept"));
            const box = g.getBoundingClientRect();
            g.dispatchEvent(new MouseEvent("mousemove", { clientX: box.x + 5, clientY: box.y + 5 }));""")
        tip = BROWSER.script("""const tip = document.querySelector("#tip");
            return [tip.classList.contains("none"), Array.from(tip.querySelectorAll("tspan"), (t) => t.textContent)]""")
        self.assertFalse(tip[0])
        self.assertIn("kept", tip[1][0])
        self.assertRegex(tip[1][1], r"^62\.5 KiB \([\d.]+ %\), itself 62\.5 KiB")
        self.assertRegex(tip[1][2], r"^pictures\.cc:\d+ · pictures · program$")

    def contrast(self, scheme):
        """The least contrast of letters to what is behind them (WCAG 2.1, 1.4.3)."""
        BROWSER.command("POST", "/goog/cdp/execute", {
            "cmd": "Emulation.setEmulatedMedia",
            "params": {"features": [{"name": "prefers-color-scheme", "value": scheme}]}})
        return BROWSER.script("""
            const light = (text) => {
                const c = text.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
                    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
            };
            const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            const page = light(getComputedStyle(document.documentElement).backgroundColor);
            let least = 99;
            for (const text of document.querySelectorAll("text")) {
                if (!text.textContent || text.closest(".none"))
                    continue;
                const frame = text.closest(".f, .button");
                const behind = frame ? light(getComputedStyle(frame.querySelector("rect")).fill) : page;
                least = Math.min(least, ratio(light(getComputedStyle(text).fill), behind));
            }
            return [least, page];""")

    def test_light_and_dark_are_both_readable(self):
        self.open("-m", "bytes")
        light, bright = self.contrast("light")
        dark, black = self.contrast("dark")
        self.contrast("light")
        self.assertGreater(min(light, dark), 4.5)
        self.assertGreater(bright, 0.9)
        self.assertLess(black, 0.05)

    def test_a_difference_is_drawn_and_readable(self):
        new = profile([victim("pictures"), "0", "changed"], self.directory / "new").trace()
        frames = self.open("-m", "bytes", "--diff", TRACE.path, trace=new.path)
        self.assertTrue(self.one(frames, "::kept")["shown"])
        self.assertGreater(self.contrast("light")[0], 4.5)
        listed = BROWSER.script("return Array.from(document.querySelectorAll('.gone'), (t) => t.textContent)")
        self.assertTrue(any("retired" in line for line in listed), listed)
        frames = self.click("::kept")
        self.assertAlmostEqual(self.one(frames, "::kept")["width"], frames[0]["width"], delta=1)

    def test_without_its_script_it_is_whole(self):
        path = export("flamegraph", "-m", "bytes", name="whole.svg")
        text = re.sub(r"<script>.*</script>", "", path.read_text(), flags=re.DOTALL)
        still = DIRECTORY / "still.svg"
        still.write_text(text)
        BROWSER.open(still)
        frames = BROWSER.script(LOOK)
        self.assertIn("kept", self.one(frames, "::kept")["letters"])
        self.assertEqual(len([f for f in frames if f["width"] > 0]), len(frames))
        self.assertTrue(BROWSER.script(
            "return document.querySelector('#controls').getBoundingClientRect().width") == 0)


def weights(document):
    """{title: {frames outermost first: weight}} of a speedscope document of evented profiles."""
    frames = [frame["name"] for frame in document["shared"]["frames"]]
    found = {}
    for one in document["profiles"]:
        values, stack, last = Counter(), [], one["startValue"]
        for event in one["events"]:
            if event["at"] > last and stack:
                values[tuple(stack)] += event["at"] - last
            last = event["at"]
            if event["type"] == "O":
                stack.append(frames[event["frame"]])
            else:
                assert stack.pop() == frames[event["frame"]]
        found[one["name"]] = values
    return found


class Speedscope(Case):
    """The page of speedscope imports our file, and exports what it has understood."""

    def imported(self, path):
        return speedscope.imported(BROWSER, self.directory, path.name, path.read_bytes())

    def collapsed(self, metric, *options):
        values = Counter()
        for line in export("collapsed", "-m", metric, *options).read_text().splitlines():
            stack, value = line.rsplit(" ", 1)
            values[tuple(stack.split(";"))] += int(value)
        return values

    def test_its_own_format(self):
        document = self.imported(export("speedscope"))
        titles = [(p["name"], p["unit"]) for p in document["profiles"]]
        self.assertEqual(titles, [("CPU time, from samples", "nanoseconds"), ("allocations", "none"),
                                  ("bytes allocated", "bytes"),
                                  ("bytes live when the heap was largest", "bytes"),
                                  ("bytes live at the end", "bytes")])
        found = weights(document)
        for metric, (title, _) in zip(METRICS, titles):
            self.assertEqual(found[title], self.collapsed(metric), metric)

    def test_collapsed_stacks(self):
        for metric in ("bytes", "time"):
            path = export("collapsed", "-m", metric, name="stacks.txt")
            found = list(weights(self.imported(path)).values())
            self.assertEqual(found, [self.collapsed(metric)])

    def test_pprof(self):
        """Of functions inlined in one place speedscope 1.25 shows the outermost alone: what is
        allocated in inlined_helper is its caller's there."""
        path = export("pprof", "-m", "live", name="run.pb.gz")
        found = Counter()
        for stack, value in next(iter(weights(self.imported(path)).values())).items():
            found[stack[-1].split("::")[-1]] += value
        expected = self.collapsed("live", "--by", "none")
        self.assertEqual(sum(found.values()), sum(expected.values()))
        self.assertEqual((found["kept"], found["calls_inlined"]), (64000, 3000))

    def test_chrome(self):
        path = export("chrome", name="chrome.json")
        events = [e for e in json.loads(path.read_text())["traceEvents"] if e["ph"] == "X"]
        document = self.imported(path)
        names = {f["name"].split(" {")[0] for f in document["shared"]["frames"]}
        self.assertEqual({e["name"] for e in events} - names, set())
        found = weights(document)
        self.assertEqual(len(found), len({e["tid"] for e in events}))
        slow = next(values for title, values in found.items() if "slowest" in title)
        for event in events:
            if event["tid"] == 1:
                mine = [v for stack, v in slow.items() if stack[-1].startswith(event["name"] + " ")
                        or stack[-1] == event["name"]]
                self.assertAlmostEqual(sum(mine), event["dur"], delta=0.01)


if __name__ == "__main__":
    main()
