/* What the program's assert macro calls. */
#include <stdio.h>
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/exit.h"

_Noreturn void crt_assert(const char *expression, const char *file, unsigned line)
{
    char text[1024];
    snprintf(text, sizeof text, "Assertion failed: %s, file %s, line %u\n", expression, file, line);
    write_standard_error(text);
    crt_abort();
}

_Noreturn void crt_wassert(const WCHAR *expression, const WCHAR *file, unsigned line)
{
    char narrow_expression[512] = "", narrow_file[MAX_PATH] = "";
    WideCharToMultiByte(CP_ACP, 0, expression, -1, narrow_expression, sizeof narrow_expression - 1, NULL,
                        NULL);
    WideCharToMultiByte(CP_ACP, 0, file, -1, narrow_file, sizeof narrow_file - 1, NULL, NULL);
    crt_assert(narrow_expression, narrow_file, line);
}
