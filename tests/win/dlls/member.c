/* A DLL that notes what its entry point is called for. MARK is its mark, value_name a function that it
 * exports, NEEDS one that it imports; FAILS makes it refuse the process, QUIET makes it decline threads, and
 * RAISES_AT is the reason for which it raises RAISES. */
#include "journal.h"

#define JOIN(a, b)     a##b
#define PLAIN_OF(name) JOIN(name, _plain)

#ifdef NEEDS
__declspec(dllimport) int NEEDS(void);
#endif

/* Of a ring the members import each other's constants, or their sums would never end. */
#define ring_a_value_plain ring_a_plain
#define ring_b_value_plain ring_b_plain

__declspec(dllexport) int PLAIN_OF(value_name)(void)
{
    return VALUE;
}

__declspec(dllexport) int value_name(void)
{
#ifdef NEEDS
    return VALUE + 10 * NEEDS();
#else
    return VALUE;
#endif
}

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved) __asm__("dll_entry");

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved)
{
    journal_note(MARK, reason, reserved != NULL);
#ifdef QUIET
    if (reason == DLL_PROCESS_ATTACH)
        DisableThreadLibraryCalls(module);
#endif
    (void)module;
#ifdef RAISES_AT
    if (reason == RAISES_AT)
        RaiseException(RAISES, 0, 0, NULL);
#endif
#ifdef FAILS
    return reason != DLL_PROCESS_ATTACH;
#else
    return TRUE;
#endif
}
