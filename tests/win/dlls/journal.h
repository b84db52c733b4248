/* What the DLLs tell: a mark and a number for each event, "21" for instance, and `s` or `d` for a DLL that
 * came with the program or later. */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <windows.h>

#ifndef JOURNAL
#define JOURNAL __declspec(dllimport)
#endif

JOURNAL void journal_note(char mark, DWORD reason, BOOL with_process);
JOURNAL const char *journal_text(void);
JOURNAL void journal_clear(void);

#endif
