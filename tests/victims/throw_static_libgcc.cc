// throw_static_libgcc.cc: exceptions in a program that carries its own unwinder (-static-libgcc):
// it must not meet another one by accident.
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>

namespace
{
__attribute__((noinline)) int descend(int depth)
{
	std::string local(200, 'x'); // to be destroyed on the way up
	if (depth == 0)
		throw std::runtime_error("from the depth");
	return descend(depth - 1) + static_cast<int>(local.size());
}

int caught_of(int throws)
{
	int caught = 0;
	for (int i = 0; i < throws; i++) {
		try {
			descend(i % 30);
		} catch (const std::runtime_error &error) {
			caught += std::string(error.what()) == "from the depth";
		}
	}
	return caught;
}
} // namespace

int main()
{
	int in_thread = 0;
	std::thread([&in_thread] { in_thread = caught_of(500); }).join();
	std::printf("caught %d and %d\n", caught_of(500), in_thread);
}
