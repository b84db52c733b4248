/* Handles, sections and the looks of another process. */
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/remote.h"
#include "kernel/remote_handle.h"
#include "kernel/remote_thread.h"
#include "kernel/section.h"
#include "kernel/shared_file.h"
#include "kernel/shared_object.h"
#include "kernel/status.h"
#include "kernel/vm.h"

NTSTATUS process_summarize(struct process *process, struct process_summary *summary)
{
    struct remote_call call = {.operation = REMOTE_DESCRIBE};
    if (process == &process_self) {
        *summary =
            (struct process_summary){(uintptr_t)&process_environment, sizeof(void *) == 4, handle_count(),
                                     process_environment.ActiveProcessAffinityMask, process_priority_class()};
        return STATUS_SUCCESS;
    }
    NTSTATUS status = remote_call(process, &call);
    *summary = (struct process_summary){call.values[0], call.values[1], call.values[2],
                                        (KAFFINITY)call.values[3], call.values[4]};
    return status;
}

static NTSTATUS serve_describe(struct remote_call *call)
{
    call->values[0] = (uintptr_t)&process_environment;
    call->values[1] = sizeof(void *) == 4;
    call->values[2] = handle_count();
    call->values[3] = process_environment.ActiveProcessAffinityMask;
    call->values[4] = process_priority_class();
    return STATUS_SUCCESS;
}

/* In a call's values; what begins with the subsystem is the same on both architectures. */
enum { IMAGE_IS_64_BIT, IMAGE_ENTRY, IMAGE_RESERVE, IMAGE_COMMIT, IMAGE_FACTS };

#define IMAGE_FACTS_SIZE                                        \
    (offsetof(struct section_image_information, checksum) + 4 - \
     offsetof(struct section_image_information, subsystem))
_Static_assert(IMAGE_FACTS_SIZE == 32, "the same facts for processes of both architectures");

NTSTATUS process_describe_image(struct process *process, struct section_image_information *information)
{
    struct remote_call call = {.operation = REMOTE_DESCRIBE_IMAGE};
    if (process == &process_self) {
        section_describe_program(information);
        return STATUS_SUCCESS;
    }
    NTSTATUS status = remote_call(process, &call);
    if (!NT_SUCCESS(status))
        return status;
    *information = (struct section_image_information){
        .entry_point = (void *)(uintptr_t)call.values[IMAGE_ENTRY],
        .stack_reserve = call.values[IMAGE_RESERVE],
        .stack_commit = call.values[IMAGE_COMMIT],
    };
    memcpy(&information->subsystem, &call.values[IMAGE_FACTS], IMAGE_FACTS_SIZE);
    if (call.values[IMAGE_IS_64_BIT])
        section_image_narrow(information);
    return STATUS_SUCCESS;
}

static NTSTATUS serve_describe_image(struct remote_call *call)
{
    struct section_image_information information;
    section_describe_program(&information);
    call->values[IMAGE_IS_64_BIT] = sizeof(void *) == 8;
    call->values[IMAGE_ENTRY] = (uintptr_t)information.entry_point;
    call->values[IMAGE_RESERVE] = information.stack_reserve;
    call->values[IMAGE_COMMIT] = information.stack_commit;
    memcpy(&call->values[IMAGE_FACTS], &information.subsystem, IMAGE_FACTS_SIZE);
    return STATUS_SUCCESS;
}

NTSTATUS process_set_affinity_of(struct process *process, KAFFINITY mask)
{
    struct remote_call call = {.operation = REMOTE_SET_AFFINITY, .values = {mask}};
    return process == &process_self ? process_set_affinity(mask) : remote_call(process, &call);
}

static NTSTATUS serve_set_affinity(struct remote_call *call)
{
    KAFFINITY mask = (KAFFINITY)call->values[0];
    return mask == call->values[0] ? process_set_affinity(mask) : STATUS_INVALID_PARAMETER;
}

NTSTATUS process_set_priority_class_of(struct process *process, uint8_t class)
{
    struct remote_call call = {.operation = REMOTE_SET_PRIORITY_CLASS, .values = {class}};
    return process == &process_self ? process_set_priority_class(class) : remote_call(process, &call);
}

