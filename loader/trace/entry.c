#include "loader/trace/entry.h"
#include <sys/mman.h>
#include <unistd.h>
#include "kernel/lock.h"
#include "kernel/teb.h"

#define ENTRY_SIZE 16
#define BLOCK_SIZE 0x10000

#ifdef __x86_64__
static_assert(offsetof(struct trace_frame, stack) == 112 && offsetof(struct trace_frame, result) == 128, "S");
static_assert(offsetof(struct trace_export, stack_size) == 8, "S");
#else
static_assert(offsetof(struct trace_frame, stack) == 8 && offsetof(struct trace_frame, result) == 16, "S");
static_assert(offsetof(struct trace_export, popped) == 8 && offsetof(struct trace_export, flags) == 12, "S");
#endif

void trace_entry_linux(void);
void trace_entry_windows(void);
void trace_entry_call(void);
void trace_entry_jump(void);

/* The same memory twice, so that no page is both writable and executable while others run in it. */
static struct lock lock;
static uint8_t *writable, *executable;
static size_t used = BLOCK_SIZE;

static bool add_block(void)
{
    int memory = memfd_create("litewin-trace", MFD_CLOEXEC);
    if (memory < 0)
        return false;
    void *views[2] = {MAP_FAILED, MAP_FAILED};
    if (!ftruncate(memory, BLOCK_SIZE)) {
        views[0] = mmap(NULL, BLOCK_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
        views[1] = mmap(NULL, BLOCK_SIZE, PROT_READ | PROT_EXEC, MAP_SHARED, memory, 0);
    }
    close(memory);
    if (views[0] == MAP_FAILED || views[1] == MAP_FAILED)
        return false;
    writable = views[0];
    executable = views[1];
    used = 0;
    return true;
}

/* Where the next piece of code goes. */
static uint8_t *code(void)
{
    return writable + used;
}

static void put(const void *bytes, size_t size)
{
    memcpy(code(), bytes, size);
    used += size;
}

#ifdef __x86_64__

enum { FORWARDER_SIZE = 48 };

/* The block's first words are where its entries jump to. */
static const litewin_function targets[] = {trace_entry_linux, trace_entry_windows, trace_entry_jump};

static void begin_block(void)
{
    put(targets, sizeof targets);
}

static unsigned target_of(unsigned flags)
{
    return flags & LITEWIN_EXPORT_NORELAY ? 2 : flags & LITEWIN_EXPORT_DIRECT ? 1 : 0;
}

/* movabs $export, %r11; jmp *target(%rip) */
static void put_entry(const struct trace_export *export, unsigned flags)
{
    uint32_t target = (uint32_t)(target_of(flags) * sizeof targets[0] - (used + ENTRY_SIZE));
    put("\x49\xbb", 2);
    put(&export, sizeof export);
    put("\xff\x25", 2);
    put(&target, sizeof target);
}

/* movabs $export, %r11; movq %r11, %gs:ForwarderCalled; jmp *(%rip); address */
static void put_forwarder(const struct trace_export *export, const void *address)
{
    uint32_t field = offsetof(struct teb, ForwarderCalled);
    put("\x49\xbb", 2);
    put(&export, sizeof export);
    put("\x65\x4c\x89\x1c\x25", 5);
    put(&field, sizeof field);
    put("\xff\x25\0\0\0\0", 6);
    put(&address, sizeof address);
}

#else

enum { FORWARDER_SIZE = 16 };

static void begin_block(void) {}

static void put_jump(const void *target)
{
    uint32_t distance = (uint32_t)target - (uint32_t)(executable + used + 5);
    put("\xe9", 1);
    put(&distance, sizeof distance);
}

/* pushl $export; jmp target */
static void put_entry(const struct trace_export *export, unsigned flags)
{
    put("\x68", 1);
    put(&export, sizeof export);
    put_jump(flags & LITEWIN_EXPORT_NORELAY ? trace_entry_jump : trace_entry_call);
}

/* movl $export, %fs:ForwarderCalled; jmp address */
static void put_forwarder(const struct trace_export *export, const void *address)
{
    uint32_t field = offsetof(struct teb, ForwarderCalled);
    put("\x64\xc7\x05", 3);
    put(&field, sizeof field);
    put(&export, sizeof export);
    put_jump(address);
}

#endif

/* Under the lock: NULL, or where that many bytes are going to be executed. */
static void *make_room(size_t size)
{
    if (used + size > BLOCK_SIZE) {
        if (!add_block())
            return NULL;
        begin_block();
    }
    used = (used + ENTRY_SIZE - 1) & -ENTRY_SIZE;
    return executable + used;
}

litewin_function trace_entry_create(const struct trace_export *export, unsigned flags)
{
    lock_acquire(&lock);
    void *entry = make_room(ENTRY_SIZE);
    if (entry)
        put_entry(export, flags);
    lock_release(&lock);
    return (litewin_function)entry;
}

void *trace_entry_create_forwarder(const struct trace_export *forwarder, const void *address)
{
    lock_acquire(&lock);
    void *entry = make_room(FORWARDER_SIZE);
    if (entry)
        put_forwarder(forwarder, address);
    lock_release(&lock);
    return entry;
}
