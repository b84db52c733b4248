#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernel/section_share.h"
#include "kernel/status.h"

enum { HOLDERS = 500 };

/* A process that has the section, and its descriptor of the contents. Linux lets all processes of the user
 * open that once more. An entry that is not true any more is found out by that. */
struct holder {
    uint32_t process; /* atomic; 0: the entry is free */
    int32_t descriptor;
};

/* In the words of the page. */
struct section_state {
    uint64_t size;
    uint64_t device, inode; /* of the contents */
    uint32_t protect, attributes;
    struct holder holders[HOLDERS];
};
_Static_assert(sizeof(struct section_state) <= SHARED_WORDS * 4, "the state fits");

static struct section_state *state_of(const struct shared_file *file)
{
    return (struct section_state *)file->page->words;
}

/* Holders */

static bool has_ended(uint32_t process)
{
    return kill(process, 0) && errno == ESRCH;
}

static bool replace(struct holder *holder, uint32_t process, uint32_t by)
{
    return __atomic_compare_exchange_n(&holder->process, &process, by, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

void section_enter_holder(const struct shared_file *file, DWORD owner, int descriptor)
{
    struct section_state *state = state_of(file);
    for (unsigned i = 0; i < HOLDERS; i++) {
        struct holder *holder = &state->holders[i];
        uint32_t process = __atomic_load_n(&holder->process, __ATOMIC_RELAXED);
        if ((!process || has_ended(process)) && replace(holder, process, owner)) {
            __atomic_store_n(&holder->descriptor, descriptor, __ATOMIC_RELEASE);
            return;
        }
    }
}

void section_remove_holder(const struct shared_file *file, int descriptor)
{
    struct section_state *state = state_of(file);
    for (unsigned i = 0; i < HOLDERS; i++) {
        struct holder *holder = &state->holders[i];
        if (__atomic_load_n(&holder->descriptor, __ATOMIC_RELAXED) == descriptor &&
            replace(holder, getpid(), 0))
            return;
    }
}

static bool is_contents(const struct section_state *state, int descriptor)
{
    struct stat status;
    return !fstat(descriptor, &status) && S_ISREG(status.st_mode) && status.st_dev == state->device &&
           status.st_ino == state->inode;
}

/* What an entry leads to may be anything by now: opening it must not wait. */
static int open_by(const struct section_state *state, const struct holder *holder, int flags)
{
    char path[48];
    snprintf(path, sizeof path, "/proc/%u/fd/%d", (unsigned)holder->process, (int)holder->descriptor);
    int descriptor = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0 || is_contents(state, descriptor))
        return descriptor;
    close(descriptor);
    return -1;
}

static int open_contents(const struct section_state *state)
{
    bool writes =
        !(state->attributes & SEC_FILE) ||
        (!(state->attributes & SEC_IMAGE) && state->protect & (PAGE_READWRITE | PAGE_EXECUTE_READWRITE));
    for (unsigned i = 0; i < HOLDERS; i++) {
        int descriptor =
            state->holders[i].process ? open_by(state, &state->holders[i], writes ? O_RDWR : O_RDONLY) : -1;
        if (descriptor >= 0)
            return descriptor;
    }
    return -1;
}

/* The state */

NTSTATUS section_write(const struct section_contents *contents, struct shared_file *file)
{
    struct section_state *state = state_of(file);
    struct stat status;
    if (fstat(contents->descriptor, &status))
        return status_from_errno(errno);
    state->size = contents->size;
    state->device = status.st_dev;
    state->inode = status.st_ino;
    state->protect = contents->protect;
    state->attributes = contents->attributes;
    file->contents = contents->descriptor;
    section_enter_holder(file, getpid(), contents->descriptor);
    return STATUS_SUCCESS;
}

NTSTATUS section_read(const struct shared_file *file, struct section_contents *contents)
{
    const struct section_state *state = state_of(file);
    *contents = (struct section_contents){
        .descriptor = file->contents < 0 ? open_contents(state)
                                         : fcntl(file->contents, F_DUPFD_CLOEXEC, STDERR_FILENO + 1),
        .size = state->size,
        .protect = state->protect,
        .attributes = state->attributes,
    };
    return contents->descriptor < 0 ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_SUCCESS;
}
