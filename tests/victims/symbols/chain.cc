/* chain.cc: what C++ makes of names: members, templates, lambdas, unnamed namespaces, local
 * classes, and containers whose code is the library's but whose call-site is here. */
#include "seen.h"

#include <cstdlib>
#include <execinfo.h>
#include <new>
#include <vector>

/* clang names what is local by linkage names, gcc leaves the name to be put together. */
#ifdef __clang__
#define LOCAL_CLASS "with_local_class()::Local"
#define LAMBDA      "with_lambda()::$_0"
#else
#define LOCAL_CLASS "with_local_class::Local"
#define LAMBDA      "with_lambda::{lambda}"
#endif

namespace world
{
struct Agent {
	NEVER_INLINE Agent();
	void observe(int depth) const;
	static void count();
	template <typename T> void act(T how);
	int health = 1;
};

enum { OF_ctor = __LINE__ + 1 };
NEVER_INLINE Agent::Agent()
{
	seen("world::Agent::Agent|%d|%d", __LINE__, OF_ctor);
	NOT_A_TAIL_CALL();
}

enum { OF_observe = __LINE__ + 1 };
NEVER_INLINE void Agent::observe(int depth) const
{
	seen("world::Agent::observe|%d|%d", __LINE__, OF_observe);
	if (depth)
		observe(depth - 1);
	NOT_A_TAIL_CALL();
}

enum { OF_count = __LINE__ + 1 };
NEVER_INLINE void Agent::count()
{
	seen("world::Agent::count|%d|%d", __LINE__, OF_count);
	NOT_A_TAIL_CALL();
}

enum { OF_act = __LINE__ + 1 };
template <typename T> NEVER_INLINE void Agent::act(T)
{
	seen("world::Agent::act<double>|%d|%d", __LINE__, OF_act);
	NOT_A_TAIL_CALL();
}
} // namespace world

namespace
{
enum { OF_secret = __LINE__ + 1 };
NEVER_INLINE void secret()
{
	seen("(anonymous namespace)::secret|%d|%d", __LINE__, OF_secret);
	NOT_A_TAIL_CALL();
}

enum { OF_secret_inlined = __LINE__ + 1, OF_shows_it = __LINE__ + 9 };
ALWAYS_INLINE void secret_inlined(int called)
{
	const int here = __LINE__ + 1;
	seen("(anonymous namespace)::secret_inlined|%d|%d\tshows_it|%d|%d", here, OF_secret_inlined,
	     called, OF_shows_it);
	NOT_A_TAIL_CALL();
}
} // namespace
NEVER_INLINE void shows_it()
{
	secret_inlined(__LINE__);
}

static NEVER_INLINE void with_local_class()
{
	enum { OF_method = __LINE__ + 2 };
	struct Local {
		static NEVER_INLINE void method()
		{
			seen(LOCAL_CLASS "::method|%d|%d", __LINE__, OF_method);
			NOT_A_TAIL_CALL();
		}
	};
	Local::method();
	NOT_A_TAIL_CALL();
}

enum { OF_lambda = __LINE__ + 3 };
static NEVER_INLINE void with_lambda()
{
	auto lambda = []() __attribute__((noinline))
	{
		seen(LAMBDA "::operator()|%d|%d", __LINE__, OF_lambda);
		NOT_A_TAIL_CALL();
	};
	lambda();
	NOT_A_TAIL_CALL();
}

static bool watching;

/* What the container's allocation was called by, as a profiler would see it: a line "stack", the
 * line of the call-site, and return addresses, innermost first. */
static void show_stack(int line)
{
	void *frames[32];
	int count = backtrace(frames, 32);

	watching = false;
	printf("stack\t%d", line);
	for (int i = 1; i < count; i++)
		printf("\t%lx", static_cast<unsigned long>(in_file_terms(frames[i])));
	putchar('\n');
}

static int line_of_growth;

NEVER_INLINE void *operator new(std::size_t size)
{
	if (watching)
		show_stack(line_of_growth);
	return std::malloc(size);
}

NEVER_INLINE void operator delete(void *block) noexcept
{
	std::free(block);
}

NEVER_INLINE void operator delete(void *block, std::size_t) noexcept
{
	std::free(block);
}

static NEVER_INLINE void grow(std::vector<int> &numbers)
{
	watching = true;
	line_of_growth = __LINE__ + 1;
	numbers.push_back(1);
	NOT_A_TAIL_CALL();
}

int main()
{
	world::Agent agent;
	std::vector<int> numbers;
	void *warm[1];

	backtrace(warm, 1); /* loads what it needs, now */
	agent.observe(1);
	world::Agent::count();
	agent.act(1.0);
	secret();
	shows_it();
	with_local_class();
	with_lambda();
	grow(numbers);
	return 0;
}
