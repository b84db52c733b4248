#include "dlls/kernel32/request.h"

HANDLE open_named(open_function open, DWORD access, BOOL inherit, LPCWSTR name)
{
    HANDLE handle = NULL;
    if (!name)
        return opened_handle(STATUS_INVALID_PARAMETER, NULL);
    struct object_request request = make_request(name, name_length(name), access, inherit);
    NTSTATUS status = open(&request, &handle);
    return opened_handle(status, handle);
}

HANDLE open_named_ansi(open_function open, DWORD access, BOOL inherit, LPCSTR name)
{
    struct wide wide;
    if (!wide_from_object_name(&wide, name))
        return NULL;
    HANDLE handle = open_named(open, access, inherit, wide.text);
    wide_free(&wide);
    return handle;
}
