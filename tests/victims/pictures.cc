// pictures.cc: stacks of known names and weights, for what draws them. `pictures [SECONDS]`, of CPU
// time that is burnt, a third in each of three places. With a second word the program is another
// version of itself: `kept` keeps twice as much, and `retired` is not called.
//
// Names are as C++ makes them: templates, operators, lambdas, spaces, ampersands, inlined
// functions, recursion. The truth by function, of what is allocated right in it: [allocations,
// bytes, live].
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memprof/memprof.h>
#include <pthread.h>
#include <utility>

#define OWN __attribute__((noinline))

namespace
{
void *volatile keep;
bool changed;

double cpu_seconds()
{
	timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

OWN void burn(double seconds)
{
	volatile unsigned long turns = 0;
	for (double until = cpu_seconds() + seconds; cpu_seconds() < until;)
		for (int i = 0; i < 100000; i++)
			turns = turns + 1;
}

OWN void kept(double seconds)
{
	for (int i = 0; i < (changed ? 128 : 64); i++)
		keep = std::malloc(1000);
	burn(seconds);
	asm volatile(""); // no call that takes the place of its caller
}

OWN void passing()
{
	for (int i = 0; i < 500; i++) {
		keep = std::malloc(10);
		std::free(keep);
	}
}

OWN void retired()
{
	keep = std::malloc(20000);
	std::free(keep);
}

template <typename T, bool Big> struct holder {
	OWN void operator<<(T &&value) const
	{
		keep = std::malloc(sizeof(T) * (Big ? 100 : 1)); // a pair of int and char: 8 bytes
		std::free(keep);
		(void)value;
	}
};

inline __attribute__((always_inline)) void inlined_helper()
{
	keep = std::malloc(300);
}

OWN void calls_inlined()
{
	inlined_helper();
	asm volatile("");
}

OWN int recursing(int depth, double seconds)
{
	volatile int below = 0;
	if (depth)
		below = recursing(depth - 1, seconds);
	else
		burn(seconds);
	keep = std::malloc(7);
	std::free(keep);
	return below + 1;
}

void *works(void *seconds)
{
	burn(*static_cast<double *>(seconds));
	return nullptr;
}
} // namespace

int main(int argc, char **argv)
{
	double third = (argc > 1 ? std::atof(argv[1]) : 0) / 3;
	changed = argc > 2;
	for (int step = 0; step < 10; step++)
		MEMPROF_STEP {
			memprof_agents(10);
			MEMPROF_PHASE ("outer") {
				if (step == 0)
					kept(third);
				MEMPROF_PHASE ("inner & <deeper>") {
					passing();
					holder<std::pair<int, char>, true>{}
					        << std::make_pair(1, 'a');
				}
			}
			MEMPROF_PHASE ("other") {
				calls_inlined();
				recursing(20, step ? 0 : third);
				if (!changed)
					retired();
			}
			if (step == 0) {
				pthread_t worker;
				pthread_create(&worker, nullptr, works, &third);
				pthread_join(worker, nullptr);
			}
		}
	long kept_blocks = changed ? 128 : 64;
	std::printf("{\"kept\": [%ld, %ld, %ld], \"passing\": [5000, 50000, 0], "
	            "\"inlined_helper\": [10, 3000, 3000], \"operator<<\": [10, 8000, 0], "
	            "\"recursing\": [210, 1470, 0], \"retired\": [%d, %d, 0]}\n",
	            kept_blocks, kept_blocks * 1000, kept_blocks * 1000, changed ? 0 : 10,
	            changed ? 0 : 200000);
}
