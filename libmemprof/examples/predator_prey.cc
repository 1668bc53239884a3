// predator_prey: rabbits eat grass, foxes eat rabbits, in C++.
//
//     predator_prey [RABBITS [STEPS]]             c++ -O2 -g predator_prey.cc
//     memprof run -- ./predator_prey 2000 500     where do time and memory go?
//
// What is for the profiler are the lines with memprof: not profiled, each of them costs a load and
// a test. memprof::step and memprof::phase end with their block, by whichever way it is left.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <memprof/memprof.h>
#include <random>
#include <unordered_map>
#include <vector>

namespace
{

constexpr int sight = 3;             // cells, to each side
constexpr double rabbit_birth = 8.0; // energy for a child
constexpr double fox_birth = 20.0;
constexpr double grass_growth = 0.08; // of a cell in a step, up to 1
constexpr double bite = 0.8;
constexpr double meal = 6.0; // what a rabbit is to a fox

struct animal {
	int x, y;
	double energy;
	bool fox;
	bool alive = true;
};

using herd = std::vector<std::unique_ptr<animal>>;

// Where an animal can see others: a list for each cell that holds any.
class map_of_animals
{
      public:
	explicit map_of_animals(int side) : side_(side) {}

	void rebuild(const herd &animals)
	{
		cells_.clear();
		for (const auto &each : animals)
			cells_[key(each->x, each->y)].push_back(each.get());
	}

	// All of one kind within sight of a place.
	std::vector<animal *> near(int x, int y, bool foxes) const
	{
		std::vector<animal *> found;
		for (int dy = -sight; dy <= sight; dy++) {
			for (int dx = -sight; dx <= sight; dx++) {
				auto cell = cells_.find(key(wrap(x + dx), wrap(y + dy)));
				if (cell == cells_.end())
					continue;
				for (animal *each : cell->second)
					if (each->alive && each->fox == foxes)
						found.push_back(each);
			}
		}
		return found;
	}

	int wrap(int at) const
	{
		return (at % side_ + side_) % side_;
	}

      private:
	long key(int x, int y) const
	{
		return long{y} * side_ + x;
	}

	int side_;
	std::unordered_map<long, std::vector<animal *>> cells_;
};

class world
{
      public:
	world(int rabbits, unsigned seed)
	    : side_(std::max(8, static_cast<int>(4 * std::sqrt(rabbits)))), map_(side_),
	      grass_(static_cast<size_t>(side_) * static_cast<size_t>(side_), 0.5), chance_(seed)
	{
		for (int i = 0; i < rabbits; i++)
			animals_.push_back(newborn(between(side_), between(side_), false));
		for (int i = 0; i < rabbits / 10; i++)
			animals_.push_back(newborn(between(side_), between(side_), true));
	}

	void step()
	{
		memprof::step whole_step;
		memprof_agents(animals_.size());
		{
			memprof::phase p{"spatial_index"};
			map_.rebuild(animals_);
		}
		herd born;
		for (auto &each : animals_)
			if (each->alive)
				live(*each, born);
		memprof::phase p{"population"};
		memprof_count("births", static_cast<int64_t>(born.size()));
		std::move(born.begin(), born.end(), std::back_inserter(animals_));
		animals_.erase(std::remove_if(animals_.begin(), animals_.end(),
		                              [](const auto &each) { return !each->alive; }),
		               animals_.end());
		for (double &cell : grass_)
			cell = std::min(1.0, cell + grass_growth);
	}

	long count(bool foxes) const
	{
		return std::count_if(animals_.begin(), animals_.end(),
		                     [foxes](const auto &each) { return each->fox == foxes; });
	}

      private:
	static std::unique_ptr<animal> newborn(int x, int y, bool fox)
	{
		return std::make_unique<animal>(animal{x, y, fox ? 10.0 : 4.0, fox});
	}

	int between(int end)
	{
		return std::uniform_int_distribution<>(0, end - 1)(chance_);
	}

	// One animal's turn: what it sees, where it goes, what it eats, whether it has a child.
	void live(animal &self, herd &born)
	{
		std::vector<animal *> others;
		{
			memprof::phase p{"observation"};
			others = map_.near(self.x, self.y, !self.fox);
		}
		{
			memprof::phase p{"decision"};
			go(self, others);
		}
		memprof::phase p{"action"};
		eat(self, others);
		self.energy -= self.fox ? 0.7 : 0.4;
		if (self.energy <= 0)
			self.alive = false;
		else if (self.energy > (self.fox ? fox_birth : rabbit_birth))
			born.push_back(child_of(self));
	}

	// Foxes go towards a rabbit, rabbits away from a fox; else anywhere.
	void go(animal &self, const std::vector<animal *> &others)
	{
		int dx = between(3) - 1, dy = between(3) - 1;
		if (!others.empty()) {
			const animal &other = *others[static_cast<size_t>(
			        between(static_cast<int>(others.size())))];
			int sign = self.fox ? 1 : -1;
			dx = sign * (other.x > self.x) - sign * (other.x < self.x);
			dy = sign * (other.y > self.y) - sign * (other.y < self.y);
		}
		self.x = map_.wrap(self.x + dx);
		self.y = map_.wrap(self.y + dy);
	}

	void eat(animal &self, const std::vector<animal *> &others)
	{
		if (!self.fox) {
			double &grass = grass_[static_cast<size_t>(self.y * side_ + self.x)];
			double eaten = std::min(bite, grass);
			grass -= eaten;
			self.energy += eaten;
			return;
		}
		for (animal *prey : others) {
			if (prey->alive && std::abs(prey->x - self.x) <= 1 &&
			    std::abs(prey->y - self.y) <= 1) {
				prey->alive = false;
				self.energy += meal;
				return;
			}
		}
	}

	std::unique_ptr<animal> child_of(animal &parent)
	{
		parent.energy /= 2;
		auto child = newborn(parent.x, parent.y, parent.fox);
		child->energy = parent.energy;
		return child;
	}

	int side_;
	map_of_animals map_;
	std::vector<double> grass_;
	std::mt19937 chance_;
	herd animals_;
};

} // namespace

int main(int argc, char **argv)
{
	int rabbits = argc > 1 ? std::atoi(argv[1]) : 500;
	int steps = argc > 2 ? std::atoi(argv[2]) : 200;
	if (rabbits < 1 || steps < 1) {
		std::fputs("usage: predator_prey [RABBITS [STEPS]]\n", stderr);
		return 2;
	}
	world plain(rabbits, 42);
	memprof_steps_expected(static_cast<uint64_t>(steps));
	memprof_run_begin("predator_prey");
	for (int i = 0; i < steps; i++)
		plain.step();
	memprof_run_end();
	std::printf("%d steps: %ld rabbits, %ld foxes\n", steps, plain.count(false),
	            plain.count(true));
	return 0;
}
