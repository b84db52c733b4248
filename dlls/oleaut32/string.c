#include "dlls/oleaut32/automation.h"

/* A string's length in bytes stands in front of its first character, and a NUL behind its last. */
struct bstr {
#ifdef __x86_64__
    DWORD unused; /* so that the text is aligned as memory from the heap is to 8 bytes */
#endif
    DWORD bytes;
    WCHAR text[];
};

#define LONGEST_STRING 0x7FFFFFF0u

static struct bstr *bstr_of(BSTR string)
{
    return CONTAINING_RECORD(string, struct bstr, text);
}

/* The text is left undefined if there is none to copy. */
static BSTR allocate(const void *text, size_t bytes)
{
    if (bytes > LONGEST_STRING)
        return NULL;
    struct bstr *made = HeapAlloc(GetProcessHeap(), 0, sizeof *made + bytes + sizeof(WCHAR));
    if (!made)
        return NULL;
    made->bytes = bytes;
    if (text)
        memcpy(made->text, text, bytes);
    memset((char *)made->text + bytes, 0, sizeof(WCHAR));
    return made->text;
}

BSTR WINAPI SysAllocString(const OLECHAR *text)
{
    return text ? allocate(text, lstrlenW(text) * sizeof *text) : NULL;
}

BSTR WINAPI SysAllocStringLen(const OLECHAR *text, UINT length)
{
    return allocate(text, (size_t)length * sizeof *text);
}

BSTR WINAPI SysAllocStringByteLen(LPCSTR bytes, UINT length)
{
    return allocate(bytes, length);
}

void WINAPI SysFreeString(BSTR string)
{
    if (string)
        HeapFree(GetProcessHeap(), 0, bstr_of(string));
}

/* The new text may be a part of the old. */
static INT replace(BSTR *string, BSTR made)
{
    if (!made)
        return FALSE;
    SysFreeString(*string);
    *string = made;
    return TRUE;
}

INT WINAPI SysReAllocStringLen(BSTR *string, const OLECHAR *text, UINT length)
{
    return string && replace(string, SysAllocStringLen(text, length));
}

INT WINAPI SysReAllocString(BSTR *string, const OLECHAR *text)
{
    if (!string)
        return FALSE;
    if (text)
        return replace(string, SysAllocString(text));
    SysFreeString(*string);
    *string = NULL;
    return TRUE;
}

UINT WINAPI SysStringByteLen(BSTR string)
{
    return string ? bstr_of(string)->bytes : 0;
}

UINT WINAPI SysStringLen(BSTR string)
{
    return SysStringByteLen(string) / sizeof(WCHAR);
}
