/* What a minidump tells of the process, its threads and modules, and the exception. */
#include <cpuid.h>
#include <sys/resource.h>
#include <unistd.h>
#include "kernel/peek.h"
#include "loader/crash/crash.h"
#include "loader/crash/crash_internal.h"
#include "loader/crash/minidump_internal.h"
#include "loader/module.h"
#include "loader/resource.h"

static_assert(sizeof(MINIDUMP_MODULE) == 108 && sizeof(MINIDUMP_THREAD) == 48 &&
                  sizeof(MINIDUMP_EXCEPTION_STREAM) == 168 && sizeof(MINIDUMP_SYSTEM_INFO) == 56,
              "the format's layout, on both architectures");

/* -- the system and the process
 * ------------------------------------------------------------------------------ */

static void describe_processor(MINIDUMP_SYSTEM_INFO *info)
{
    unsigned a = 0, b = 0, c = 0, d = 0;
#ifdef __x86_64__
    info->ProcessorArchitecture = PROCESSOR_ARCHITECTURE_AMD64;
    info->Cpu.OtherCpuInfo.ProcessorFeatures[0] = 0;
#else
    info->ProcessorArchitecture = PROCESSOR_ARCHITECTURE_INTEL;
    __get_cpuid(0, &a, &b, &c, &d);
    info->Cpu.X86CpuInfo.VendorId[0] = b;
    info->Cpu.X86CpuInfo.VendorId[1] = d;
    info->Cpu.X86CpuInfo.VendorId[2] = c;
#endif
    __get_cpuid(1, &a, &b, &c, &d);
    info->ProcessorLevel = a >> 8 & 15;
    info->ProcessorRevision = (a >> 4 & 15) << 8 | (a & 15);
#ifdef __i386__
    info->Cpu.X86CpuInfo.VersionInformation = a;
    info->Cpu.X86CpuInfo.FeatureInformation = d;
#endif
}

void minidump_system_info(void *argument)
{
    struct minidump *dump = argument;
    const struct peb *peb = &process_environment;
    MINIDUMP_SYSTEM_INFO info = {
        .NumberOfProcessors = peb->NumberOfProcessors,
        .ProductType = VER_NT_WORKSTATION,
        .MajorVersion = peb->OSMajorVersion,
        .MinorVersion = peb->OSMinorVersion,
        .BuildNumber = peb->OSBuildNumber,
        .PlatformId = peb->OSPlatformId,
        .CSDVersionRva = minidump_append_string(dump, L"", 0),
    };
    describe_processor(&info);
    minidump_add_stream(dump, SystemInfoStream, minidump_append(dump, &info, sizeof info));
}

void minidump_misc_info(void *argument)
{
    struct minidump *dump = argument;
    const struct thread *thread = thread_current();
    struct rusage usage = {0};
    getrusage(RUSAGE_SELF, &usage);
    MINIDUMP_MISC_INFO info = {
        .SizeOfInfo = sizeof info,
        .Flags1 = MINIDUMP_MISC1_PROCESS_ID | MINIDUMP_MISC1_PROCESS_TIMES,
        .ProcessId = getpid(),
        .ProcessCreateTime = thread->created / 10000000 - 11644473600u,
        .ProcessUserTime = usage.ru_utime.tv_sec,
        .ProcessKernelTime = usage.ru_stime.tv_sec,
    };
    minidump_add_stream(dump, MiscInfoStream, minidump_append(dump, &info, sizeof info));
}

/* -- threads
 * ---------------------------------------------------------------------------------------------------- */

static void append_context(struct minidump *dump, const CONTEXT *context,
                           MINIDUMP_LOCATION_DESCRIPTOR *location)
{
    CONTEXT copy = *context;
    copy.ContextFlags &= CONTEXT_ALL; /* No extended state follows it. */
    *location = minidump_append(dump, &copy, sizeof copy);
}

/* The exception's own context is where its thread was, and what debuggers are to show of it. */
static bool find_context(const struct minidump *dump, struct thread *thread, CONTEXT *context)
{
    const struct minidump_source *source = dump->source;
    if (source->record && thread->id == source->exception_thread)
        *context = *source->exception_context;
    else if (thread == thread_current())
        *context = *source->context;
    else
        return NT_SUCCESS(crash_get_context(thread, context));
    return true;
}

/* A fiber's stack is not the one that the thread has begun on, but the thread block knows it while it runs.
 */
