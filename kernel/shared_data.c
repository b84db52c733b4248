#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "kernel/helper_thread.h"
#include "kernel/fault.h"
#include "kernel/lock.h"
#include "kernel/processor.h"
#include "kernel/shared_data.h"
#include "kernel/thread.h"
#include "kernel/time.h"
#include "kernel/vm.h"

/* How often the clocks on the page move. */
#define UPDATE_NANOSECONDS 1000000

/* Milliseconds are ticks * multiplier / 2^24; a tick is 1/64 second. */
#define TICK_MULTIPLIER  0x0FA00000
#define TICKS_PER_SECOND 64

/* A time that is read without a lock: the reader repeats while its two high halves differ. */
struct system_time {
    uint32_t low;
    int32_t high1, high2;
};

struct shared_data {
    uint32_t tick_count_low_deprecated;
    uint32_t tick_count_multiplier;
    struct system_time interrupt_time;
    struct system_time system_time;
    struct system_time time_zone_bias;
    uint16_t image_number_low, image_number_high;
    WCHAR system_root[260];
    uint32_t max_stack_trace_depth;
    uint32_t crypto_exponent;
    uint32_t time_zone_id;
    uint32_t large_page_minimum;
    uint32_t reserved1[6];
    uint32_t build_number;
    uint32_t product_type;
    uint8_t product_type_is_valid;
    uint8_t reserved2;
    uint16_t native_processor_architecture;
    uint32_t major_version, minor_version;
    uint8_t processor_features[64];
    uint32_t reserved3[2];
    uint32_t time_slip;
    uint32_t alternative_architecture;
    uint32_t boot_id;
    GUEST_UINT64 system_expiration_date;
    uint32_t suite_mask;
    uint8_t kernel_debugger_enabled;
    uint8_t mitigation_policies;
    uint16_t cycles_per_yield;
    uint32_t active_console_id;
    uint32_t dismount_count;
    uint32_t com_plus_package;
    uint32_t last_system_rit_event_tick_count;
    uint32_t number_of_physical_pages;
    uint8_t safe_boot_mode;
    uint8_t reserved4[3];
    uint32_t shared_data_flags;
    uint32_t reserved5;
    GUEST_UINT64 test_ret_instruction;
    GUEST_INT64 qpc_frequency;
    uint32_t system_call;
    uint32_t reserved6;
    GUEST_UINT64 system_call_pad[2];
    struct system_time tick_count;
    uint32_t reserved7;
    uint32_t cookie;
};

#define OFFSET_IS(field, offset) _Static_assert(offsetof(struct shared_data, field) == (offset), #field)
OFFSET_IS(system_time, 0x14);
OFFSET_IS(system_root, 0x30);
OFFSET_IS(build_number, 0x260);
OFFSET_IS(major_version, 0x26c);
OFFSET_IS(processor_features, 0x274);
OFFSET_IS(kernel_debugger_enabled, 0x2d4);
OFFSET_IS(number_of_physical_pages, 0x2e8);
OFFSET_IS(system_call, 0x308);
OFFSET_IS(tick_count, 0x320);

static struct lock shared_data_lock;
static struct shared_data *writable; /* the page's other, writable address */

static void store_time(struct system_time *time, int64_t value)
{
    __atomic_store_n(&time->high2, (int32_t)(value >> 32), __ATOMIC_RELEASE);
    __atomic_store_n(&time->low, (uint32_t)value, __ATOMIC_RELEASE);
    __atomic_store_n(&time->high1, (int32_t)(value >> 32), __ATOMIC_RELEASE);
}

static void update(void)
{
    int64_t uptime = time_performance_counter();
    int64_t ticks = uptime / (TIME_TICKS_PER_SECOND / TICKS_PER_SECOND);
    store_time(&writable->interrupt_time, uptime);
    store_time(&writable->system_time, time_system());
    store_time(&writable->tick_count, ticks);
    writable->tick_count_low_deprecated = (uint32_t)ticks;
}

static void keep_updating(void)
{
    const struct timespec pause = {.tv_nsec = UPDATE_NANOSECONDS};
    for (;;) {
        nanosleep(&pause, NULL);
        update();
    }
}

static void fill(void)
{
    static const WCHAR root[] = L"C:\\Windows";
    writable->tick_count_multiplier = TICK_MULTIPLIER;
    store_time(&writable->time_zone_bias, -time_local_offset(time_system()));
    writable->image_number_low = writable->image_number_high =
        TEB_OFFSET(IMAGE_FILE_MACHINE_AMD64, IMAGE_FILE_MACHINE_I386);
    memcpy(writable->system_root, root, sizeof root);
    writable->large_page_minimum = 0x200000;
    writable->build_number = process_environment.OSBuildNumber;
    writable->product_type = VER_NT_WORKSTATION;
    writable->product_type_is_valid = true;
    writable->native_processor_architecture = PROCESSOR_ARCHITECTURE_AMD64;
    writable->major_version = process_environment.OSMajorVersion;
    writable->minor_version = process_environment.OSMinorVersion;
    for (DWORD i = 0; i < PROCESSOR_FEATURE_COUNT; i++)
        writable->processor_features[i] = processor_has_feature(i);
    writable->suite_mask = VER_SUITE_SINGLEUSERTS;
    writable->active_console_id = 1;
    writable->number_of_physical_pages = get_phys_pages();
    writable->qpc_frequency = TIME_TICKS_PER_SECOND;
}

/* The program sees the page read-only, so litewin writes to it by another address. */
static bool map_twice(void)
{
    int file = memfd_create("shared-data", MFD_CLOEXEC);
    if (file < 0)
        return false;
    void *other = MAP_FAILED;
    if (ftruncate(file, VM_PAGE) == 0)
        other = mmap(NULL, VM_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (other != MAP_FAILED) {
        writable = other;
        fill();
        update();
    }
    bool mapped = other != MAP_FAILED && mmap((void *)(uintptr_t)VM_SHARED_DATA, VM_PAGE, PROT_READ,
                                              MAP_SHARED | MAP_FIXED, file, 0) != MAP_FAILED;
    close(file);
    return mapped;
}

/* Once the page is there, a thread may fault on it again because it did so together with the first; or
 * because it writes, which is its own fault. So each thread has one more try. */
static bool fault(void *address)
{
    struct thread *thread = thread_current();
    if ((uintptr_t)address - VM_SHARED_DATA >= VM_PAGE || thread->has_shared_data)
        return false;
    thread->has_shared_data = true;
    lock_acquire(&shared_data_lock);
    bool present = writable || (map_twice() && helper_thread_start(keep_updating));
    lock_release(&shared_data_lock);
    return present;
}

void shared_data_initialize(void)
{
    fault_add_hook(fault);
}
