/* The arguments that creating and opening nameable objects have in common. */
#ifndef KERNEL32_REQUEST_H
#define KERNEL32_REQUEST_H

#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "kernel/named.h"

static inline struct object_request make_request(const WCHAR *name, size_t length, ACCESS_MASK access,
                                                 bool inherit)
{
    return (struct object_request){
        .name = name,
        .length = name ? length : 0,
        .access = access,
        .attributes = inherit ? OBJ_INHERIT : 0,
    };
}

static inline size_t name_length(const WCHAR *name)
{
    size_t length = 0;
    while (name && name[length])
        length++;
    return length;
}

/* Names in the ANSI code page are limited, unlike wide ones. */
static inline bool wide_from_object_name(struct wide *wide, const char *name)
{
    if (!wide_from_ansi(wide, name))
        return false;
    if (wide->length < MAX_PATH)
        return true;
    wide_free(wide);
    teb_current()->LastErrorValue = ERROR_FILENAME_EXCED_RANGE;
    return false;
}

static inline bool is_inheritable(const SECURITY_ATTRIBUTES *attributes)
{
    return attributes && attributes->bInheritHandle;
}

/* What every Create function returns: the handle, and whether it is for an object that was there already
 * in the last error, which success sets here. */
static inline HANDLE created_handle(NTSTATUS status, HANDLE handle)
{
    if (!set_last_status(status))
        return NULL;
    teb_current()->LastErrorValue =
        status == STATUS_OBJECT_NAME_EXISTS ? ERROR_ALREADY_EXISTS : ERROR_SUCCESS;
    return handle;
}

static inline HANDLE opened_handle(NTSTATUS status, HANDLE handle)
{
    return set_last_status(status) ? handle : NULL;
}

/* The kernel's function for one kind of object. */
typedef NTSTATUS (*open_function)(const struct object_request *request, HANDLE *handle);

HANDLE open_named(open_function open, DWORD access, BOOL inherit, LPCWSTR name);
HANDLE open_named_ansi(open_function open, DWORD access, BOOL inherit, LPCSTR name);

#endif