static MINIDUMP_MEMORY_DESCRIPTOR append_stack(struct minidump *dump, const struct thread *thread,
                                               const CONTEXT *context)
{
    uintptr_t begin = CONTEXT_SP(context) & ~(uintptr_t)15, end = (uintptr_t)thread->teb.Tib.StackBase;
    if (begin < (uintptr_t)thread->teb.DeallocationStack || begin >= end)
        return (MINIDUMP_MEMORY_DESCRIPTOR){.StartOfMemoryRange = begin};
    return minidump_append_memory(dump, begin, end - begin);
}

void minidump_thread_list(void *argument)
{
    struct minidump *dump = argument;
    ULONG32 count = dump->thread_count;
    MINIDUMP_LOCATION_DESCRIPTOR list =
        minidump_reserve(dump, sizeof count + count * sizeof(MINIDUMP_THREAD));
    minidump_add_stream(dump, ThreadListStream, list);
    minidump_put(dump, list.Rva, &count, sizeof count);
    for (ULONG32 i = 0; i < count; i++) {
        struct thread *thread = dump->threads[i];
        CONTEXT context = {.ContextFlags = CONTEXT_ALL};
        MINIDUMP_THREAD entry = {
            .ThreadId = thread->id,
            .SuspendCount = suspend_count(&thread->suspension) - (i > 0 && i < dump->suspended_count),
            .PriorityClass = NORMAL_PRIORITY_CLASS,
            .Priority = thread->priority,
            .Teb = (uintptr_t)&thread->teb,
        };
        if (find_context(dump, thread, &context)) {
            append_context(dump, &context, &entry.ThreadContext);
            entry.Stack = append_stack(dump, thread, &context);
        }
        minidump_append_memory(dump, (uintptr_t)&thread->teb, sizeof thread->teb);
        minidump_put(dump, list.Rva + sizeof count + i * sizeof entry, &entry, sizeof entry);
    }
}

/* MinGW-w64's headers lack these. */
#pragma pack(push, 4)
struct thread_name {
    ULONG32 thread;
    ULONG64 name;
};
#pragma pack(pop)

void minidump_thread_names(void *argument)
{
    struct minidump *dump = argument;
    ULONG32 count = 0, number = 0;
    for (unsigned i = 0; i < dump->thread_count; i++)
        count += dump->threads[i]->name != NULL;
    MINIDUMP_LOCATION_DESCRIPTOR list =
        minidump_reserve(dump, sizeof count + count * sizeof(struct thread_name));
    minidump_put(dump, list.Rva, &count, sizeof count);
    for (unsigned i = 0; i < dump->thread_count && number < count; i++) {
        const struct thread *thread = dump->threads[i];
        if (!thread->name)
            continue;
        struct thread_name entry = {thread->id,
                                    minidump_append_string(dump, thread->name, peek_length(thread->name, 2))};
        minidump_put(dump, list.Rva + sizeof count + number++ * sizeof entry, &entry, sizeof entry);
    }
    minidump_add_stream(dump, ThreadNamesStream, list);
}

void minidump_exception(void *argument)
{
    struct minidump *dump = argument;
    const EXCEPTION_RECORD *record = dump->source->record;
    if (!record)
        return;
    MINIDUMP_EXCEPTION_STREAM stream = {
        .ThreadId = dump->source->exception_thread,
        .ExceptionRecord =
            {
                .ExceptionCode = record->ExceptionCode,
                .ExceptionFlags = record->ExceptionFlags,
                .ExceptionRecord = (uintptr_t)record->ExceptionRecord,
                .ExceptionAddress = (uintptr_t)record->ExceptionAddress,
                .NumberParameters = min(record->NumberParameters, EXCEPTION_MAXIMUM_PARAMETERS),
            },
    };
    for (DWORD i = 0; i < stream.ExceptionRecord.NumberParameters; i++)
        stream.ExceptionRecord.ExceptionInformation[i] = record->ExceptionInformation[i];
    append_context(dump, dump->source->exception_context, &stream.ThreadContext);
    minidump_add_stream(dump, ExceptionStream, minidump_append(dump, &stream, sizeof stream));
}

