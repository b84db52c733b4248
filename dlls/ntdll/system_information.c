/* What NtQuerySystemInformation knows. */
#include <stdlib.h>
#include <unistd.h>
#include "dlls/ntdll/system_information.h"
#include "kernel/host_machine.h"
#include "kernel/process.h"
#include "kernel/processor.h"
#include "kernel/time.h"
#include "kernel/vm.h"

/* Windows' clock interrupts come no further apart than this, in 100 ns. */
#define CLOCK_INCREMENT 156250

struct kernel_debugger {
    BOOLEAN enabled, not_present;
};

struct time_adjustment {
    ULONG adjustment, increment;
    BOOLEAN disabled;
};

/* SYSTEM_PERFORMANCE_INFORMATION with what Windows 8.1 has added to it. */
struct performance {
    SYSTEM_PERFORMANCE_INFORMATION old;
    ULONGLONG dirty_pages, dirty_page_threshold;
    LONGLONG resident_available_pages;
    ULONGLONG shared_committed_pages;
};

/* SYSTEM_FILECACHE_INFORMATION. */
struct file_cache {
    SIZE_T size, peak_size;
    ULONG faults;
    SIZE_T minimum, maximum, with_transition_pages, peak_with_transition_pages;
    ULONG repurposed_transition_pages, flags;
};

union answer {
    SYSTEM_BASIC_INFORMATION basic;
    SYSTEM_PROCESSOR_INFORMATION processor;
    SYSTEM_TIMEOFDAY_INFORMATION time_of_day;
    SYSTEM_EXCEPTION_INFORMATION exceptions;
    SYSTEM_REGISTRY_QUOTA_INFORMATION quota;
    SYSTEM_CODEINTEGRITY_INFORMATION code_integrity;
    TIME_ZONE_INFORMATION zone;
    struct performance performance;
    struct kernel_debugger debugger;
    struct time_adjustment adjustment;
    struct file_cache cache;
};

/* Answers of a fixed size; the union is all zero before */

static void tell_basic(union answer *answer)
{
    ULONG pages = sysconf(_SC_PHYS_PAGES);
    answer->basic = (SYSTEM_BASIC_INFORMATION){
        .MaximumIncrement = CLOCK_INCREMENT,
        .PhysicalPageSize = VM_PAGE,
        .NumberOfPhysicalPages = pages,
        .LowestPhysicalPage = 1,
        .HighestPhysicalPage = pages,
        .AllocationGranularity = VM_GRANULARITY,
        .LowestUserAddress = vm_lowest_address(),
        .HighestUserAddress = vm_highest_address(),
        .ActiveProcessors = process_system_affinity(),
        .NumberOfProcessors = process_environment.NumberOfProcessors,
    };
}

/* Of the features that the native interface tells of in a word of its own, those that every processor has on
 * which Windows 10 runs. */
#define FEATURES                                                                                     \
    (0x01 /* V86 */ | 0x02 /* RDTSC */ | 0x04 /* CR4 */ | 0x08 /* CMOV */ | 0x10 /* large pages */ | \
     0x80 /* CMPXCHG8B */ | 0x100 /* MMX */ | 0x2000 /* SSE */ | 0x10000 /* SSE2 */ | 0x20000000 /* NX */)

static void tell_processor_of(USHORT architecture, union answer *answer)
{
    answer->processor = (SYSTEM_PROCESSOR_INFORMATION){
        .ProcessorArchitecture = architecture,
        .ProcessorLevel = 6,
        .Unknown = process_environment.NumberOfProcessors, /* the most that there may be */
        .FeatureBits = FEATURES,
    };
}

static void tell_processor(union answer *answer)
{
    tell_processor_of(TEB_OFFSET(PROCESSOR_ARCHITECTURE_AMD64, PROCESSOR_ARCHITECTURE_INTEL), answer);
}

static void tell_emulated_processor(union answer *answer)
{
    tell_processor_of(PROCESSOR_ARCHITECTURE_INTEL, answer);
}

