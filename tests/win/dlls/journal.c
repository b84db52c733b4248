/* Keeps the events of the other DLLs in memory, and with SAY_DETACH in the environment prints those of the
 * process's end, when nobody is left to ask. */
#define JOURNAL __declspec(dllexport)
#include "journal.h"

static char text[400];
static volatile LONG length;

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved) __asm__("dll_entry");

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved)
{
    (void)module, (void)reason, (void)reserved;
    return TRUE;
}

void journal_note(char mark, DWORD reason, BOOL with_process)
{
    char event[] = {mark, (char)('0' + reason), with_process ? 's' : 'd', ' ', 0};
    LONG at = InterlockedExchangeAdd(&length, 4);
    DWORD count;

    for (int i = 0; i < 4 && at < (LONG)sizeof text - 8; i++)
        text[at + i] = event[i];
    if (reason == DLL_PROCESS_DETACH && with_process && GetEnvironmentVariableA("SAY_DETACH", NULL, 0))
        WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), event, 4, &count, NULL);
}

const char *journal_text(void)
{
    text[length] = 0;
    return text;
}

void journal_clear(void)
{
    length = 0;
}
