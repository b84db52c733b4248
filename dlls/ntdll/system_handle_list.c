/* SystemHandleInformation: of this process's handles, since others' are known to themselves alone. */
#include "dlls/ntdll/system_information.h"
#include "kernel/handle.h"
#include "kernel/process.h"

/* SYSTEM_HANDLE_INFORMATION_EX and its entries, which MinGW-w64's headers lack. */
struct extended_list {
    ULONG_PTR count, reserved;
};

struct extended_entry {
    void *object;
    ULONG_PTR process, handle;
    ACCESS_MASK access;
    USHORT creator_back_trace, type;
    ULONG attributes, reserved;
};

static bool add_entry(HANDLE handle, struct object *object, ACCESS_MASK access, ULONG attributes,
                      void *context)
{
    SYSTEM_HANDLE_ENTRY *entry = system_answer_add(context, sizeof *entry);
    if (entry)
        *entry = (SYSTEM_HANDLE_ENTRY){
            .OwnerPid = process_self.id,
            .HandleFlags = attributes,
            .HandleValue = (ULONG_PTR)handle,
            .AccessMask = access,
        };
    return true;
}

NTSTATUS system_tell_handles(struct system_answer *answer)
{
    enum { HEADER_SIZE = offsetof(SYSTEM_HANDLE_INFORMATION, Handle) };
    SYSTEM_HANDLE_INFORMATION *list = system_answer_add(answer, HEADER_SIZE);
    handle_for_each(add_entry, answer);
    if (list)
        list->Count = (answer->length - HEADER_SIZE) / sizeof(SYSTEM_HANDLE_ENTRY);
    return STATUS_SUCCESS;
}

static bool add_extended(HANDLE handle, struct object *object, ACCESS_MASK access, ULONG attributes,
                         void *context)
{
    struct extended_entry *entry = system_answer_add(context, sizeof *entry);
    if (entry)
        *entry = (struct extended_entry){
            .process = process_self.id,
            .handle = (ULONG_PTR)handle,
            .access = access,
            .attributes = attributes,
        };
    return true;
}

NTSTATUS system_tell_extended_handles(struct system_answer *answer)
{
    struct extended_list *list = system_answer_add(answer, sizeof *list);
    handle_for_each(add_extended, answer);
    if (list)
        list->count = (answer->length - sizeof *list) / sizeof(struct extended_entry);
    return STATUS_SUCCESS;
}
