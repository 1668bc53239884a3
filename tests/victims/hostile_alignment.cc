// hostile_alignment.cc: blocks of 1 to 16 bytes, by every function that gives some. The C library
// aligns all of them to 16, and programs keep tags in the low bits. Prints for each function how
// many blocks were not.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace
{
const int ROUNDS = 20; // blocks of each size: the first of a page is aligned by chance

void *resized(std::size_t bytes)
{
	return std::realloc(std::malloc(200), bytes);
}

void *resized_from_nothing(std::size_t bytes)
{
	return std::realloc(nullptr, bytes);
}

void *resized_array(std::size_t bytes)
{
	return reallocarray(std::malloc(200), 1, bytes);
}

void *zeroed(std::size_t bytes)
{
	return std::calloc(1, bytes);
}

void *by_posix(std::size_t bytes)
{
	void *block = nullptr;
	return posix_memalign(&block, 8, bytes) == 0 ? block : nullptr;
}

void *by_memalign(std::size_t bytes)
{
	return memalign(8, bytes);
}

void *by_aligned_alloc(std::size_t bytes)
{
	return aligned_alloc(8, bytes);
}

void *by_new(std::size_t bytes)
{
	return ::operator new(bytes);
}

void *by_new_array(std::size_t bytes)
{
	return ::operator new[](bytes);
}

void *by_new_nothrow(std::size_t bytes)
{
	return ::operator new(bytes, std::nothrow);
}

struct {
	const char *name;
	void *(*allocate)(std::size_t);
} const functions[] = {
        {"malloc", std::malloc},
        {"calloc", zeroed},
        {"realloc", resized},
        {"realloc of nothing", resized_from_nothing},
        {"reallocarray", resized_array},
        {"posix_memalign", by_posix},
        {"memalign", by_memalign},
        {"aligned_alloc", by_aligned_alloc},
        {"new", by_new},
        {"new[]", by_new_array},
        {"new nothrow", by_new_nothrow},
};
} // namespace

int main()
{
	for (const auto &function : functions) {
		int astray = 0;
		for (std::size_t bytes = 1; bytes <= 16; bytes++)
			for (int i = 0; i < ROUNDS; i++) {
				void *block = function.allocate(bytes);
				astray += !block || reinterpret_cast<std::uintptr_t>(block) % 16;
			}
		std::printf("%s: %d\n", function.name, astray);
	}
}
