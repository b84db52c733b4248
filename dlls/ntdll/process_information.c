/* What NtQueryInformationProcess knows, of this process alone. */
#include <sys/stat.h>
#include <unistd.h>
#include "kernel/debugger.h"
#include "kernel/handle.h"
#include "kernel/process.h"
#include "kernel/section.h"
#include "loader/image_section.h"
#include "loader/module.h"

/* Classes that MinGW-w64's headers lack. */
enum {
    CLASS_IMAGE_INFORMATION = 37,
};

#define NORMAL_BASE_PRIORITY 8

union answer {
    PROCESS_BASIC_INFORMATION basic;
    ULONG_PTR pointer;
    ULONG number;
    struct section_image_information image;
};

static void tell_basic(PROCESS_BASIC_INFORMATION *basic)
{
    *basic = (PROCESS_BASIC_INFORMATION){
        .ExitStatus = STILL_ACTIVE,
        .PebBaseAddress = (PPEB)&process_environment,
        .AffinityMask = process_environment.ActiveProcessAffinityMask,
        .BasePriority = NORMAL_BASE_PRIORITY,
        .UniqueProcessId = process_self.id,
        .InheritedFromUniqueProcessId = getppid(),
    };
}

static void tell_image(struct section_image_information *information)
{
    struct stat file = {0};
    stat(program_module->host_path, &file);
    image_describe(&program_module->image, (uintptr_t)program_module->entry.DllBase, file.st_size,
                   information);
}

/* Returns the answer's size; 0 for a class that is not known here. */
static ULONG find_answer(unsigned class, union answer *answer)
{
    switch (class) {
    case ProcessBasicInformation:
        tell_basic(&answer->basic);
        return sizeof answer->basic;
    case ProcessHandleCount:
        answer->number = handle_count();
        return sizeof answer->number;
    case ProcessSessionInformation:
        answer->number = process_environment.SessionId;
        return sizeof answer->number;
    case ProcessWow64Information:
        answer->pointer = sizeof(void *) == 4 ? (ULONG_PTR)&process_environment : 0;
        return sizeof answer->pointer;
    case CLASS_IMAGE_INFORMATION:
        tell_image(&answer->image);
        return sizeof answer->image;
    case ProcessDebugPort:
        answer->pointer = debugger_is_present() ? ~(ULONG_PTR)0 : 0;
        return sizeof answer->pointer;
    case ProcessDebugObjectHandle: /* Linux's debuggers have none. */
        answer->pointer = 0;
        return sizeof answer->pointer;
    case ProcessDebugFlags: /* FALSE if a debugger has this process and would not have its children. */
        answer->number = !debugger_is_present();
        return sizeof answer->number;
    default:
        return 0;
    }
}

NTSTATUS WINAPI NtQueryInformationProcess(HANDLE process, PROCESSINFOCLASS class, void *buffer, ULONG size,
                                          ULONG *returned)
{
    union answer answer;
    ULONG answer_size = find_answer(class, &answer);
    if (!answer_size)
        return STATUS_INVALID_INFO_CLASS;
    if (size != answer_size)
        return STATUS_INFO_LENGTH_MISMATCH;
    NTSTATUS status = process_check_current(process, PROCESS_QUERY_LIMITED_INFORMATION);
    if (!NT_SUCCESS(status))
        return status;
    if (!buffer)
        return STATUS_ACCESS_VIOLATION;
    memcpy(buffer, &answer, answer_size);
    if (returned)
        *returned = answer_size;
    return class == ProcessDebugObjectHandle ? STATUS_PORT_NOT_SET : STATUS_SUCCESS;
}
