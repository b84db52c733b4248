#include "diagnostics.h"

#include <stdarg.h>

void report(struct diagnostics *diagnostics, struct position at, const char *format, ...)
{
    diagnostics->errors++;
    if (at.line)
        fprintf(diagnostics->out, "%s:%u:%u: ", diagnostics->file, at.line, at.column);
    else
        fprintf(diagnostics->out, "%s: ", diagnostics->file);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(diagnostics->out, format, arguments);
    va_end(arguments);
    fputc('\n', diagnostics->out);
}