static NTSTATUS serve_set_priority_class(struct remote_call *call)
{
    return process_set_priority_class(call->values[0]);
}

/* Objects that go from one process to another */

/* In a call's values, behind those that say which handle. */
enum { CARRIED_KIND = 4, CARRIED_FIRST, CARRIED_SECOND, CARRIED_THIRD, CARRIED_FOURTH };

enum carried_kind { CARRIED_FILE, CARRIED_SECTION, CARRIED_PROCESS, CARRIED_THREAD, CARRIED_SHARED };

static void pack_file(struct file *file, struct remote_call *call)
{
    bool overlapped = !(file_options(file) & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT));
    file_share_position(file);
    call->values[CARRIED_KIND] = CARRIED_FILE;
    call->values[CARRIED_FIRST] = file_access(file);
    call->values[CARRIED_SECOND] = FILE_SHARED_POSITION | (overlapped ? FILE_OVERLAPPED : 0);
    call->descriptor = file_descriptor(file);
}

static void pack_section(struct object *section, struct remote_call *call)
{
    struct section_contents contents;
    section_export(section, &contents);
    call->values[CARRIED_KIND] = CARRIED_SECTION;
    call->values[CARRIED_FIRST] = contents.size;
    call->values[CARRIED_SECOND] = contents.protect;
    call->values[CARRIED_THIRD] = contents.attributes;
    call->descriptor = contents.descriptor;
}

static NTSTATUS pack_shared(struct object *object, struct remote_call *call)
{
    struct shared_file file;
    NTSTATUS status = named_share(object, &file);
    if (NT_SUCCESS(status)) {
        call->values[CARRIED_KIND] = CARRIED_SHARED;
        call->values[CARRIED_FIRST] = object->type->shared_kind;
        call->descriptor = file.descriptor;
    }
    return status;
}

/* The descriptor in the call is the object's own, and -1 for one that needs none. */
static NTSTATUS pack(struct object *object, struct remote_call *call)
{
    call->descriptor = -1;
    if (object->type == &file_type) {
        pack_file((struct file *)object, call);
    } else if (object->type == &section_type && !named_path(object, NULL, 0)) {
        pack_section(object, call);
    } else if (object->type == &process_type) {
        call->values[CARRIED_KIND] = CARRIED_PROCESS;
        call->values[CARRIED_FIRST] = ((struct process *)object)->id;
    } else if (object->type == &thread_type) {
        call->values[CARRIED_KIND] = CARRIED_THREAD;
        call->values[CARRIED_FIRST] = thread_from_object((struct waitable *)object)->id;
    } else if (object->type == &process_thread_type) {
        call->values[CARRIED_KIND] = CARRIED_THREAD;
        call->values[CARRIED_FIRST] = ((struct remote_thread *)object)->id;
    } else if (object->type->share) {
        return pack_shared(object, call);
    } else {
        return STATUS_NOT_SUPPORTED;
    }
    return STATUS_SUCCESS;
}

/* What is made owns the call's descriptor. */
static NTSTATUS unpack_descriptor(const struct remote_call *call, struct object **object)
{
    const struct section_contents contents = {
        .descriptor = call->descriptor,
        .size = call->values[CARRIED_FIRST],
        .protect = call->values[CARRIED_SECOND],
        .attributes = call->values[CARRIED_THIRD],
    };
    if (call->values[CARRIED_KIND] == CARRIED_SECTION)
        return section_import(&contents, object);
    struct file *file;
    NTSTATUS status = file_from_descriptor(call->descriptor, call->values[CARRIED_FIRST],
                                           call->values[CARRIED_SECOND], &file);
    *object = (struct object *)file;
    return status;
}

static NTSTATUS unpack_shared(const struct remote_call *call, struct object **object)
{
    const struct handed_object handed = {call->values[CARRIED_FIRST], call->descriptor, -1};
    NTSTATUS status = shared_object_take(&handed, object);
    if (NT_SUCCESS(status))
        close(call->descriptor);
    return status;
}

