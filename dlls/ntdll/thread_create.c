/* Making threads as the native API does it. */
#include "kernel/handle.h"
#include "kernel/process.h"
#include "kernel/remote_thread.h"

/* MinGW-w64's headers lack all of this. */
enum {
    FLAG_SUSPENDED = 0x01,
    FLAG_SKIP_ATTACH = 0x02,
    FLAG_HIDE_FROM_DEBUGGER = 0x04,
    KNOWN_FLAGS = FLAG_SUSPENDED | FLAG_SKIP_ATTACH | FLAG_HIDE_FROM_DEBUGGER,
};

#define ATTRIBUTE_CLIENT_ID   0x10003
#define ATTRIBUTE_TEB_ADDRESS 0x10004

/* PS_ATTRIBUTE_LIST */
struct attribute {
    ULONG_PTR kind;
    SIZE_T size;
    void *value;
    SIZE_T *returned;
};

struct attribute_list {
    SIZE_T size;
    struct attribute attributes[];
};

static size_t attribute_count(const struct attribute_list *list)
{
    return list ? (list->size - sizeof *list) / sizeof list->attributes[0] : 0;
}

static bool are_known(const struct attribute_list *list)
{
    for (size_t i = 0; i < attribute_count(list); i++) {
        ULONG_PTR kind = list->attributes[i].kind;
        if (kind != ATTRIBUTE_CLIENT_ID && kind != ATTRIBUTE_TEB_ADDRESS)
            return false;
    }
    return true;
}

static void answer_attribute(const struct attribute *attribute, const struct thread_summary *thread)
{
    const CLIENT_ID id = {(HANDLE)(ULONG_PTR)thread->process, (HANDLE)(ULONG_PTR)thread->id};
    bool is_teb = attribute->kind == ATTRIBUTE_TEB_ADDRESS;
    const void *from = is_teb ? (const void *)&thread->teb : &id;
    SIZE_T size = min(attribute->size, is_teb ? sizeof thread->teb : sizeof id);
    memcpy(attribute->value, from, size);
    if (attribute->returned)
        *attribute->returned = size;
}

NTSTATUS WINAPI NtCreateThreadEx(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes,
                                 HANDLE process, thread_start start, void *argument, ULONG flags,
                                 ULONG_PTR zero_bits, SIZE_T stack_commit, SIZE_T stack_reserve,
                                 struct attribute_list *list)
{
    const struct thread_parameters parameters = {
        .start = start,
        .argument = argument,
        .stack_reserve = stack_reserve,
        .stack_commit = stack_commit,
        .suspended = flags & FLAG_SUSPENDED,
        .skip_attach = flags & FLAG_SKIP_ATTACH,
        .hidden = flags & FLAG_HIDE_FROM_DEBUGGER,
    };
    struct object *thread;
    struct thread_summary summary;
    if (flags & ~(ULONG)KNOWN_FLAGS || zero_bits || !are_known(list))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = thread_create_in(process, &parameters, &thread, &summary);
    if (!NT_SUCCESS(status))
        return status;
    for (size_t i = 0; i < attribute_count(list); i++)
        answer_attribute(&list->attributes[i], &summary);
    status = handle_create(thread, access, attributes ? attributes->Attributes & OBJ_INHERIT : 0, handle);
    object_release(thread);
    return status;
}

NTSTATUS WINAPI RtlCreateUserThread(HANDLE process, PSECURITY_DESCRIPTOR security, BOOLEAN suspended,
                                    ULONG zero_bits, SIZE_T stack_reserve, SIZE_T stack_commit,
                                    thread_start start, void *argument, HANDLE *handle, CLIENT_ID *id)
{
    struct {
        struct attribute_list list;
        struct attribute attribute;
    } with_id;
    CLIENT_ID new_id;
    HANDLE new_handle;
    with_id.list.size = sizeof with_id;
    with_id.attribute = (struct attribute){ATTRIBUTE_CLIENT_ID, sizeof new_id, &new_id, NULL};
    NTSTATUS status = NtCreateThreadEx(&new_handle, THREAD_ALL_ACCESS, NULL, process, start, argument,
                                       suspended ? FLAG_SUSPENDED : 0, zero_bits, stack_commit, stack_reserve,
                                       &with_id.list);
    if (!NT_SUCCESS(status))
        return status;
    if (id)
        *id = new_id;
    if (handle)
        *handle = new_handle;
    else
        handle_close(new_handle);
    return STATUS_SUCCESS;
}