/* What is committed is what GlobalMemoryStatusEx finds missing. */
static void tell_performance(union answer *answer)
{
    struct host_memory memory;
    struct host_processor_times times;
    host_memory_read(&memory);
    host_processor_times(-1, &times);
    uint64_t used = memory.total - memory.available + memory.swap_total - memory.swap_free;
    answer->performance.old = (SYSTEM_PERFORMANCE_INFORMATION){
        .IdleTime.QuadPart = times.idle,
        .AvailablePages = memory.available / VM_PAGE,
        .TotalCommittedPages = used / VM_PAGE,
        .TotalCommitLimit = (memory.total + memory.swap_total) / VM_PAGE,
        .PeakCommitment = used / VM_PAGE,
        .NonPagedPoolUsage = memory.kernel / VM_PAGE,
        .MmSystemCachePage = memory.cached / VM_PAGE,
    };
    answer->performance.resident_available_pages = memory.available / VM_PAGE;
}

static void zone_at(int64_t utc, TIME_ZONE_INFORMATION *zone)
{
    struct timespec time = time_to_timespec(utc);
    struct tm fields;
    gmtime_r(&time.tv_sec, &fields);
    time_zone_of_year(fields.tm_year + 1900, zone);
}

static ULONG zone_id(int64_t utc)
{
    TIME_ZONE_INFORMATION zone;
    zone_at(utc, &zone);
    if (!zone.DaylightDate.wMonth)
        return TIME_ZONE_ID_UNKNOWN;
    bool daylight = time_local_offset(utc) == -(zone.Bias + zone.DaylightBias) * 60 * TIME_TICKS_PER_SECOND;
    return daylight ? TIME_ZONE_ID_DAYLIGHT : TIME_ZONE_ID_STANDARD;
}

static void tell_time_of_day(union answer *answer)
{
    int64_t now = time_system();
    answer->time_of_day = (SYSTEM_TIMEOFDAY_INFORMATION){
        .BootTime.QuadPart = now - time_performance_counter(),
        .CurrentTime.QuadPart = now,
        .TimeZoneBias.QuadPart = -time_local_offset(now),
    };
    answer->time_of_day.CurrentTimeZoneId = zone_id(now);
}

static void tell_time_adjustment(union answer *answer)
{
    answer->adjustment = (struct time_adjustment){CLOCK_INCREMENT, CLOCK_INCREMENT, .disabled = TRUE};
}

static void tell_zone(union answer *answer)
{
    zone_at(time_system(), &answer->zone);
}

static void tell_debugger(union answer *answer)
{
    answer->debugger.not_present = TRUE;
}

static void tell_quota(union answer *answer)
{
    answer->quota.RegistryQuotaAllowed = MAXDWORD;
}

static void tell_file_cache(union answer *answer)
{
    struct host_memory memory;
    host_memory_read(&memory);
    answer->cache = (struct file_cache){
        .size = memory.cached,
        .peak_size = memory.cached,
        .minimum = VM_PAGE,
        .maximum = memory.total / VM_PAGE,
        .with_transition_pages = memory.cached,
        .peak_with_transition_pages = memory.cached,
    };
}

static void tell_nothing(union answer *answer) {}

enum fit {
    EXACT,    /* any other size is wrong */
    AT_LEAST, /* a larger buffer is good */
    PART,     /* a smaller one, too, and gets the beginning */
};

struct known_class {
    uint8_t number, fit;
    uint16_t size;
    uint16_t least; /* for PART */
    void (*tell)(union answer *answer);
};

