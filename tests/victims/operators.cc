// operators.cc: every form of operator new and delete, each family in a phase of its own.
// `operators [THREADS]`.
#include <memprof/memprof.h>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#include "truth.h"

namespace
{
constexpr int rounds = 100;
constexpr std::align_val_t wide{256};

void plain(truth &t)
{
	for (int i = 0; i < rounds; i++) {
		std::size_t n = 10u + static_cast<std::size_t>(i);
		::operator delete(truth_gone(&t, truth_made(&t, ::operator new(n), n), n));
	}
}

void array(truth &t)
{
	for (int i = 0; i < rounds; i++)
		::operator delete[](truth_gone(&t, truth_made(&t, ::operator new[](88), 88), 88));
}

void sized(truth &t)
{
	for (int i = 0; i < rounds; i++) {
		::operator delete(truth_gone(&t, truth_made(&t, ::operator new(64), 64), 64), 64);
		::operator delete[](truth_gone(&t, truth_made(&t, ::operator new[](65), 65), 65),
		                    65);
	}
}

void nothrow(truth &t)
{
	for (int i = 0; i < rounds; i++) {
		void *p = truth_made(&t, ::operator new(33, std::nothrow), 33);
		::operator delete(truth_gone(&t, p, 33), std::nothrow);
		p = truth_made(&t, ::operator new[](34, std::nothrow), 34);
		::operator delete[](truth_gone(&t, p, 34), std::nothrow);
	}
}

void check_aligned(void *p)
{
	truth_must(reinterpret_cast<std::uintptr_t>(p) % 256 == 0, "aligned new did not align");
}

void aligned(truth &t)
{
	for (int i = 0; i < rounds; i++) {
		void *p = truth_made(&t, ::operator new(300, wide), 300);
		check_aligned(p);
		::operator delete(truth_gone(&t, p, 300), wide);
		p = truth_made(&t, ::operator new[](301, wide), 301);
		check_aligned(p);
		::operator delete[](truth_gone(&t, p, 301), wide);
		p = truth_made(&t, ::operator new(302, wide), 302);
		check_aligned(p);
		::operator delete(truth_gone(&t, p, 302), 302, wide);
		p = truth_made(&t, ::operator new[](303, wide), 303);
		check_aligned(p);
		::operator delete[](truth_gone(&t, p, 303), 303, wide);
		p = truth_made(&t, ::operator new(304, wide, std::nothrow), 304);
		check_aligned(p);
		::operator delete(truth_gone(&t, p, 304), wide, std::nothrow);
		p = truth_made(&t, ::operator new[](305, wide, std::nothrow), 305);
		check_aligned(p);
		::operator delete[](truth_gone(&t, p, 305), wide, std::nothrow);
	}
}

struct agent {
	double x = 0, y = 0;
	~agent() {}
};

// What the language itself asks for: an array of objects with destructors carries its length.
void expressions(truth &t)
{
	for (int i = 0; i < rounds; i++) {
		agent *volatile one = new agent; // volatile: the language lets a pair be left out
		truth_made(&t, one, sizeof(agent));
		truth_gone(&t, one, sizeof(agent));
		delete one;
		agent *volatile many = new agent[5];
		void *block =
		        reinterpret_cast<char *>(static_cast<agent *>(many)) - sizeof(std::size_t);
		truth_made(&t, block, 5 * sizeof(agent) + sizeof(std::size_t));
		truth_gone(&t, block, 5 * sizeof(agent) + sizeof(std::size_t));
		delete[] many;
	}
}

int handler_calls;

void give_up()
{
	if (++handler_calls == 3)
		std::set_new_handler(nullptr);
}

// Refused memory: bad_alloc or null, the new-handler asked as often as it stays. In a phase that is
// not compared: libstdc++ throws inside of nothrow new as well, and exceptions take memory.
void refuse()
{
	memprof::phase phase{"refused"};
	volatile std::size_t huge = SIZE_MAX / 2;
	bool thrown = false;
	try {
		::operator delete(::operator new(huge));
	} catch (const std::bad_alloc &) {
		thrown = true;
	}
	truth_must(thrown, "operator new did not throw");
	truth_must(::operator new(huge, std::nothrow) == nullptr, "nothrow new");
	truth_must(::operator new(huge, wide, std::nothrow) == nullptr, "aligned nothrow new");
	::operator delete(nullptr);
	::operator delete[](nullptr, 8);
}

struct section {
	const char *phase;
	void (*function)(truth &);
};
const section sections[] = {{"plain", plain},     {"array", array},
                            {"sized", sized},     {"nothrow", nothrow},
                            {"aligned", aligned}, {"expressions", expressions}};
constexpr std::size_t section_count = sizeof sections / sizeof sections[0];

truth all[section_count];
std::mutex lock;

void do_it_all()
{
	refuse();
	truth mine[section_count] = {};
	for (std::size_t i = 0; i < section_count; i++) {
		mine[i].phase = sections[i].phase;
		memprof::phase phase{sections[i].phase};
		sections[i].function(mine[i]);
	}
	std::lock_guard<std::mutex> held(lock);
	for (std::size_t i = 0; i < section_count; i++)
		truth_add(&all[i], &mine[i]);
}
} // namespace

int main(int argc, char **argv)
{
	int threads = argc > 1 ? std::atoi(argv[1]) : 1;
	if (threads == 1) {
		do_it_all();
		std::set_new_handler(give_up);
		refuse();
		truth_must(handler_calls == 3, "the new-handler was not asked until it gave up");
	} else {
		std::vector<std::thread> crowd;
		for (int i = 0; i < threads; i++)
			crowd.emplace_back(do_it_all);
		for (std::thread &thread : crowd)
			thread.join();
	}
	truth_print(stdout, all, section_count);
}
