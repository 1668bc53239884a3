// shapes.cc: the frames of C++: exceptions over many of them, destructors that run while one is on
// its way, catches that go on. A test builds this with several compilers and options, and loads it.

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace
{
void (*hook)();

struct guard {
	int level;
	explicit guard(int l) : level(l)
	{
		hook();
	}
	~guard()
	{
		hook();
	}
};

__attribute__((noinline)) void thrower(int levels)
{
	guard here(levels);
	if (levels == 0)
		throw std::runtime_error("bottom");
	std::string text(static_cast<size_t>(levels) * 7, 'x');
	thrower(levels - 1);
	hook();
}

__attribute__((noinline)) int catcher(int levels)
{
	try {
		guard here(levels);
		thrower(levels);
	} catch (const std::exception &e) {
		hook();
		return static_cast<int>(std::string(e.what()).size());
	}
	return 0;
}

__attribute__((noinline)) int rethrower(int levels)
{
	try {
		return catcher(levels);
	} catch (...) {
		hook();
		throw;
	}
}
} // namespace

extern "C" void shapes_run(void (*with)())
{
	hook = with;
	std::vector<std::function<void(int)>> calls;
	calls.emplace_back([](int i) { catcher(i); });
	calls.emplace_back([](int i) { rethrower(i / 2); });
	calls.emplace_back([](int) { hook(); });
	for (int i = 0; i < 60; i++)
		calls[static_cast<size_t>(i) % calls.size()](i % 13);
}
