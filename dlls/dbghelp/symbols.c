/* Names and source lines of addresses. */
#include <litewin/windows.h>
#include <dbghelp.h>
#include <stdio.h>
#include "kernel/utf.h"
#include "loader/crash/crash.h"
#include "loader/crash/symbols.h"

struct answer {
    DWORD64 base;
    DWORD64 offset;  /* in the function */
    char name[1024]; /* "" where there is none */
    char file[1024];
    DWORD line; /* 0 where there is none */
    DWORD line_offset;
};

static void keep(const struct symbol *symbol, void *argument)
{
    struct answer *answer = argument;
    const struct symbol_function *function = &symbol->function;
    if (symbol->module)
        answer->base = (uintptr_t)symbol->module->entry.DllBase;
    if (function->name) {
        size_t length = min(function->length, sizeof answer->name - 1);
        memcpy(answer->name, function->name, length);
        answer->name[length] = '\0';
        answer->offset = function->offset;
    }
    if (symbol->has_line) {
        bool is_relative = *symbol->line.directory && symbol->line.file[0] != '/';
        snprintf(answer->file, sizeof answer->file, "%s%s%s", is_relative ? symbol->line.directory : "",
                 is_relative ? "/" : "", symbol->line.file);
        answer->line = symbol->line.line;
        answer->line_offset = symbol->line.offset;
    }
}

/* False, with the error, where nothing is known of it. */
static bool look_up(DWORD64 address, bool wants_line, struct answer *answer)
{
    *answer = (struct answer){0};
    crash_look_up(address, keep, answer);
    if (wants_line ? answer->line != 0 : *answer->name != '\0')
        return true;
    SetLastError(answer->base ? ERROR_INVALID_ADDRESS : ERROR_MOD_NOT_FOUND);
    return false;
}

BOOL SymFromAddr(HANDLE process, DWORD64 address, PDWORD64 displacement, PSYMBOL_INFO symbol)
{
    struct answer answer;
    if (!look_up(address, false, &answer))
        return FALSE;
    size_t length = strlen(answer.name), room = symbol->MaxNameLen ? symbol->MaxNameLen - 1 : 0;
    symbol->ModBase = answer.base;
    symbol->Address = address - answer.offset;
    symbol->NameLen = length;
    if (symbol->MaxNameLen)
        snprintf(symbol->Name, min(length, room) + 1, "%s", answer.name);
    if (displacement)
        *displacement = answer.offset;
    return TRUE;
}

BOOL SymFromAddrW(HANDLE process, DWORD64 address, PDWORD64 displacement, PSYMBOL_INFOW symbol)
{
    struct answer answer;
    WCHAR name[ARRAYSIZE(answer.name)];
    if (!look_up(address, false, &answer))
        return FALSE;
    size_t length = utf16_from_utf8(name, ARRAYSIZE(name), answer.name, strlen(answer.name), UTF_REPLACE);
    size_t room = symbol->MaxNameLen ? symbol->MaxNameLen - 1 : 0, size = min(length, room);
    symbol->ModBase = answer.base;
    symbol->Address = address - answer.offset;
    symbol->NameLen = length;
    memcpy(symbol->Name, name, size * sizeof *name);
    if (symbol->MaxNameLen)
        symbol->Name[size] = 0;
    if (displacement)
        *displacement = answer.offset;
    return TRUE;
}

/* The file's name is the DLL's, and good until somebody asks again: these functions are documented to be for
 * one thread at a time. */
BOOL SymGetLineFromAddr64(HANDLE process, DWORD64 address, PDWORD displacement, PIMAGEHLP_LINE64 line)
{
    static char file[1024];
    struct answer answer;
    if (!look_up(address, true, &answer))
        return FALSE;
    memcpy(file, answer.file, sizeof file);
    line->Key = NULL;
    line->LineNumber = answer.line;
    line->FileName = file;
    line->Address = address - answer.line_offset;
    *displacement = answer.line_offset;
    return TRUE;
}

BOOL SymGetLineFromAddrW64(HANDLE process, DWORD64 address, PDWORD displacement, PIMAGEHLP_LINEW64 line)
{
    static WCHAR file[1024];
    struct answer answer;
    if (!look_up(address, true, &answer))
        return FALSE;
    size_t length = utf16_from_utf8(file, ARRAYSIZE(file) - 1, answer.file, strlen(answer.file), UTF_REPLACE);
    file[min(length, ARRAYSIZE(file) - 1)] = 0;
    line->Key = NULL;
    line->LineNumber = answer.line;
    line->FileName = file;
    line->Address = address - answer.line_offset;
    *displacement = answer.line_offset;
    return TRUE;
}
