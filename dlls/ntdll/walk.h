/* Walking over a stack for people, from whatever code it was left in. */
#ifndef NTDLL_WALK_H
#define NTDLL_WALK_H

#include <litewin/windows.h>

/* Turns the context of a frame into that of its caller. Its instruction pointer becomes 0 where the stack
 * ends. The innermost frame may have stopped anywhere, the others are in a call. */
void walk_leave_frame(CONTEXT *context, bool innermost);

#endif
