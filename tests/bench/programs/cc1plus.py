"""gcc's C++ compiler proper on one large preprocessed file, made here: templates over templates."""

import subprocess

from harness import measure
from harness.program import Program, digest

HEAD = """
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

template <int N> struct Tag { int value = N; };
template <typename... Parts> struct Bundle : Parts... {
	template <typename F> int fold(F f) const { return (f(static_cast<const Parts &>(*this).value) + ... + 0); }
};
template <typename Key, typename Value> class Registry {
public:
	void put(const Key &key, Value value) { rows[key].push_back(std::move(value)); }
	template <typename F> auto reduce(F f) const {
		std::vector<decltype(f(std::declval<Value>()))> all;
		for (auto &[key, values] : rows)
			std::transform(values.begin(), values.end(), std::back_inserter(all), f);
		std::sort(all.begin(), all.end());
		return all;
	}
private:
	std::map<Key, std::vector<Value>> rows;
};
"""

PART = """
struct Agent{n} {{ std::string name; std::tuple<int, double, Tag<{n}>> state; }};
using Event{n} = std::variant<int, std::string, Agent{n}, std::shared_ptr<Agent{n}>>;
int run{n}(int rounds) {{
	Registry<std::tuple<int, Tag<{n}> *>, Event{n}> registry;
	Bundle<Tag<{n}>, Tag<{n} + 1>, Tag<{n} + 2>> bundle;
	std::unordered_map<std::string, std::function<int(const Event{n} &)>> handlers;
	handlers["size{n}"] = [&](const Event{n} &e) {{ return std::visit([](auto &&v) {{ return int(sizeof v); }}, e); }};
	handlers["fold{n}"] = [=](const Event{n} &e) {{ return bundle.fold([&](int v) {{ return v * int(e.index()); }}); }};
	for (int i = 0; i < rounds; i++)
		registry.put({{i % 7, nullptr}}, i % 2 ? Event{n}(i) : Event{n}(std::make_shared<Agent{n}>()));
	int sum = 0;
	for (auto &[name, handler] : handlers)
		for (int v : registry.reduce([&](const Event{n} &e) {{ return handler(e); }}))
			sum += v;
	return sum;
}}
"""


def prepare(_context, room, size):
    source, preprocessed = room / "large.cc", room / "large.ii"
    source.write_text(HEAD + "".join(PART.format(n=n) for n in range(1 + int(6 * size))))
    done, _, _ = measure.run(["g++", "-std=gnu++17", "-E", "-P", source, "-o", preprocessed])
    compiler = subprocess.run(["g++", "-print-prog-name=cc1plus"], capture_output=True, text=True, check=True)
    if done.returncode != 0:
        raise measure.Failure(f"g++ cannot preprocess: {done.stderr.decode(errors='replace')[:200]}")
    return [compiler.stdout.strip(), "-quiet", "-std=gnu++17", "-O1", "-fpreprocessed", preprocessed,
            "-o", "large.s"]


PROGRAM = Program("cc1plus", "gcc's compiler on a large C++ file, -O1", prepare,
                  result=lambda _output, scratch: digest((scratch / "large.s").read_bytes()))
