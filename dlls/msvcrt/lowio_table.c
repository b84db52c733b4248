/* The table of open files. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/lowio.h"
#include "dlls/msvcrt/os_error.h"
#include "dlls/msvcrt/startup.h"
#include "dlls/msvcrt/thread_data.h"

#define STANDARD_FILES 3
#define NO_CONSOLE     ((HANDLE)(intptr_t)LOWIO_NO_CONSOLE)

struct lowio_file lowio_files[LOWIO_FILES];
struct lowio_state lowio_states[LOWIO_FILES];

/* __pioinfo and __badioinfo, in the DLL's image. */
struct lowio_file **crt_pioinfo;
struct lowio_file *crt_badioinfo;

static struct crt_mutex table_lock;
static int first_free; /* nothing below it is free */

static const DWORD standard_handles[STANDARD_FILES] = {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};

/* A block has nothing open in it when programs first see it. */
static void show_block(int block)
{
    if (crt_pioinfo[block])
        return;
    for (int i = 0; i < LOWIO_BLOCK; i++) {
        struct lowio_file *file = &lowio_files[block * LOWIO_BLOCK + i];
        file->handle = INVALID_HANDLE_VALUE;
        file->lookahead = '\n';
    }
    crt_pioinfo[block] = &lowio_files[block * LOWIO_BLOCK];
}

static int32_t extra_flags_of(enum lowio_encoding encoding)
{
    switch (encoding) {
    case LOWIO_UTF8:
        return LOWIO_EXTRA_LOCK | LOWIO_EXTRA_WIDE | LOWIO_EXTRA_UTF8;
    case LOWIO_UTF16:
        return LOWIO_EXTRA_LOCK | LOWIO_EXTRA_WIDE | LOWIO_EXTRA_UTF16;
    default:
        return LOWIO_EXTRA_LOCK;
    }
}

static void fill(int fd, HANDLE handle, uint8_t flags, enum lowio_encoding encoding)
{
    struct lowio_file *file = &lowio_files[fd];

    lowio_states[fd].type_is_known = (flags & (LOWIO_PIPE | LOWIO_DEVICE)) != 0;
    lowio_states[fd].encoding = encoding;
    lowio_states[fd].held_count = 0;
    show_block(fd / LOWIO_BLOCK);
    file->handle = handle;
    file->lookahead = '\n';
    file->extra_flags = extra_flags_of(encoding);
    file->lock.LockCount = -1; /* unlocked */
    file->flags = flags | LOWIO_OPEN;
}

static bool is_usable(HANDLE handle, uint8_t flags)
{
    if (!(flags & LOWIO_OPEN) || handle == INVALID_HANDLE_VALUE || handle == NO_CONSOLE)
        return false;
    return (flags & LOWIO_PIPE) || GetFileType(handle) != FILE_TYPE_UNKNOWN;
}

/* A parent's C runtime passes on a count, a byte of flags for each file, and then the handles. What does not
 * fit into the block is not there. */
static void inherit(void)
{
    STARTUPINFOW startup;
    int32_t count;

    GetStartupInfoW(&startup);
    if (startup.cbReserved2 < sizeof count || !startup.lpReserved2)
        return;
    memcpy(&count, startup.lpReserved2, sizeof count);
    int room = (int)((startup.cbReserved2 - sizeof count) / (1 + sizeof(HANDLE)));
    if (count < 0 || count > LOWIO_FILES)
        return;
    const uint8_t *flags = startup.lpReserved2 + sizeof count;
    const uint8_t *handles = flags + count;
    for (int fd = 0; fd < count && fd < room; fd++) {
        HANDLE handle;
        memcpy(&handle, handles + fd * sizeof handle, sizeof handle);
        if (is_usable(handle, flags[fd]))
            fill(fd, handle, flags[fd] & ~LOWIO_END, LOWIO_ANSI);
    }
}

