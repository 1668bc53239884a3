// phases.cc: phases that close by every way there is out of a scope, and phases that do not. Each
// case allocates a block of its own size in the phase that it believes to be in; the profiler must
// believe the same. Prints how often each path was entered and ended, and what was allocated there.
#include <condition_variable>
#include <csetjmp>
#include <map>
#include <memprof/memprof.h>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "truth.h"

namespace
{
struct scope_truth {
	long long entered = 0, calls = 0, blocks = 0, bytes = 0;
};

// Filled outside of phases only, since the map allocates: notes are kept in a fixed list meanwhile.
struct note {
	const char *path;
	long long entered, calls, bytes;
};
note notes[4096];
std::size_t noted;
std::mutex notes_lock;

void say(const char *path, long long entered, long long calls, long long bytes = 0)
{
	std::lock_guard<std::mutex> held(notes_lock);
	truth_must(noted < sizeof notes / sizeof notes[0], "too many notes");
	notes[noted++] = {path, entered, calls, bytes};
}

// One block that stays, in the phase at `path`.
void block_in(const char *path, std::size_t bytes)
{
	truth_must(std::malloc(bytes) != nullptr, "no memory");
	say(path, 0, 0, static_cast<long long>(bytes));
}

void nested()
{
	MEMPROF_PHASE ("outer") {
		block_in("outer", 100);
		for (int i = 0; i < 3; i++) {
			MEMPROF_PHASE ("inner")
				block_in("outer/inner", 10);
			say("outer/inner", 1, 1);
		}
		MEMPROF_PHASE ("other") {
			MEMPROF_PHASE ("inner")
				block_in("outer/other/inner", 11);
			say("outer/other/inner", 1, 1);
			block_in("outer/other", 12);
		}
		say("outer/other", 1, 1);
		block_in("outer", 101);
	}
	say("outer", 1, 1);
}

int returning(int n)
{
	MEMPROF_PHASE ("returning") {
		say("returning", 1, 1);
		if (n > 0)
			return n;
	}
	return 0;
}

void leaving()
{
	for (int i = 0; i < 4; i++) {
		MEMPROF_PHASE ("breaking") {
			say("breaking", 1, 1);
			if (i == 1)
				break; // leaves the phase's statement, not the loop
			block_in("breaking", 20);
		}
	}
	for (int i = 0; i < 4; i++) {
		MEMPROF_PHASE ("jumping") {
			say("jumping", 1, 1);
			if (i == 2)
				goto out;
		}
	}
out:
	returning(3);
	block_in("", 21);
}

void throwing()
{
	for (int i = 0; i < 5; i++) {
		try {
			MEMPROF_PHASE ("thrown through") {
				MEMPROF_PHASE ("thrown from") {
					say("thrown through", 1, 1);
					say("thrown through/thrown from", 1, 1);
					throw i;
				}
			}
		} catch (int) {
			block_in("", 30);
		}
	}
	try {
		memprof::phase phase{"raii"};
		say("raii", 1, 1);
		block_in("raii", 31);
		throw 1;
	} catch (int) {
		block_in("", 32);
	}
}

std::jmp_buf back;

void jump()
{
	memprof_phase_begin("jumped from");
	say("around/jumped from", 1, 1);
	std::longjmp(back, 1);
}

// A longjmp leaves phases open; the end of an outer one closes them.
void longjumping()
{
	memprof_scope around = memprof_phase_begin("around");
	say("around", 1, 1);
	if (setjmp(back) == 0)
		jump();
	block_in("around/jumped from", 40); // still open
	memprof_phase_end(around);
	block_in("", 41);
}

// Ends that match nothing do nothing: the null scope, a scope that an outer end has closed.
void unbalanced()
{
	memprof_scope first = memprof_phase_begin("first");
	memprof_scope second = memprof_phase_begin("second");
	say("first", 1, 1);
	say("first/second", 1, 1);
	memprof_phase_end(first);
	memprof_phase_end(second);
	memprof_phase_end(first);
	memprof_phase_end(0);
	block_in("", 50);
	MEMPROF_PHASE ("after unbalanced")
		block_in("after unbalanced", 51);
	say("after unbalanced", 1, 1);
}

void recurse(int depth)
{
	static const char *const paths[] = {"again", "again/again", "again/again/again"};
	MEMPROF_PHASE ("again") {
		say(paths[depth], 1, 1);
		block_in(paths[depth], 60);
		if (depth < 2)
			recurse(depth + 1);
	}
}

void dynamic_names()
{
	for (int i = 0; i < 6; i++) {
		std::string name = "kind " + std::to_string(i % 3);
		memprof_scope scope = memprof_phase_begin_id(memprof_name(name.c_str()));
		memprof_phase_end(scope);
		static const char *const paths[] = {"kind 0", "kind 1", "kind 2"};
		say(paths[i % 3], 1, 1);
	}
}

void very_short()
{
	for (int i = 0; i < 1000; i++)
		MEMPROF_PHASE ("short") {
		}
	say("short", 1000, 1000);
}

// Workers: one inherits the phase of the thread that steps, one adopts a token, one has its own.
std::mutex gate;
std::condition_variable turned;
int turn;

void wait_for(int wanted)
{
	std::unique_lock<std::mutex> held(gate);
	turned.wait(held, [wanted] { return turn == wanted; });
}

void give(int next)
{
	std::lock_guard<std::mutex> held(gate);
	turn = next;
	turned.notify_all();
}

memprof_token token;

void inheriting()
{
	wait_for(1);
	block_in("sensing", 70); // the stepping thread is in "sensing"
	give(2);
	wait_for(3);
	block_in("", 71); // it is in no phase
	give(4);
}

void adopting()
{
	wait_for(5);
	memprof_scope scope = memprof_phase_adopt(token);
	block_in("handing", 72);
	memprof_phase_end(scope);
	give(6);
}

void owning()
{
	wait_for(7);
	MEMPROF_PHASE ("mine") {
		block_in("mine", 73);
		MEMPROF_PHASE ("deeper")
			block_in("mine/deeper", 74);
	}
	give(8);
}

void workers()
{
	std::thread first(inheriting), second(adopting), third(owning);
	MEMPROF_STEP {
		MEMPROF_PHASE ("sensing") {
			give(1);
			wait_for(2);
		}
		give(3);
		wait_for(4);
		MEMPROF_PHASE ("handing") {
			token = memprof_phase_token();
			give(5);
			wait_for(6);
		}
		MEMPROF_PHASE ("elsewhere") {
			give(7);
			wait_for(8);
		}
	}
	first.join();
	second.join();
	third.join();
	say("sensing", 1, 1);
	say("handing", 1, 1);
	say("elsewhere", 1, 1);
}

void print()
{
	std::map<std::string, scope_truth> scopes;
	for (std::size_t i = 0; i < noted; i++) {
		scope_truth &t = scopes[notes[i].path];
		t.entered += notes[i].entered;
		t.calls += notes[i].calls;
		t.blocks += notes[i].bytes > 0;
		t.bytes += notes[i].bytes;
	}
	const char *separator = "{";
	for (const auto &entry : scopes) {
		std::printf("%s\"%s\": {\"entered\": %lld, \"calls\": %lld, \"blocks\": %lld, "
		            "\"bytes\": %lld}",
		            separator, entry.first.c_str(), entry.second.entered,
		            entry.second.calls, entry.second.blocks, entry.second.bytes);
		separator = ", ";
	}
	std::printf("}\n");
}
} // namespace

int main()
{
	nested();
	leaving();
	throwing();
	longjumping();
	unbalanced();
	recurse(0);
	dynamic_names();
	very_short();
	workers();
	print();
	memprof_phase_begin("never ended");
	return 0;
}