static const struct known_class *find_class(unsigned number)
{
    static const struct known_class classes[] = {
        {SystemBasicInformation, EXACT, sizeof(SYSTEM_BASIC_INFORMATION), .tell = tell_basic},
        {SYSTEM_CLASS_EMULATION_BASIC, EXACT, sizeof(SYSTEM_BASIC_INFORMATION), .tell = tell_basic},
#ifdef __x86_64__
        {SYSTEM_CLASS_NATIVE_BASIC, EXACT, sizeof(SYSTEM_BASIC_INFORMATION), .tell = tell_basic},
#endif
        {SystemProcessorInformation, AT_LEAST, sizeof(SYSTEM_PROCESSOR_INFORMATION), .tell = tell_processor},
        {SYSTEM_CLASS_EMULATION_PROCESSOR, AT_LEAST, sizeof(SYSTEM_PROCESSOR_INFORMATION),
         .tell = tell_emulated_processor},
        {SystemPerformanceInformation, PART, sizeof(struct performance),
         .least = sizeof(SYSTEM_PERFORMANCE_INFORMATION), .tell = tell_performance},
        {SystemTimeOfDayInformation, PART, sizeof(SYSTEM_TIMEOFDAY_INFORMATION), .tell = tell_time_of_day},
        {SYSTEM_CLASS_FILE_CACHE, AT_LEAST, sizeof(struct file_cache), .tell = tell_file_cache},
        {SYSTEM_CLASS_TIME_ADJUSTMENT, EXACT, sizeof(struct time_adjustment), .tell = tell_time_adjustment},
        {SystemExceptionInformation, AT_LEAST, sizeof(SYSTEM_EXCEPTION_INFORMATION), .tell = tell_nothing},
        {SYSTEM_CLASS_KERNEL_DEBUGGER, AT_LEAST, sizeof(struct kernel_debugger), .tell = tell_debugger},
        {SystemRegistryQuotaInformation, AT_LEAST, sizeof(SYSTEM_REGISTRY_QUOTA_INFORMATION),
         .tell = tell_quota},
        {SYSTEM_CLASS_TIME_ZONE, AT_LEAST, sizeof(TIME_ZONE_INFORMATION), .tell = tell_zone},
    };
    for (unsigned i = 0; i < ARRAYSIZE(classes); i++)
        if (classes[i].number == number)
            return &classes[i];
    return NULL;
}

static bool fits(const struct known_class *class, ULONG size)
{
    switch (class->fit) {
    case EXACT:
        return size == class->size;
    case AT_LEAST:
        return size >= class->size;
    default:
        return size >= class->least && (class->least || size <= class->size);
    }
}

static NTSTATUS query_fixed(const struct known_class *class, void *buffer, ULONG size, ULONG *returned)
{
    union answer answer = {0};
    bool good = fits(class, size);
    ULONG given = good ? min(size, (ULONG) class->size) : class->size;
    if (returned)
        *returned = given;
    if (!good)
        return STATUS_INFO_LENGTH_MISMATCH;
    if (!buffer)
        return STATUS_ACCESS_VIOLATION;
    class->tell(&answer);
    memcpy(buffer, &answer, given);
    return STATUS_SUCCESS;
}

/* Answers that grow */

void *system_answer_add(struct system_answer *answer, ULONG size)
{
    ULONG at = answer->length;
    answer->length += size;
    if (!answer->buffer || answer->length > answer->size)
        return NULL;
    return memset(answer->buffer + at, 0, size);
}

/* A buffer that holds but some of the processors gets those. */
static NTSTATUS tell_processor_times(struct system_answer *answer)
{
    unsigned count = min(process_environment.NumberOfProcessors,
                         (ULONG)(answer->size / sizeof(SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION)));
    for (unsigned i = 0; i < max(count, 1u); i++) {
        struct host_processor_times times;
        SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION *information =
            system_answer_add(answer, sizeof *information);
        if (!information)
            continue;
        host_processor_times(i, &times);
        information->IdleTime.QuadPart = times.idle;
        information->KernelTime.QuadPart = times.idle + times.kernel;
        information->UserTime.QuadPart = times.user;
        information->Reserved1[0].QuadPart = times.deferred;
        information->Reserved1[1].QuadPart = times.interrupt;
    }
    return STATUS_SUCCESS;
}

/* Linux counts interrupts in other ways. */
static NTSTATUS tell_interrupts(struct system_answer *answer)
{
    system_answer_add(answer, process_environment.NumberOfProcessors * sizeof(SYSTEM_INTERRUPT_INFORMATION));
    return STATUS_SUCCESS;
}

