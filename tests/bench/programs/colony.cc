// colony.cc: an agent simulation that allocates as such programs do: agents with inventories, plans
// and memories in standard containers, messages between them, an index of cells rebuilt each step,
// births and deaths; and that works between allocations as such programs do: each agent looks at
// the ground around it and weighs where to go, in a tree of behaviours, so that stacks have some
// depth. One thread, no input, the same course for the same arguments.
//
//     colony STEPS AGENTS      prints the population and a hash of the final state

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace
{

class Random
{
      public:
	explicit Random(uint64_t seed) : state(seed * 2862933555777941757ull + 3037000493ull) {}
	uint32_t next()
	{
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		return static_cast<uint32_t>(state >> 32);
	}
	int below(int limit)
	{
		return static_cast<int>(next() % static_cast<uint32_t>(limit));
	}

      private:
	uint64_t state;
};

struct Place {
	int x, y;
	bool operator==(const Place &o) const
	{
		return x == o.x && y == o.y;
	}
};

struct PlaceHash {
	size_t operator()(const Place &p) const
	{
		return static_cast<size_t>(p.x) * 73856093u ^ static_cast<size_t>(p.y) * 19349663u;
	}
};

struct Message {
	int from;
	std::string topic;
	std::vector<int> path; // who passed it on
};

struct Seen {
	Place place;
	int step;
	std::string what;
};

class World;

// What an agent may do next; plans are made anew whenever the last one has ended.
class Action
{
      public:
	virtual ~Action() = default;
	virtual void perform(World &world, class Agent &agent) = 0;
};

class Agent
{
      public:
	Agent(int number, Place at, int strength) : id(number), place(at), energy(strength) {}

	void remember(int step, std::string what)
	{
		memory.push_back({place, step, std::move(what)});
		if (memory.size() > 12)
			memory.pop_front();
	}
	void act(World &world);
	void look(World &world);
	void read_mail(World &world);
	void make_plan(World &world);

	int id;
	Place place, wish = {0, 0};
	int energy;
	std::map<std::string, int> inventory;
	std::list<Seen> memory;
	std::deque<Message> mail;
	std::vector<std::unique_ptr<Action>> plan;
};

class World
{
      public:
	World(int agents, uint64_t seed) : random(seed), side(std::max(8, agents / 8))
	{
		for (int i = 0; i < agents; i++)
			add({random.below(side), random.below(side)}, 20 + random.below(20));
		for (auto &layer : ground)
			for (int i = 0; i < side * side; i++)
				layer.push_back(static_cast<float>(random.below(1000)) / 1000.0f);
	}

	// What the ground promises around a place: its layers, each weighed by distance.
	float promise(Place at) const
	{
		float sum = 0.0f;
		for (int dy = -sight; dy <= sight; dy++) {
			int row = (at.y + dy + side) % side * side;
			for (int dx = -sight; dx <= sight; dx++) {
				int cell = row + (at.x + dx + side) % side;
				float weight = 1.0f / static_cast<float>(1 + dx * dx + dy * dy);
				for (auto &layer : ground)
					sum += layer[static_cast<size_t>(cell)] * weight;
			}
		}
		return sum;
	}

	Agent &add(Place place, int energy)
	{
		population.push_back(std::make_shared<Agent>(++last_id, place, energy));
		return *population.back();
	}

	std::vector<std::shared_ptr<Agent>> near(Place at, int reach) const
	{
		std::vector<std::shared_ptr<Agent>> found;
		for (int x = at.x - reach; x <= at.x + reach; x++)
			for (int y = at.y - reach; y <= at.y + reach; y++)
				if (auto cell = cells.find({x, y}); cell != cells.end())
					found.insert(found.end(), cell->second.begin(),
					             cell->second.end());
		return found;
	}

	void step()
	{
		rebuild_cells();
		auto acting = population;
		for (auto &agent : acting)
			agent->act(*this);
		bury_and_bear();
		now++;
	}

	uint64_t hash() const
	{
		uint64_t h = 1469598103934665603ull;
		auto mix = [&h](uint64_t v) { h = (h ^ v) * 1099511628211ull; };
		for (auto &a : population) {
			mix(static_cast<uint64_t>(a->id));
			mix(static_cast<uint64_t>(a->place.x) << 32 |
			    static_cast<uint32_t>(a->place.y));
			mix(static_cast<uint64_t>(a->energy));
			for (auto &[name, count] : a->inventory)
				mix(name.size() * 1000u + static_cast<uint64_t>(count));
			mix(a->memory.size());
		}
		return h;
	}

	Random random;
	int side, now = 0;
	std::vector<std::shared_ptr<Agent>> population;

      private:
	void rebuild_cells()
	{
		std::unordered_map<Place, std::vector<std::shared_ptr<Agent>>, PlaceHash> fresh;
		for (auto &agent : population)
			fresh[agent->place].push_back(agent);
		cells.swap(fresh);
	}

	void bury_and_bear()
	{
		std::vector<std::shared_ptr<Agent>> next;
		std::vector<std::pair<Place, int>> born;
		for (auto &agent : population) {
			if (--agent->energy <= 0)
				continue;
			if (agent->energy > 60 && population.size() + born.size() < cap) {
				agent->energy -= 30;
				born.emplace_back(agent->place, 25);
			}
			next.push_back(agent);
		}
		population.swap(next);
		for (auto &[place, energy] : born)
			add(place, energy);
	}

	std::unordered_map<Place, std::vector<std::shared_ptr<Agent>>, PlaceHash> cells;
	static constexpr int sight = 6;
	std::array<std::vector<float>, 3> ground;
	size_t cap = 4000;
	int last_id = 0;
};

class Walk : public Action
{
      public:
	Walk(int east, int north) : dx(east), dy(north) {}
	void perform(World &world, Agent &agent) override
	{
		agent.place.x = (agent.place.x + dx + world.side) % world.side;
		agent.place.y = (agent.place.y + dy + world.side) % world.side;
	}

      private:
	int dx, dy;
};

class Gather : public Action
{
      public:
	explicit Gather(std::string goods) : what(std::move(goods)) {}
	void perform(World &world, Agent &agent) override
	{
		agent.inventory[what + " of region " + std::to_string(agent.place.x / 4)]++;
		agent.energy += 1 + world.random.below(6);
		if (agent.inventory.size() > 16)
			agent.inventory.erase(agent.inventory.begin());
		agent.remember(world.now, "gathered " + what + " and carried it home");
	}

      private:
	std::string what;
};

class Tell : public Action
{
      public:
	explicit Tell(Message news) : message(std::move(news)) {}
	void perform(World &world, Agent &agent) override
	{
		int told = 0;
		for (auto &other : world.near(agent.place, 1)) {
			if (other->id == agent.id || ++told > 3)
				continue;
			Message copy = message;
			copy.path.push_back(agent.id);
			other->mail.push_back(std::move(copy));
		}
	}

      private:
	Message message;
};

void Agent::read_mail(World &world)
{
	while (!mail.empty()) {
		Message message = std::move(mail.front());
		mail.pop_front();
		energy += message.path.size() > 2 ? 0 : 1;
		remember(world.now,
		         message.topic + " (heard from " + std::to_string(message.from) + ")");
		if (message.path.size() < 4 && world.random.below(3) == 0)
			plan.push_back(std::make_unique<Tell>(std::move(message)));
	}
}

void Agent::make_plan(World &world)
{
	static const char *const goods[] = {"wood", "stone of the eastern quarry", "berries",
	                                    "salt"};
	using Maker = std::function<std::unique_ptr<Action>()>;
	auto others = world.near(place, 1);
	std::string topic = "there are " + std::to_string(others.size()) + " of us near here";
	std::vector<Maker> makers = {
	        [&] {
		        return std::make_unique<Walk>(world.random.below(3) - 1,
		                                      world.random.below(3) - 1);
	        },
	        [&] { return std::make_unique<Gather>(goods[world.random.below(4)]); },
	        [&, topic] {
		        return std::make_unique<Tell>(Message{id, topic, {id}});
	        },
	};
	for (int i = 0; i < 4; i++)
		plan.push_back(makers[static_cast<size_t>(world.random.below(3))]());
}

// The tree of behaviours by which every agent lives.
class Behaviour
{
      public:
	virtual ~Behaviour() = default;
	virtual bool run(World &world, Agent &agent) = 0;
};

class Sequence : public Behaviour
{
      public:
	explicit Sequence(std::vector<std::shared_ptr<Behaviour>> parts)
	    : children(std::move(parts))
	{
	}
	bool run(World &world, Agent &agent) override
	{
		return std::all_of(children.begin(), children.end(),
		                   [&](auto &child) { return child->run(world, agent); });
	}

      private:
	std::vector<std::shared_ptr<Behaviour>> children;
};

class Leaf : public Behaviour
{
      public:
	explicit Leaf(std::function<void(World &, Agent &)> what) : work(std::move(what)) {}
	bool run(World &world, Agent &agent) override
	{
		work(world, agent);
		return true;
	}

      private:
	std::function<void(World &, Agent &)> work;
};

std::shared_ptr<Behaviour> leaf(std::function<void(World &, Agent &)> work)
{
	return std::make_shared<Leaf>(std::move(work));
}

std::shared_ptr<Behaviour> sequence(std::vector<std::shared_ptr<Behaviour>> parts)
{
	return std::make_shared<Sequence>(std::move(parts));
}

std::shared_ptr<Behaviour> life()
{
	auto attend = leaf([](World &w, Agent &a) { a.read_mail(w); });
	auto look = leaf([](World &w, Agent &a) { a.look(w); });
	auto decide = leaf([](World &w, Agent &a) {
		if (a.plan.empty())
			a.make_plan(w);
	});
	auto perform = leaf([](World &w, Agent &a) {
		auto action = std::move(a.plan.back());
		a.plan.pop_back();
		action->perform(w, a);
	});
	return sequence({sequence({attend, look}), sequence({decide, sequence({perform})})});
}

void Agent::look(World &world)
{
	float best = 0.0f;
	for (int i = 0; i < 4; i++) {
		int dx = world.random.below(3) - 1, dy = world.random.below(3) - 1;
		float promised = world.promise({place.x + dx, place.y + dy});
		if (promised > best) {
			best = promised;
			wish = {dx, dy};
		}
	}
}

void Agent::act(World &world)
{
	static const std::shared_ptr<Behaviour> behaviour = life();
	behaviour->run(world, *this);
}

} // namespace

int main(int argc, char **argv)
{
	if (argc != 3) {
		std::fprintf(stderr, "usage: colony STEPS AGENTS\n");
		return 2;
	}
	World world(std::atoi(argv[2]), 42);
	for (int i = std::atoi(argv[1]); i > 0; i--)
		world.step();
	std::printf("%zu agents, state %016llx\n", world.population.size(),
	            static_cast<unsigned long long>(world.hash()));
}
