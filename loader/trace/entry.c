#include "loader/trace/entry.h"
#include <sys/mman.h>
#include <unistd.h>
#include "kernel/lock.h"

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

#ifdef __x86_64__

/* The block's first words are where its entries jump to. */
static const litewin_function targets[] = {trace_entry_linux, trace_entry_windows, trace_entry_jump};

static void begin_block(void)
{
    memcpy(writable, targets, sizeof targets);
    used = (sizeof targets + ENTRY_SIZE - 1) & -ENTRY_SIZE;
}

static unsigned target_of(unsigned flags)
{
    return flags & LITEWIN_EXPORT_NORELAY ? 2 : flags & LITEWIN_EXPORT_DIRECT ? 1 : 0;
}

/* movabs $export, %r11; jmp *target(%rip) */
static void write_entry(uint8_t *code, const struct trace_export *export, unsigned flags)
{
    uint32_t target = (uint32_t)(target_of(flags) * sizeof targets[0] - (used + ENTRY_SIZE));
    memcpy(code, "\x49\xbb", 2);
    memcpy(code + 2, &export, sizeof export);
    memcpy(code + 10, "\xff\x25", 2);
    memcpy(code + 12, &target, sizeof target);
}

#else

static void begin_block(void) {}

/* pushl $export; jmp target */
static void write_entry(uint8_t *code, const struct trace_export *export, unsigned flags)
{
    litewin_function target = flags & LITEWIN_EXPORT_NORELAY ? trace_entry_jump : trace_entry_call;
    uint32_t distance = (uint32_t)target - (uint32_t)(executable + used + 10);
    code[0] = 0x68;
    memcpy(code + 1, &export, sizeof export);
    code[5] = 0xe9;
    memcpy(code + 6, &distance, sizeof distance);
}

#endif

litewin_function trace_entry_create(const struct trace_export *export, unsigned flags)
{
    litewin_function entry = NULL;
    lock_acquire(&lock);
    if (used < BLOCK_SIZE || add_block()) {
        if (!used)
            begin_block();
        write_entry(writable + used, export, flags);
        entry = (litewin_function)(void *)(executable + used);
        used += ENTRY_SIZE;
    }
    lock_release(&lock);
    return entry;
}
