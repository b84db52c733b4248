/* What the functions of the registry have in common. */
#ifndef ADVAPI32_REGISTRY_H
#define ADVAPI32_REGISTRY_H

#include "kernel/registry.h"
#include "kernel/status.h"
#include "kernel/utf.h"

/* The handle of a key, which for a predefined one is this process's own. */
NTSTATUS registry_handle(HKEY key, HANDLE *handle);

/* A handle for what a subkey's name, which may be NULL, leads to. */
LSTATUS registry_open_subkey(HKEY key, LPCWSTR name, REGSAM access, HKEY *result);

static inline size_t registry_text_length(LPCWSTR text)
{
    return text ? utf16_length(text) : 0;
}

static inline bool registry_is_text(DWORD type)
{
    return type == REG_SZ || type == REG_EXPAND_SZ || type == REG_MULTI_SZ;
}

/* An ANSI argument as UTF-16; NULL stays NULL. Freed in every case. */
struct registry_wide {
    WCHAR *text;
    WCHAR local[264];
};
bool registry_wide_from_ansi(struct registry_wide *wide, LPCSTR ansi);
void registry_wide_free(struct registry_wide *wide);

/* UTF-16 as ANSI for a caller's buffer; NULL: memory is short. */
char *registry_ansi_from_wide(const WCHAR *text, size_t length, size_t *size);

/* Gives a caller data with its type, any of which it may not want: ERROR_MORE_DATA where it does not fit. */
LSTATUS registry_give_data(const void *data, size_t size, DWORD type, DWORD *type_result, void *buffer,
                           DWORD *buffer_size);

#endif
