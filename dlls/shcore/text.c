#include <litewin/windows.h>
#include "kernel/utf.h"

/* Copies are for CoTaskMemFree, which frees what the process's heap has given. */
static WCHAR *allocate(size_t units)
{
    return HeapAlloc(GetProcessHeap(), 0, units * sizeof(WCHAR));
}

HRESULT WINAPI SHStrDupW(LPCWSTR text, LPWSTR *copy)
{
    *copy = NULL;
    if (!text)
        return E_INVALIDARG;
    size_t units = utf16_length(text) + 1;
    *copy = allocate(units);
    if (!*copy)
        return E_OUTOFMEMORY;
    memcpy(*copy, text, units * sizeof *text);
    return S_OK;
}

HRESULT WINAPI SHStrDupA(LPCSTR text, LPWSTR *copy)
{
    *copy = NULL;
    if (!text)
        return E_INVALIDARG;
    int units = MultiByteToWideChar(CP_ACP, 0, text, -1, NULL, 0);
    *copy = allocate(units);
    if (!*copy)
        return E_OUTOFMEMORY;
    MultiByteToWideChar(CP_ACP, 0, text, -1, *copy, units);
    return S_OK;
}
