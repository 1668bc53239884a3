// thrower.cc: a plug-in of loader.c, in C++, that throws and catches within itself. Its host has
// neither libstdc++ nor an unwinder.
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

namespace
{
__attribute__((noinline)) std::string descend(int depth, const std::string &question)
{
	if (depth == 0)
		throw std::runtime_error("thrown at " + question);
	return descend(depth - 1, question) + ".";
}
} // namespace

extern "C" char *plugin_answer(const char *question)
{
	try {
		return strdup(descend(12, question).c_str());
	} catch (const std::exception &error) {
		return strdup(error.what());
	}
}

extern "C" void plugin_take(char *text)
{
	std::free(text);
}