static NTSTATUS unpack(const struct remote_call *call, struct object **object)
{
    struct process *process;
    NTSTATUS status;
    switch (call->values[CARRIED_KIND]) {
    case CARRIED_FILE:
    case CARRIED_SECTION:
        return call->descriptor >= 0 ? unpack_descriptor(call, object) : STATUS_INVALID_PARAMETER;
    case CARRIED_PROCESS:
        status = process_open(call->values[CARRIED_FIRST], &process);
        *object = &process->object.object;
        return status;
    case CARRIED_THREAD:
        return thread_open(call->values[CARRIED_FIRST], object);
    case CARRIED_SHARED:
        return call->descriptor >= 0 ? unpack_shared(call, object) : STATUS_INVALID_PARAMETER;
    default:
        return STATUS_NOT_SUPPORTED;
    }
}

/* Duplicates */

/* In a call's values. */
enum { DUPLICATE_HANDLE, DUPLICATE_ACCESS, DUPLICATE_ATTRIBUTES, DUPLICATE_OPTIONS };

enum { SAME_ATTRIBUTES = 4 };

static NTSTATUS pack_handle(HANDLE handle, ACCESS_MASK access, ULONG attributes, ULONG options,
                            struct remote_call *call, struct object **object)
{
    ACCESS_MASK granted;
    ULONG present;
    NTSTATUS status = handle_query(handle, &granted, &present);
    if (NT_SUCCESS(status))
        status = handle_reference(handle, NULL, 0, object);
    if (!NT_SUCCESS(status))
        return status;
    call->values[DUPLICATE_ACCESS] = options & DUPLICATE_SAME_ACCESS ? granted : access;
    call->values[DUPLICATE_ATTRIBUTES] = options & SAME_ATTRIBUTES ? present : attributes;
    status = pack(*object, call);
    if (!NT_SUCCESS(status))
        object_release(*object);
    return status;
}

static NTSTATUS make_handle(struct remote_call *call, HANDLE *handle)
{
    struct object *object;
    NTSTATUS status = unpack(call, &object);
    if (!NT_SUCCESS(status))
        return status;
    call->gives = call->returns = false; /* the descriptor is the object's */
    status =
        handle_create(object, call->values[DUPLICATE_ACCESS], call->values[DUPLICATE_ATTRIBUTES], handle);
    object_release(object);
    return status;
}

static NTSTATUS store(struct process *target, HANDLE source, ACCESS_MASK access, ULONG attributes,
                      ULONG options, HANDLE *handle)
{
    struct remote_call call = {.operation = REMOTE_STORE_HANDLE};
    struct object *object;
    NTSTATUS status = pack_handle(source, access, attributes, options, &call, &object);
    if (!NT_SUCCESS(status))
        return status;
    call.gives = call.descriptor >= 0;
    status = remote_call(target, &call);
    object_release(object);
    if (NT_SUCCESS(status))
        *handle = (HANDLE)(ULONG_PTR)call.values[DUPLICATE_HANDLE];
    return status;
}

/* Without `handle`, the source is only closed. */
static NTSTATUS fetch_now(struct process *source_process, HANDLE source, ACCESS_MASK access, ULONG attributes,
                          ULONG options, HANDLE *handle)
{
    struct remote_call call = {
        .operation = handle ? REMOTE_FETCH_HANDLE : REMOTE_CLOSE_HANDLE,
        .values = {(ULONG_PTR)source, access, attributes, options},
        .descriptor = -1,
    };
    NTSTATUS status = remote_call(source_process, &call);
    if (!NT_SUCCESS(status) || !handle)
        return status;
    if (!call.returns)
        call.descriptor = -1;
    status = make_handle(&call, handle);
    if (call.returns)
        close(call.descriptor);
    return status;
}

/* What the source is the last handle of must not be gone before it is here. */
static NTSTATUS fetch(struct process *source_process, HANDLE source, ACCESS_MASK access, ULONG attributes,
                      ULONG options, HANDLE *handle)
{
    if (!handle || !(options & DUPLICATE_CLOSE_SOURCE))
        return fetch_now(source_process, source, access, attributes, options, handle);
    NTSTATUS status =
        fetch_now(source_process, source, access, attributes, options & ~DUPLICATE_CLOSE_SOURCE, handle);
    fetch_now(source_process, source, 0, 0, DUPLICATE_CLOSE_SOURCE, NULL);
    return status;
}

