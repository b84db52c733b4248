/* Standard input, output and error: descriptors that came from outside, whatever they are. */
#include <fcntl.h>
#include "kernel/file_internal.h"
#include "kernel/handle.h"

static HANDLE standard_handles[3];
static struct lock standard_lock;

static ACCESS_MASK access_of(int descriptor)
{
    switch (fcntl(descriptor, F_GETFL) & O_ACCMODE) {
    case O_RDONLY:
        return GENERIC_READ;
    case O_WRONLY:
        return GENERIC_WRITE;
    default:
        return GENERIC_READ | GENERIC_WRITE;
    }
}

/* A closed descriptor's number would go to the next file that is opened, which the program would then find as
 * its standard input, say. This takes it up until then, and reads as closed. */
void file_reserve_standard(void)
{
    for (int descriptor = 0; descriptor < 3; descriptor++) {
        if (fcntl(descriptor, F_GETFD) < 0)
            open("/", O_PATH | O_CLOEXEC);
    }
}

static HANDLE make_handle(int descriptor)
{
    struct file *file;
    HANDLE handle = NULL;
    if (fcntl(descriptor, F_GETFL) & O_PATH)
        return NULL;
    if (file_from_descriptor(descriptor, access_of(descriptor), FILE_SHARED_POSITION, &file))
        return NULL;
    /* A child process shares its parent's, on Windows by inheritance, here by descriptor. */
    if (handle_create(&file->object, file->access, OBJ_INHERIT, &handle))
        handle = NULL;
    object_release(file);
    return handle;
}

HANDLE file_standard_handle(int descriptor)
{
    HANDLE handle = __atomic_load_n(&standard_handles[descriptor], __ATOMIC_ACQUIRE);
    if (handle)
        return handle;
    lock_acquire(&standard_lock);
    handle = standard_handles[descriptor];
    if (!handle) {
        handle = make_handle(descriptor);
        __atomic_store_n(&standard_handles[descriptor], handle, __ATOMIC_RELEASE);
    }
    lock_release(&standard_lock);
    return handle;
}
