/* flamegraph.js: part of every flame graph: zoom, search, details, keyboard. It only moves what is
   already in the picture, which is whole without it.

   Each frame is <g class="f" data-x data-w data-d data-p data-n>: left edge and width as weights,
   depth, number of the parent, name; data-b its last part, where that is not all; its <title> has the
   details. `view` is the frame that is as
   wide as the picture. */
(function () {
	"use strict";
	const script = document.currentScript;
	const svg = script && script.closest ? script.closest("svg") : document.documentElement;
	const XML = "http://www.w3.org/2000/svg";
	const number = (name) => Number(svg.dataset[name]);
	const PAD = number("pad"), ROW = number("row"), TOP = number("top"), DEPTH = number("depth");
	const find = (id) => svg.querySelector("#" + id);
	const tip = find("tip"), found = find("found"), input = find("search");
	let inverted = svg.dataset.inverted === "1";
	let width = number("width"), letter = 7.23;
	let view = null, at = null, hits = [];

	const frames = Array.from(svg.querySelectorAll(".f"), (g, i) => {
		const title = g.querySelector("title");
		const frame = {
			g, rect: g.querySelector("rect"), text: g.querySelector("text"), number: i,
			x: Number(g.dataset.x), w: Number(g.dataset.w), depth: Number(g.dataset.d),
			name: g.dataset.n, brief: g.dataset.b || g.dataset.n, details: title.textContent, shown: true, hit: false,
			folded: g.classList.contains("folded"), children: [],
		};
		title.remove();
		g.setAttribute("aria-label", frame.details.split("\n").join(", "));
		return frame;
	});
	frames.forEach((f, i) => {
		f.parent = frames[Number(f.g.dataset.p)];
		if (i)
			f.parent.children.push(f);
	});
	const all = frames[0].w;
	view = frames[0];

	/* ---- layout ---------------------------------------------------------------------- */

	function clipped(f, pixels) {
		const letters = Math.floor((pixels - 6) / letter);
		if (letters < 3)
			return "";
		const name = f.name.length <= letters ? f.name : f.brief;
		return name.length <= letters ? name : name.slice(0, letters - 1) + "…";
	}

	function place(f, left, pixels) {
		const row = inverted ? f.depth : DEPTH - f.depth;
		f.shown = pixels >= 0.2;
		f.g.classList.toggle("none", !f.shown);
		if (!f.shown)
			return;
		const y = TOP + row * ROW;
		f.rect.setAttribute("x", left.toFixed(2));
		f.rect.setAttribute("y", y);
		f.rect.setAttribute("width", Math.max(pixels - 0.6, 0.2).toFixed(2));
		f.text.setAttribute("x", (left + 3).toFixed(2));
		f.text.setAttribute("y", y + ROW - 5);
		f.text.textContent = clipped(f, pixels);
	}

	function layout() {
		const inner = width - 2 * PAD, scale = inner / view.w;
		for (const f of frames) {
			const above = f.depth < view.depth && f.x <= view.x && f.x + f.w >= view.x + view.w;
			const inside = f.depth >= view.depth && f.x >= view.x && f.x + f.w <= view.x + view.w;
			f.g.classList.toggle("above", above);
			if (above)
				place(f, PAD, inner);
			else
				place(f, PAD + (f.x - view.x) * scale, inside ? f.w * scale : 0);
		}
		find("reset").classList.toggle("none", view === frames[0]);
		find("controls").setAttribute("transform", `translate(${width - number("width")} 0)`);
		find("behind").setAttribute("width", width);
	}

	/* The head stays in sight where the picture is taller than the window. */
	function scrolled() {
		const there = svg === document.documentElement ? Math.max(0, window.scrollY) : 0;
		find("head").setAttribute("transform", `translate(0 ${there})`);
	}

	function resize() {
		const there = svg.getBoundingClientRect().width;
		width = Math.max(there || number("width"), 520);
		layout();
	}

	function zoom(f) {
		view = f.folded ? f.parent : f;
		layout();
		hide_tip();
	}

	/* ---- search ---------------------------------------------------------------------- */

	function matcher(words) {
		try {
			return new RegExp(words, "i");
		} catch (error) {
			return { test: (name) => name.toLowerCase().includes(words.toLowerCase()) };
		}
	}

	/* What is inside of a match is not counted again. */
	function search(words) {
		const pattern = words ? matcher(words) : null;
		let sum = 0, count = 0;
		hits = [];
		for (const f of frames) {
			f.hit = Boolean(pattern) && f.depth > 0 && !f.folded && pattern.test(f.name);
			f.within = f.depth > 0 && (f.parent.hit || f.parent.within);
			f.g.classList.toggle("hit", f.hit);
			if (!f.hit)
				continue;
			hits.push(f);
			count++;
			if (!f.within)
				sum += f.w;
		}
		found.textContent = !pattern ? "" : !count ? "no match"
			: `${(100 * sum / all).toFixed(1)} % in ${count} frame${count > 1 ? "s" : ""}`;
		found.dataset.weight = sum;
	}

	function next_hit(direction) {
		if (!hits.length)
			return;
		const order = hits.filter((f) => f.shown);
		const here = order.indexOf(at);
		if (order.length)
			walk_to(order[(here + direction + order.length) % order.length]);
	}

	/* ---- details ---------------------------------------------------------------------- */

	function hide_tip() {
		tip.classList.add("none");
	}

	function show_tip(f, x, y) {
		const lines = f.details.split("\n");
		const box = tip.querySelector("rect"), text = tip.querySelector("text");
		const most = Math.floor((width - 40) / letter);
		text.replaceChildren();
		lines.forEach((line, i) => {
			const span = document.createElementNS(XML, "tspan");
			span.setAttribute("x", 8);
			span.setAttribute("y", 18 + i * 17);
			if (i === 0)
				span.setAttribute("font-weight", "bold");
			span.textContent = line.length > most ? line.slice(0, most - 1) + "…" : line;
			text.appendChild(span);
		});
		tip.classList.remove("none");
		const wide = text.getComputedTextLength ? text.getBBox().width + 16 : 300;
		const high = lines.length * 17 + 10;
		const frame = svg.getBoundingClientRect();
		const lowest = Math.min(frame.height, window.innerHeight - frame.top) - high - 4;
		box.setAttribute("width", wide);
		box.setAttribute("height", high);
		const left = Math.max(4, Math.min(x + 14, width - wide - 6));
		const top = y + 18 > lowest ? Math.max(4, y - high - 10) : y + 18;
		tip.setAttribute("transform", `translate(${left} ${top})`);
	}

	function point(event) {
		const frame = svg.getBoundingClientRect();
		return [event.clientX - frame.left, event.clientY - frame.top];
	}

	/* ---- keyboard --------------------------------------------------------------------- */

	function walk_to(f) {
		if (!f || !f.shown)
			return;
		if (at)
			at.g.classList.remove("at");
		at = f;
		at.g.classList.add("at");
		const x = Number(f.rect.getAttribute("x")), y = Number(f.rect.getAttribute("y"));
		if (f.g.scrollIntoView)
			f.g.scrollIntoView({ block: "nearest" });
		show_tip(f, x, y);
	}

	function beside(f, step) {
		const row = f.parent.children;
		return f.depth ? row[row.indexOf(f) + step] : null;
	}

	const keys = {
		ArrowUp: () => walk_to(inverted ? at.parent : at.children[0]),
		ArrowDown: () => walk_to(inverted ? at.children[0] : at.parent),
		ArrowLeft: () => walk_to(beside(at, -1)),
		ArrowRight: () => walk_to(beside(at, 1)),
		Enter: () => { const f = at; zoom(f); walk_to(f.shown ? f : view); },
		Escape: () => reset(),
		"/": () => input.focus(),
		n: () => next_hit(1),
		N: () => next_hit(-1),
		i: () => invert(),
	};

	function reset() {
		hide_tip();
		if (at)
			at.g.classList.remove("at");
		at = null;
		zoom(frames[0]);
	}

	function invert() {
		inverted = !inverted;
		hide_tip();
		layout();
	}

	/* ---- events ----------------------------------------------------------------------- */

	frames.forEach((f) => {
		f.g.addEventListener("click", () => zoom(f));
		f.g.addEventListener("mousemove", (event) => show_tip(f, ...point(event)));
		f.g.addEventListener("mouseleave", hide_tip);
	});
	find("reset").addEventListener("click", reset);
	find("invert").addEventListener("click", invert);
	input.addEventListener("input", () => search(input.value));
	input.addEventListener("keydown", (event) => {
		event.stopPropagation();
		if (event.key === "Escape") {
			input.value = "";
			search("");
		}
		if (event.key === "Escape" || event.key === "Enter")
			input.blur();
	});
	document.addEventListener("keydown", (event) => {
		const act = keys[event.key];
		if (!act || event.ctrlKey || event.metaKey || event.altKey ||
		    (svg !== document.documentElement && !svg.contains(event.target)))
			return;
		event.preventDefault();
		if (!at && event.key.startsWith("Arrow"))
			walk_to(view);
		else if (at || event.key.length === 1 || event.key === "Escape")
			act();
	});
	window.addEventListener("resize", resize);
	window.addEventListener("scroll", scrolled);

	const probe = document.createElementNS(XML, "text");
	probe.textContent = "m".repeat(100);
	svg.appendChild(probe);
	letter = probe.getComputedTextLength() / 100 || letter;
	probe.remove();
	if (svg === document.documentElement) {
		svg.setAttribute("width", "100%");
		svg.removeAttribute("viewBox");
	}
	find("controls").classList.remove("none");
	resize();
	/* The root of a flame is at its foot: begin there. */
	if (!inverted && svg === document.documentElement)
		window.scrollTo(0, document.documentElement.scrollHeight);
	scrolled();
})();