/* From one other process to another, by way of this one. */
static NTSTATUS duplicate(struct process *source_process, HANDLE source, struct process *target_process,
                          HANDLE *target, ACCESS_MASK access, ULONG attributes, ULONG options)
{
    HANDLE here;
    if (source_process == &process_self) {
        if (!target || target_process == &process_self)
            return handle_duplicate(source, access, attributes, options, target);
        NTSTATUS status = store(target_process, source, access, attributes, options, target);
        if (options & DUPLICATE_CLOSE_SOURCE)
            handle_close(source);
        return status;
    }
    if (!target || target_process == &process_self)
        return fetch(source_process, source, access, attributes, options, target);
    NTSTATUS status = fetch(source_process, source, access, attributes, options, &here);
    if (!NT_SUCCESS(status))
        return status;
    status = store(target_process, here, 0, 0, DUPLICATE_SAME_ACCESS | SAME_ATTRIBUTES, target);
    handle_close(here);
    return status;
}

NTSTATUS process_duplicate_handle(HANDLE source_handle, HANDLE source, HANDLE target_handle, HANDLE *target,
                                  ACCESS_MASK access, ULONG attributes, ULONG options)
{
    struct process *source_process, *target_process = NULL;
    NTSTATUS status = handle_reference(source_handle, &process_type, PROCESS_DUP_HANDLE, &source_process);
    if (!NT_SUCCESS(status))
        return status;
    if (target)
        status = handle_reference(target_handle, &process_type, PROCESS_DUP_HANDLE, &target_process);
    if (NT_SUCCESS(status))
        status = duplicate(source_process, source, target_process, target, access, attributes, options);
    if (target_process)
        object_release(target_process);
    object_release(source_process);
    return status;
}

static NTSTATUS serve_store_handle(struct remote_call *call)
{
    HANDLE handle = NULL;
    if (!call->gives)
        call->descriptor = -1;
    NTSTATUS status = make_handle(call, &handle);
    call->values[DUPLICATE_HANDLE] = (ULONG_PTR)handle;
    return status;
}

static NTSTATUS serve_fetch_handle(struct remote_call *call)
{
    HANDLE handle = (HANDLE)(ULONG_PTR)call->values[DUPLICATE_HANDLE];
    ULONG options = call->values[DUPLICATE_OPTIONS];
    struct object *object;
    NTSTATUS status = pack_handle(handle, call->values[DUPLICATE_ACCESS], call->values[DUPLICATE_ATTRIBUTES],
                                  options, call, &object);
    if (NT_SUCCESS(status)) {
        /* The object may be closed before the descriptor is fetched. */
        if (call->descriptor >= 0) {
            call->descriptor = fcntl(call->descriptor, F_DUPFD_CLOEXEC, 0);
            call->returns = call->descriptor >= 0;
            status = call->returns ? STATUS_SUCCESS : status_from_errno(errno);
        }
        object_release(object);
    }
    if (options & DUPLICATE_CLOSE_SOURCE)
        handle_close(handle);
    return status;
}

static NTSTATUS serve_close_handle(struct remote_call *call)
{
    HANDLE handle = (HANDLE)(ULONG_PTR)call->values[DUPLICATE_HANDLE];
    return handle_duplicate(handle, 0, 0, call->values[DUPLICATE_OPTIONS], NULL);
}

/* Views */

/* In a call's values, behind the section. */
enum {
    VIEW_ADDRESS = CARRIED_FOURTH + 1,
    VIEW_SIZE,
    VIEW_OFFSET,
    VIEW_TYPE,
    VIEW_PROTECT,
    VIEW_LOWEST,
    VIEW_HIGHEST,
    VIEW_ALIGNMENT,
    VIEW_VALUES
};
_Static_assert((int)VIEW_VALUES <= (int)REMOTE_VALUES, "a view's values fit");

