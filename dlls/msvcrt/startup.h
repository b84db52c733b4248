/* What happens when the DLL is loaded. Everything that can wait for its first use does. */
#ifndef MSVCRT_STARTUP_H
#define MSVCRT_STARTUP_H

#include <litewin/windows.h>

/* Each sets up its file's data that programs read without a call. */
void heap_attach(void);
void exit_attach(void);
void ctype_attach(void);
void locale_attach(void);
void mbctype_attach(void);
void time_attach(void);
void error_text_attach(void);
void stdio_attach(void);

/* Writes all buffers out and removes temporary files, when the program exits. */
void stdio_detach(void);

/* Make the vectors of arguments and variables, for both of the program's views and the runtime's own. `info`
 * may be NULL. Without memory, the program ends. */
struct startup_info {
    int new_mode;
};

EXPORTED int crt_getmainargs(int *argc, char ***argv, char ***environment, int expand_wildcards,
                             struct startup_info *info);
EXPORTED int crt_wgetmainargs(int *argc, WCHAR ***argv, WCHAR ***environment, int expand_wildcards,
                              struct startup_info *info);

#endif
