// lifecycle.cc: allocations at the times when a profiler is easily asleep: before main, after it,
// in a thread that is on its way out, in a signal handler. Each is made in a function of its own,
// by which the test finds it: blocks of 100 bytes, as many as the truth printed says; those of odd
// number are freed by the same function.
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <pthread.h>
#include <thread>

#define OWN __attribute__((noinline))

namespace
{
void *volatile keep;

inline __attribute__((always_inline)) void allocate(int blocks)
{
	for (int i = 0; i < blocks; i++) {
		void *block = std::malloc(100);
		if (i % 2)
			std::free(block);
		else
			keep = block;
	}
}

__attribute__((constructor(101))) OWN void in_first_constructor()
{
	allocate(3);
}

__attribute__((constructor)) OWN void in_constructor()
{
	allocate(4);
}

__attribute__((destructor)) OWN void in_destructor()
{
	allocate(5);
}

OWN void in_static_object()
{
	allocate(6);
}

OWN void in_static_object_end()
{
	allocate(7);
}

struct object {
	object()
	{
		in_static_object();
	}
	~object()
	{
		in_static_object_end();
	}
} the_object;

OWN void in_atexit()
{
	allocate(8);
}

OWN void in_thread_local_end()
{
	allocate(9);
}

struct thread_object {
	void *first = nullptr;
	~thread_object()
	{
		in_thread_local_end();
		std::free(first);
	}
};
thread_local thread_object the_thread_object;

pthread_key_t key;
int key_rounds;

// Runs in the last moments of a thread; sets itself again, so that it is called in every round.
OWN void in_key_destructor(void *value)
{
	allocate(10);
	if (++key_rounds < PTHREAD_DESTRUCTOR_ITERATIONS)
		pthread_setspecific(key, value);
}

OWN void in_thread()
{
	the_thread_object.first = std::malloc(16);
	pthread_setspecific(key, &key);
	allocate(11);
}

volatile std::sig_atomic_t handled;

OWN void in_handler(int)
{
	allocate(12);
	handled = handled + 1;
}

OWN void raise_signals()
{
	struct sigaction action = {};
	action.sa_handler = in_handler;
	sigaction(SIGUSR1, &action, nullptr);
	for (int i = 0; i < 50; i++)
		std::raise(SIGUSR1);
}
} // namespace

int main()
{
	std::atexit(in_atexit);
	pthread_key_create(&key, in_key_destructor);
	std::thread(in_thread).join();
	raise_signals();
	std::printf("{\"in_first_constructor\": 3, \"in_constructor\": 4, \"in_destructor\": 5, "
	            "\"in_static_object\": 6, \"in_static_object_end\": 7, \"in_atexit\": 8, "
	            "\"in_thread_local_end\": 9, \"in_key_destructor\": %d, \"in_thread\": 11, "
	            "\"in_handler\": %d}\n",
	            10 * PTHREAD_DESTRUCTOR_ITERATIONS, 12 * 50);
	return handled == 50 ? 0 : 1;
}