static NTSTATUS map_in(struct process *process, struct object *section, struct section_view *view)
{
    struct remote_call call = {.operation = REMOTE_MAP_VIEW, .gives = true};
    pack_section(section, &call);
    call.values[VIEW_ADDRESS] = (uintptr_t)view->address;
    call.values[VIEW_SIZE] = view->size;
    call.values[VIEW_OFFSET] = view->offset;
    call.values[VIEW_TYPE] = view->type;
    call.values[VIEW_PROTECT] = view->protect;
    if (view->requirements) {
        call.values[VIEW_LOWEST] = view->requirements->lowest;
        call.values[VIEW_HIGHEST] = view->requirements->highest;
        call.values[VIEW_ALIGNMENT] = view->requirements->alignment;
    }
    if (sizeof(void *) == 4 && !view->address && !call.values[VIEW_HIGHEST])
        call.values[VIEW_HIGHEST] = UINT32_MAX;
    NTSTATUS status = remote_call(process, &call);
    if (NT_SUCCESS(status)) {
        view->address = (void *)(uintptr_t)call.values[VIEW_ADDRESS];
        view->size = call.values[VIEW_SIZE];
    }
    return status;
}

NTSTATUS process_map_view(HANDLE handle, HANDLE section_handle, struct section_view *view)
{
    struct process *process;
    struct object *section;
    NTSTATUS status = handle_reference(handle, &process_type, PROCESS_VM_OPERATION, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = section_reference(section_handle, view, &section);
    if (NT_SUCCESS(status)) {
        status = process == &process_self ? section_map(section, view) : map_in(process, section, view);
        object_release(section);
    }
    object_release(process);
    return status;
}

NTSTATUS process_unmap_view(HANDLE handle, void *address, bool keep_place)
{
    struct process *process;
    struct remote_call call = {.operation = REMOTE_UNMAP_VIEW, .values = {(uintptr_t)address, keep_place}};
    NTSTATUS status = handle_reference(handle, &process_type, PROCESS_VM_OPERATION, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = process == &process_self ? vm_unmap_view(address, keep_place) : remote_call(process, &call);
    object_release(process);
    return status;
}

static NTSTATUS serve_map_view(struct remote_call *call)
{
    const struct vm_requirements requirements = {
        .lowest = call->values[VIEW_LOWEST],
        .highest = call->values[VIEW_HIGHEST] < vm_highest_address() ? call->values[VIEW_HIGHEST] : 0,
        .alignment = call->values[VIEW_ALIGNMENT],
    };
    struct section_view view = {
        .address = (void *)(uintptr_t)call->values[VIEW_ADDRESS],
        .size = call->values[VIEW_SIZE],
        .offset = call->values[VIEW_OFFSET],
        .type = call->values[VIEW_TYPE],
        .protect = call->values[VIEW_PROTECT],
        .requirements = &requirements,
    };
    struct object *section;
    if (!call->gives)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = unpack_descriptor(call, &section);
    if (!NT_SUCCESS(status))
        return status;
    call->gives = false;
    status = section_map(section, &view);
    object_release(section);
    call->values[VIEW_ADDRESS] = (uintptr_t)view.address;
    call->values[VIEW_SIZE] = view.size;
    return status;
}

static NTSTATUS serve_unmap_view(struct remote_call *call)
{
    return vm_unmap_view((void *)(uintptr_t)call->values[0], call->values[1]);
}

const remote_server remote_handle_servers[REMOTE_OPERATIONS] = {
    [REMOTE_DESCRIBE] = serve_describe,         [REMOTE_DESCRIBE_IMAGE] = serve_describe_image,
    [REMOTE_SET_AFFINITY] = serve_set_affinity, [REMOTE_SET_PRIORITY_CLASS] = serve_set_priority_class,
    [REMOTE_STORE_HANDLE] = serve_store_handle, [REMOTE_FETCH_HANDLE] = serve_fetch_handle,
    [REMOTE_CLOSE_HANDLE] = serve_close_handle, [REMOTE_MAP_VIEW] = serve_map_view,
    [REMOTE_UNMAP_VIEW] = serve_unmap_view,
};
