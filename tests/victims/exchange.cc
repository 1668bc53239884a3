// exchange.cc: threads that hand blocks to each other without end: each takes a block out of a
// place that all share, looks whether it is as it was left, frees or reallocates it, and puts one
// back that came by any of the ways there are. In the end all are freed. `exchange [THREADS
// [ROUNDS]]`.
#include <atomic>
#include <cstring>
#include <malloc.h>
#include <memprof/memprof.h>
#include <mutex>
#include <new>
#include <random>
#include <thread>
#include <vector>

#include "truth.h"

namespace
{
constexpr std::size_t places_count = 512;
constexpr std::align_val_t wide{64};

enum Way {
	Malloc,
	Calloc,
	Posix_memalign,
	Memalign,
	New,
	New_array,
	New_nothrow,
	New_aligned,
	Ways
};

struct Block {
	unsigned char *at = nullptr;
	std::size_t size = 0;
	Way way = Malloc;
	unsigned char fill = 0;
};

struct Place {
	std::mutex lock;
	Block block;
} places[places_count];

std::mutex all_lock;
truth all;

using Random = std::minstd_rand;

// Mostly small, some as tiny as none, some of whole pages.
std::size_t some_size(Random &random)
{
	unsigned kind = random() % 64;
	return kind == 0 ? random() % 70000 : kind < 8 ? random() % 17 : random() % 600;
}

std::size_t alignment_of(Way way)
{
	return way == Posix_memalign || way == New_aligned ? 64 : way == Memalign ? 32 : 16;
}

void *allocate(Way way, std::size_t size)
{
	void *at = nullptr;
	switch (way) {
	case Malloc:
		return std::malloc(size);
	case Calloc:
		return std::calloc(size, 1);
	case Posix_memalign:
		return posix_memalign(&at, 64, size) == 0 ? at : nullptr;
	case Memalign:
		return memalign(32, size);
	case New:
		return ::operator new(size);
	case New_array:
		return ::operator new[](size);
	case New_nothrow:
		return ::operator new(size, std::nothrow);
	default:
		return ::operator new(size, wide);
	}
}

void give_back(const Block &block)
{
	switch (block.way) {
	case New:
		::operator delete(block.at, block.size);
		break;
	case New_array:
		::operator delete[](block.at);
		break;
	case New_nothrow:
		::operator delete(block.at, std::nothrow);
		break;
	case New_aligned:
		::operator delete(block.at, wide);
		break;
	default:
		std::free(block.at);
	}
}

void fill(Block &block, unsigned char with)
{
	block.fill = with;
	std::memset(block.at, with, block.size);
}

void check(const Block &block, std::size_t size)
{
	for (std::size_t i = 0; i < size; i++)
		truth_must(block.at[i] == block.fill, "a block is not as it was left");
}

void make(Block &block, truth &t, Random &random)
{
	block.size = some_size(random);
	block.way = static_cast<Way>(random() % Ways);
	block.at = static_cast<unsigned char *>(
	        truth_made(&t, allocate(block.way, block.size), block.size));
	truth_must(reinterpret_cast<std::uintptr_t>(block.at) % alignment_of(block.way) == 0,
	           "a block is not aligned");
	fill(block, static_cast<unsigned char>(random()));
}

void end(const Block &block, truth &t)
{
	check(block, block.size);
	truth_gone(&t, block.at, block.size);
	give_back(block);
}

void resize(Block &block, truth &t, Random &random)
{
	std::size_t size = 1 + some_size(random);
	check(block, block.size);
	void *from = truth_goes(&t, block.at, block.size);
	block.at = static_cast<unsigned char *>(truth_came(&t, std::realloc(from, size), size));
	check(block, size < block.size ? size : block.size);
	block.size = size;
	fill(block, static_cast<unsigned char>(random()));
}

void exchange(unsigned seed, long rounds)
{
	Random random(seed);
	truth t{};
	t.phase = "exchange";
	for (long i = 0; i < rounds; i++) {
		Place &place = places[random() % places_count];
		Block mine;
		if (random() % 4)
			make(mine, t, random);
		place.lock.lock();
		std::swap(mine, place.block);
		place.lock.unlock();
		if (!mine.at)
			continue;
		if (mine.way < New && random() % 3 == 0)
			resize(mine, t, random);
		end(mine, t);
	}
	std::lock_guard<std::mutex> guard(all_lock);
	truth_add(&all, &t);
}

void end_all()
{
	truth t{};
	t.phase = "exchange";
	for (Place &place : places)
		if (place.block.at)
			end(place.block, t);
	truth_add(&all, &t);
}
} // namespace

int main(int argc, char **argv)
{
	unsigned count = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 4;
	long rounds = argc > 2 ? std::atol(argv[2]) : 50000;
	std::vector<std::thread> threads;
	threads.reserve(count);
	MEMPROF_PHASE ("threads") {
		for (unsigned i = 1; i <= count; i++)
			threads.emplace_back([=] {
				MEMPROF_PHASE ("exchange")
					exchange(i, rounds);
			});
		for (std::thread &thread : threads)
			thread.join();
	}
	end_all();
	all.phase = "exchange";
	truth_print(stdout, &all, 1);
	return 0;
}
