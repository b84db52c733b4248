#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "kernel/event.h"
#include "kernel/mutex.h"
#include "kernel/named.h"
#include "kernel/section_share.h"
#include "kernel/semaphore.h"
#include "kernel/shared_file.h"
#include "kernel/shared_object.h"
#include "kernel/status.h"

static const struct object_type *const types[] = {
    [SHARED_SECTION] = &section_type,
    [SHARED_EVENT] = &event_type,
    [SHARED_SEMAPHORE] = &semaphore_type,
    [SHARED_MUTEX] = &mutex_type,
};

void handed_object_close(const struct handed_object *handed)
{
    if (handed->descriptor >= 0)
        close(handed->descriptor);
    if (handed->contents >= 0)
        close(handed->contents);
}

NTSTATUS shared_object_give(struct object *object, struct handed_object *handed)
{
    struct shared_file file;
    NTSTATUS status = named_share(object, &file);
    if (!NT_SUCCESS(status))
        return status;
    *handed = (struct handed_object){object->type->shared_kind, shared_file_give(&file), -1};
    if (file.contents >= 0)
        handed->contents = fcntl(file.contents, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (handed->descriptor >= 0 && (file.contents < 0 || handed->contents >= 0))
        return STATUS_SUCCESS;
    status = status_from_errno(errno);
    handed_object_close(handed);
    return status;
}

void shared_object_given(const struct handed_object *handed, DWORD process)
{
    struct shared_file file = {.descriptor = handed->descriptor};
    if (handed->contents < 0 || !NT_SUCCESS(shared_file_map(&file)))
        return;
    section_enter_holder(&file, process, handed->contents);
    munmap(file.page, sizeof *file.page);
}

NTSTATUS shared_object_take(const struct handed_object *handed, struct object **object)
{
    const struct object_type *type = handed->kind < ARRAYSIZE(types) ? types[handed->kind] : NULL;
    struct shared_file file;
    NTSTATUS status =
        type ? shared_file_adopt(handed->descriptor, handed->kind, &file) : STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(status))
        return status;
    file.contents = handed->contents;
    return named_adopt(type, &file, object);
}
