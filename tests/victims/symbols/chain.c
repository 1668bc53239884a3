/* chain.c: functions in C, static and not, inlined and not, with the frames that they must show. */
#include "seen.h"

enum { OF_plain = __LINE__ + 1 };
NEVER_INLINE void plain(void)
{
	seen("plain|%d|%d", __LINE__, OF_plain);
	NOT_A_TAIL_CALL();
}

enum { OF_hidden = __LINE__ + 1 };
static NEVER_INLINE void hidden(void)
{
	seen("hidden|%d|%d", __LINE__, OF_hidden);
	NOT_A_TAIL_CALL();
}

enum { OF_innermost = __LINE__ + 1, OF_middle = __LINE__ + 9, OF_outer = __LINE__ + 14 };
static ALWAYS_INLINE void innermost(int in_middle, int in_outer)
{
	const int here = __LINE__ + 1;
	seen("innermost|%d|%d\tmiddle|%d|%d\touter|%d|%d", here, OF_innermost, in_middle, OF_middle,
	     in_outer, OF_outer);
	NOT_A_TAIL_CALL();
}

static ALWAYS_INLINE void middle(int in_outer)
{
	innermost(__LINE__, in_outer);
}

NEVER_INLINE void outer(int twice)
{
	middle(__LINE__);
	if (twice) {
		int again = twice;

		NOT_A_TAIL_CALL();
		for (; again; again--)
			middle(__LINE__);
	}
	seen("outer|%d|%d", __LINE__, OF_outer);
	NOT_A_TAIL_CALL();
}

#ifndef __clang__
enum { OF_enclosing = __LINE__ + 1, OF_nested = __LINE__ + 3 };
static NEVER_INLINE void enclosing(int count)
{
	NEVER_INLINE void nested(void)
	{
		seen("nested|%d|%d", __LINE__, OF_nested);
		count--;
	}

	while (count)
		nested();
	seen("enclosing|%d|%d", __LINE__, OF_enclosing);
	NOT_A_TAIL_CALL();
}
#endif

int main(int argc, char **argv)
{
	void (*volatile through_pointer)(void) = hidden;

	(void)argv;
	plain();
	through_pointer();
	outer(argc);
#ifndef __clang__
	enclosing(argc);
#endif
	return 0;
}
