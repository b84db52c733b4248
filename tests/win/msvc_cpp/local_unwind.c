/* Leaving __try with __finally by a jump, as compilers have the runtime do it on x86-64: the function is in
 * local_unwind_frame.S. */
#include "check.h"

static int abnormal = -1, deepest = -1;

/* Calls function(its own frame, an address of its own) in a __try with __finally; 7 if it goes on at that
 * address, else 1. */
int guarded(void (*function)(void *frame, void *target));

void _local_unwind(void *frame, void *target);

void finally(BOOLEAN is_abnormal, void *frame)
{
    (void)frame;
    abnormal = is_abnormal;
}

static void return_at_once(void *frame, void *target)
{
    (void)frame, (void)target;
}

static void nest(int depth, void *frame, void *target)
{
    deepest = depth;
    if (depth < 3)
        nest(depth + 1, frame, target);
    _local_unwind(frame, target);
    deepest = -2;
}

static void jump(void *frame, void *target)
{
    nest(0, frame, target);
}

TEST(a_jump_out_of_a_scope)
{
    CHECK_EQ(guarded(return_at_once), 1);
    CHECK_EQ(abnormal, -1);
    CHECK_EQ(guarded(jump), 7);
    CHECK_EQ(abnormal, TRUE);
    CHECK_EQ(deepest, 3);
}

int main(void)
{
    RUN(a_jump_out_of_a_scope);
    return CHECK_END();
}