/* What the program itself has to say. */
void minidump_user_streams(void *argument)
{
    enum { OWN_STREAMS = 9 };
    struct minidump *dump = argument;
    const struct minidump_source *source = dump->source;
    for (unsigned i = 0; i < source->user_stream_count && i < MINIDUMP_MOST_STREAMS - OWN_STREAMS; i++) {
        const MINIDUMP_USER_STREAM *stream = &source->user_streams[i];
        minidump_add_stream(dump, stream->Type, minidump_append(dump, stream->Buffer, stream->BufferSize));
    }
}

/* -- modules
 * ------------------------------------------------------------------------------------------------------ */

/* Where a debugger finds the module's debug information. */
static MINIDUMP_LOCATION_DESCRIPTOR append_codeview(struct minidump *dump, const struct module *module)
{
    enum { LONGEST_RECORD = 0x1000 };
    const struct pe_directory *directory = &module->image.directories[IMAGE_DIRECTORY_ENTRY_DEBUG];
    const char *base = module->entry.DllBase;
    for (uint32_t at = 0; at + sizeof(IMAGE_DEBUG_DIRECTORY) <= directory->size;
         at += sizeof(IMAGE_DEBUG_DIRECTORY)) {
        IMAGE_DEBUG_DIRECTORY entry;
        if (!directory->rva || !peek(&entry, base + directory->rva + at, sizeof entry))
            break;
        if (entry.Type == IMAGE_DEBUG_TYPE_CODEVIEW && entry.SizeOfData < LONGEST_RECORD &&
            pe_at(&module->image, entry.AddressOfRawData, entry.SizeOfData))
            return minidump_append(dump, base + entry.AddressOfRawData, entry.SizeOfData);
    }
    return (MINIDUMP_LOCATION_DESCRIPTOR){0};
}

/* Behind the header of VS_VERSIONINFO, whose name is of fixed length. */
static void find_version(const struct module *module, VS_FIXEDFILEINFO *version)
{
    enum { OFFSET = 40 };
    struct resource_directory directory;
    struct resource_entry entry;
    const IMAGE_RESOURCE_DATA_ENTRY *leaf = NULL;
    if (!module->image.directories[IMAGE_DIRECTORY_ENTRY_RESOURCE].rva ||
        resource_root(&module->image, &directory) ||
        !resource_find(&directory, (const WCHAR *)(ULONG_PTR)16, &entry))
        return;
    while (entry.is_directory && resource_open(&entry, &module->image, &directory) && directory.count &&
           resource_entry(&directory, 0, &entry))
        ;
    if (!entry.is_directory)
        leaf = resource_leaf(&module->image, &entry);
    const char *data =
        leaf && leaf->Size >= OFFSET + sizeof *version ? resource_data(&module->image, leaf) : NULL;
    if (!data || !peek(version, data + OFFSET, sizeof *version) || version->dwSignature != VS_FFI_SIGNATURE)
        memset(version, 0, sizeof *version);
}

static void describe_module(struct minidump *dump, const struct module *module, MINIDUMP_MODULE *entry)
{
    const UNICODE_STRING *name = &module->entry.FullDllName;
    *entry = (MINIDUMP_MODULE){
        .BaseOfImage = (uintptr_t)module->entry.DllBase,
        .SizeOfImage = module->entry.SizeOfImage,
        .CheckSum = module->image.checksum,
        .TimeDateStamp = module->image.timestamp,
        .ModuleNameRva = minidump_append_string(dump, name->Buffer, name->Length / sizeof(WCHAR)),
        .CvRecord = append_codeview(dump, module),
    };
    find_version(module, &entry->VersionInfo);
}

/* The list is read as it is: whoever was changing it may have been stopped by the crash. */
void minidump_module_list(void *argument)
{
    struct minidump *dump = argument;
    LIST_ENTRY *head = &process_environment.Ldr->InLoadOrderModuleList;
    ULONG32 count = 0, number = 0;
    for (LIST_ENTRY *link = head->Flink; link && link != head; link = link->Flink)
        count++;
    MINIDUMP_LOCATION_DESCRIPTOR list =
        minidump_reserve(dump, sizeof count + count * sizeof(MINIDUMP_MODULE));
    minidump_put(dump, list.Rva, &count, sizeof count);
    for (LIST_ENTRY *link = head->Flink; link && link != head && number < count; link = link->Flink) {
        MINIDUMP_MODULE entry;
        describe_module(dump, module_from_load_link(link), &entry);
        minidump_put(dump, list.Rva + sizeof count + number++ * sizeof entry, &entry, sizeof entry);
    }
    minidump_add_stream(dump, ModuleListStream, list);
}