static NTSTATUS tell_growing(unsigned class, struct system_answer *answer)
{
    switch (class) {
    case SystemProcessInformation:
    case SYSTEM_CLASS_EXTENDED_PROCESSES:
        return system_tell_processes(answer, class == SYSTEM_CLASS_EXTENDED_PROCESSES);
    case SystemProcessorPerformanceInformation:
        return tell_processor_times(answer);
    case SystemHandleInformation:
        return system_tell_handles(answer);
    case SYSTEM_CLASS_EXTENDED_HANDLES:
        return system_tell_extended_handles(answer);
    case SystemInterruptInformation:
        return tell_interrupts(answer);
    case SYSTEM_CLASS_LOGICAL_PROCESSORS:
        return system_tell_processors(answer);
    default:
        return class < SYSTEM_CLASS_COUNT && class != SYSTEM_CLASS_NATIVE_BASIC ? STATUS_NOT_IMPLEMENTED
                                                                                : STATUS_INVALID_INFO_CLASS;
    }
}

static NTSTATUS finish(const struct system_answer *answer, NTSTATUS status, ULONG *returned)
{
    if (!NT_SUCCESS(status))
        return status;
    if (returned)
        *returned = answer->length;
    if (answer->length > answer->size)
        return STATUS_INFO_LENGTH_MISMATCH;
    return answer->buffer || !answer->length ? STATUS_SUCCESS : STATUS_ACCESS_VIOLATION;
}

/* Classes that read what is in the buffer */

static NTSTATUS query_code_integrity(SYSTEM_CODEINTEGRITY_INFORMATION *information, ULONG size,
                                     ULONG *returned)
{
    if (returned)
        *returned = sizeof *information;
    if (size != sizeof *information || information->Length != sizeof *information)
        return STATUS_INFO_LENGTH_MISMATCH;
    information->CodeIntegrityOptions = CODEINTEGRITY_OPTION_ENABLED;
    return STATUS_SUCCESS;
}

/* SYSTEM_FIRMWARE_TABLE_INFORMATION. No provider's tables are known here. */
static NTSTATUS query_firmware(ULONG size, ULONG *returned)
{
    enum { HEADER_SIZE = 4 * sizeof(ULONG) };
    bool mismatch = size < HEADER_SIZE;
    if (returned)
        *returned = mismatch ? HEADER_SIZE : 0;
    return mismatch ? STATUS_INFO_LENGTH_MISMATCH : STATUS_NOT_IMPLEMENTED;
}

NTSTATUS WINAPI NtQuerySystemInformation(SYSTEM_INFORMATION_CLASS class, void *buffer, ULONG size,
                                         ULONG *returned)
{
    const struct known_class *fixed = find_class(class);
    if (fixed)
        return query_fixed(fixed, buffer, size, returned);
    if ((unsigned)class == SYSTEM_CLASS_CODE_INTEGRITY)
        return query_code_integrity(buffer, size, returned);
    if ((unsigned)class == SYSTEM_CLASS_FIRMWARE_TABLE)
        return query_firmware(size, returned);
    struct system_answer answer = {.buffer = buffer, .size = size};
    return finish(&answer, tell_growing(class, &answer), returned);
}

NTSTATUS WINAPI NtQuerySystemInformationEx(SYSTEM_INFORMATION_CLASS class, void *query, ULONG query_size,
                                           void *buffer, ULONG size, ULONG *returned)
{
    struct system_answer answer = {.buffer = buffer, .size = size};
    LOGICAL_PROCESSOR_RELATIONSHIP relationship;
    if (!query || (unsigned)class >= SYSTEM_CLASS_COUNT)
        return query ? STATUS_INVALID_INFO_CLASS : STATUS_INVALID_PARAMETER;
    if ((unsigned)class != SYSTEM_CLASS_LOGICAL_PROCESSORS_EX)
        return STATUS_NOT_IMPLEMENTED;
    if (query_size < sizeof relationship)
        return STATUS_INVALID_PARAMETER;
    memcpy(&relationship, query, sizeof relationship);
    return finish(&answer, system_tell_processors_ex(&answer, relationship), returned);
}
