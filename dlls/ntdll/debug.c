/* Stops in a debugger; without one, the program's handlers see a breakpoint. */
#include <litewin/windows.h>

VOID DbgBreakPoint(VOID)
{
    __asm__ volatile("int3");
}

VOID DbgUserBreakPoint(VOID)
{
    DbgBreakPoint();
}
