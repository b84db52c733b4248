#include "dlls/kernel32/error.h"
#include "kernel/handle.h"
#include "kernel/remote_handle.h"

BOOL WINAPI CloseHandle(HANDLE handle)
{
    return set_last_status(handle_close(handle));
}

/* Windows has the two attributes the other way round in its two interfaces. */
static DWORD flags_from_attributes(ULONG attributes)
{
    return (attributes & OBJ_INHERIT ? HANDLE_FLAG_INHERIT : 0) |
           (attributes & OBJ_PROTECT_CLOSE ? HANDLE_FLAG_PROTECT_FROM_CLOSE : 0);
}

static ULONG attributes_from_flags(DWORD flags)
{
    return (flags & HANDLE_FLAG_INHERIT ? OBJ_INHERIT : 0) |
           (flags & HANDLE_FLAG_PROTECT_FROM_CLOSE ? OBJ_PROTECT_CLOSE : 0);
}

BOOL WINAPI GetHandleInformation(HANDLE handle, DWORD *flags)
{
    ACCESS_MASK access;
    ULONG attributes;
    if (!set_last_status(handle_query(handle, &access, &attributes)))
        return FALSE;
    *flags = flags_from_attributes(attributes);
    return TRUE;
}

BOOL WINAPI SetHandleInformation(HANDLE handle, DWORD mask, DWORD flags)
{
    return set_last_status(
        handle_set_attributes(handle, attributes_from_flags(mask), attributes_from_flags(flags)));
}

BOOL WINAPI DuplicateHandle(HANDLE source_process, HANDLE source, HANDLE target_process, HANDLE *target,
                            DWORD access, BOOL inherit, DWORD options)
{
    return set_last_status(process_duplicate_handle(source_process, source, target_process, target, access,
                                                    inherit ? OBJ_INHERIT : 0, options));
}

/* Missing in the headers. */
#ifndef ERROR_NOT_SAME_OBJECT
#define ERROR_NOT_SAME_OBJECT 1656
#endif

BOOL WINAPI CompareObjectHandles(HANDLE first, HANDLE second)
{
    struct object *first_object, *second_object;
    if (!set_last_status(handle_reference(first, NULL, 0, &first_object)))
        return FALSE;
    NTSTATUS status = handle_reference(second, NULL, 0, &second_object);
    if (NT_SUCCESS(status))
        object_release(second_object);
    object_release(first_object);
    if (!set_last_status(status))
        return FALSE;
    if (first_object != second_object)
        teb_current()->LastErrorValue = ERROR_NOT_SAME_OBJECT;
    return first_object == second_object;
}
