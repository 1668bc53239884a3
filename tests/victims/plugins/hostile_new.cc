// hostile_new.cc: a plug-in of loader.c, in C++, that asks for more memory than there can be, and
// lives on by what operator new throws. Its host has no libstdc++, and loads it out of sight.
#include <cstdlib>
#include <cstring>
#include <new>

namespace
{
volatile std::size_t more_than_there_is = static_cast<std::size_t>(1) << 62;

const char *ask()
{
	try {
		char *volatile block = new char[more_than_there_is];
		return block ? "a block" : "no block, and nothing thrown";
	} catch (const std::bad_alloc &) {
		return "caught bad_alloc";
	}
}

bool asked_politely_is_refused()
{
	return ::operator new(more_than_there_is, std::nothrow) == nullptr;
}
} // namespace

extern "C" char *plugin_answer(const char *)
{
	return strdup(asked_politely_is_refused() ? ask() : "a block, politely");
}

extern "C" void plugin_take(char *text)
{
	std::free(text);
}