void lowio_attach(void)
{
    crt_badioinfo->handle = INVALID_HANDLE_VALUE;
    crt_badioinfo->lookahead = '\n';
    show_block(0);
    inherit();
    for (int fd = 0; fd < STANDARD_FILES; fd++) {
        if (lowio_files[fd].flags & LOWIO_OPEN)
            continue;
        HANDLE handle = GetStdHandle(standard_handles[fd]);
        bool exists = handle && handle != INVALID_HANDLE_VALUE;
        fill(fd, exists ? handle : NO_CONSOLE, exists ? LOWIO_TEXT : LOWIO_TEXT | LOWIO_DEVICE, LOWIO_ANSI);
    }
}

struct lowio_file *lowio_acquire(int fd)
{
    if (lowio_is_open(fd)) {
        crt_mutex_lock(&lowio_states[fd].lock);
        if (lowio_files[fd].flags & LOWIO_OPEN)
            return &lowio_files[fd];
        crt_mutex_unlock(&lowio_states[fd].lock);
    }
    crt_fail(CRT_EBADF);
    return NULL;
}

uint8_t lowio_flags(struct lowio_file *file)
{
    struct lowio_state *state = lowio_state_of(file);
    if (!state->type_is_known) {
        DWORD type = GetFileType(file->handle) & ~(DWORD)FILE_TYPE_REMOTE;
        lowio_set_flags(file, type == FILE_TYPE_CHAR   ? LOWIO_DEVICE
                              : type == FILE_TYPE_PIPE ? LOWIO_PIPE
                                                       : 0);
        state->type_is_known = true;
    }
    return file->flags;
}

/* The standard files and the standard handles are the same things, here and there. */
static void set_standard_handle(int fd, HANDLE handle)
{
    if (fd < STANDARD_FILES)
        SetStdHandle(standard_handles[fd], handle);
}

int lowio_add(HANDLE handle, uint8_t flags, enum lowio_encoding encoding)
{
    crt_mutex_lock(&table_lock);
    int fd = first_free;
    while (fd < LOWIO_FILES && (lowio_files[fd].flags & LOWIO_OPEN))
        fd++;
    first_free = fd;
    if (fd < LOWIO_FILES) {
        fill(fd, handle, flags, encoding);
        set_standard_handle(fd, handle);
        first_free = fd + 1;
    }
    crt_mutex_unlock(&table_lock);
    return fd < LOWIO_FILES ? fd : crt_fail(CRT_EMFILE);
}

void lowio_set(int fd, HANDLE handle, uint8_t flags, enum lowio_encoding encoding)
{
    crt_mutex_lock(&table_lock);
    fill(fd, handle, flags, encoding);
    set_standard_handle(fd, handle);
    crt_mutex_unlock(&table_lock);
}

void lowio_remove(int fd)
{
    crt_mutex_lock(&table_lock);
    lowio_files[fd].flags = 0;
    lowio_files[fd].handle = INVALID_HANDLE_VALUE;
    set_standard_handle(fd, NULL);
    if (fd < first_free)
        first_free = fd;
    crt_mutex_unlock(&table_lock);
}

void *lowio_inheritance(uint16_t *size)
{
    int32_t count = LOWIO_FILES;
    uint8_t *block;

    while (count && !(lowio_files[count - 1].flags & LOWIO_OPEN))
        count--;
    size_t bytes = sizeof count + (size_t)count * (1 + sizeof(HANDLE));
    if (bytes > UINT16_MAX || !(block = crt_malloc(bytes)))
        return NULL;
    memcpy(block, &count, sizeof count);
    uint8_t *flags = block + sizeof count;
    uint8_t *handles = flags + count;
    for (int fd = 0; fd < count; fd++) {
        struct lowio_file *file = &lowio_files[fd];
        bool passed_on = (file->flags & (LOWIO_OPEN | LOWIO_NO_INHERIT)) == LOWIO_OPEN;
        HANDLE handle = passed_on ? file->handle : INVALID_HANDLE_VALUE;
        flags[fd] = passed_on ? lowio_flags(file) : 0;
        memcpy(handles + fd * sizeof handle, &handle, sizeof handle);
    }
    *size = (uint16_t)bytes;
    return block;
}
