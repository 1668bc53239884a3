// longnames.cc: names of functions, phases, counters and template arguments that no line holds.
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <memprof/memprof.h>

namespace a_simulation_of_all_that_moves
{
namespace partitions_of_space_and_neighbourhoods
{

template <typename Key, typename Value> struct ContainerOfAgentsWithAVeryLongName {
	std::map<Key, std::vector<std::shared_ptr<Value>>> content;

	__attribute__((noinline)) void insert_an_agent_by_its_key(const Key &key,
	                                                          const Value &value)
	{
		content[key].push_back(std::make_shared<Value>(value));
	}
};

__attribute__((noinline)) static uint64_t
observe_all_neighbours_within_the_radius_of_perception_of_each_of_the_agents(uint64_t rounds)
{
	uint64_t state = 88172645463325252u;
	for (uint64_t i = 0; i < rounds; i++)
		state ^= state << 13, state ^= state >> 7, state ^= state << 17;
	return state;
}

} // namespace partitions_of_space_and_neighbourhoods
} // namespace a_simulation_of_all_that_moves

using namespace a_simulation_of_all_that_moves::partitions_of_space_and_neighbourhoods;

int main()
{
	ContainerOfAgentsWithAVeryLongName<std::string, std::vector<std::string>> agents;
	uint64_t seen = 0;
	for (unsigned step = 0; step < 300; step++) {
		MEMPROF_STEP {
			memprof_agents(100 + step);
			MEMPROF_PHASE (
			        "a_phase_with_quite_a_long_name_for_observation_of_neighbours")
				MEMPROF_PHASE (
				        "another_one_inside_of_it_whose_name_is_in_no_way_shorter")
					seen += observe_all_neighbours_within_the_radius_of_perception_of_each_of_the_agents(
					        1000000);
			MEMPROF_PHASE ("insertion")
				for (int i = 0; i < 20; i++)
					agents.insert_an_agent_by_its_key(
					        "key number " + std::to_string(i),
					        {"a value that is not short"});
			memprof_count(
			        "a_counter_of_things_that_happened_in_this_simulation_and_others",
			        3);
		}
	}
	std::printf("{\"seen\": %llu}\n", static_cast<unsigned long long>(seen));
	return 0;
}
