// sites.cc: allocations whose call-site is known by line: the innermost line of the user's own
// sources, whatever the library did below it. Each site's comment names it; the truth printed is
// how much each allocated.
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#define OWN __attribute__((noinline))

namespace
{
void *volatile keep;

OWN void fill_vector(std::vector<int> &numbers)
{
	for (int i = 0; i < 1000; i++)
		numbers.push_back(i); // SITE: push_back
}

OWN void make_string(std::string &text)
{
	text = std::string(100, 'x'); // SITE: string
}

OWN void fill_map(std::map<int, int> &counts)
{
	for (int i = 0; i < 50; i++)
		counts.insert({i, i}); // SITE: insert
}

struct cell {
	double field[12];
};

OWN std::unique_ptr<cell> make_cell()
{
	return std::make_unique<cell>(); // SITE: make_unique
}

inline __attribute__((always_inline)) void *inlined_helper(std::size_t bytes)
{
	return std::malloc(bytes); // SITE: inlined
}

OWN void *calls_inlined()
{
	void *volatile block = inlined_helper(777); // volatile: a frame of its own
	return block;
}

template <typename T> OWN T *of_template()
{
	T *volatile made = new T(); // SITE: template
	return made;
}

OWN void two_on_neighbouring_lines(void **blocks)
{
	blocks[0] = std::malloc(201); // SITE: first line
	blocks[1] = std::malloc(202); // SITE: second line
}

OWN void in_lambda(std::vector<void *> &blocks)
{
	std::function<void()> one = [&blocks] {
		blocks[0] = std::malloc(303); // SITE: lambda
	};
	one();
}

OWN int allocate_deep(std::size_t bytes)
{
	keep = std::malloc(bytes); // SITE: recursion
	return 1;
}

OWN int recursing(int depth)
{
	// volatile: no loop in disguise, and no call that takes the place of its caller
	volatile int below = depth ? recursing(depth - 1) : allocate_deep(404);
	return below + (depth > 0);
}
} // namespace

int main()
{
	std::vector<int> numbers;
	std::string text;
	std::map<int, int> counts;
	std::vector<void *> blocks(4);
	fill_vector(numbers);
	make_string(text);
	fill_map(counts);
	auto one = make_cell();
	blocks[1] = calls_inlined();
	keep = of_template<cell>();
	void *two[2];
	two_on_neighbouring_lines(two);
	keep = two[0];
	keep = two[1];
	in_lambda(blocks);
	int depth = recursing(20);
	// a vector doubles: 1 + 2 + ... + 1024 ints; a map's node is its links, colour, key and
	// value
	std::printf("{\"push_back\": [11, %zu], \"string\": [1, 101], \"insert\": [50, %zu], "
	            "\"make_unique\": [1, 96], \"inlined\": [1, 777], \"template\": [1, 96], "
	            "\"first line\": [1, 201], \"second line\": [1, 202], \"lambda\": [1, 303], "
	            "\"recursion\": [1, 404], \"depth\": %d}\n",
	            2047 * sizeof(int), 50 * (std::size_t)40, depth);
}
