#include "loader/trace/structure.h"
#include "loader/trace/names.h"

#define MEMBER(structure, member) offsetof(structure, member), sizeof(((structure *)0)->member)
#define END                 \
    {                       \
        NULL, 0, 0, 0, NULL \
    }

const struct trace_structure structure_filetime[] = {
    {"time", 0, sizeof(FILETIME), KIND_UNSIGNED, NULL},
    END,
};

const struct trace_structure structure_systemtime[] = {
    {"year", MEMBER(SYSTEMTIME, wYear), KIND_UNSIGNED, NULL},
    {"month", MEMBER(SYSTEMTIME, wMonth), KIND_UNSIGNED, NULL},
    {"day", MEMBER(SYSTEMTIME, wDay), KIND_UNSIGNED, NULL},
    {"hour", MEMBER(SYSTEMTIME, wHour), KIND_UNSIGNED, NULL},
    {"minute", MEMBER(SYSTEMTIME, wMinute), KIND_UNSIGNED, NULL},
    {"second", MEMBER(SYSTEMTIME, wSecond), KIND_UNSIGNED, NULL},
    {"milliseconds", MEMBER(SYSTEMTIME, wMilliseconds), KIND_UNSIGNED, NULL},
    END,
};

const struct trace_structure structure_iosb[] = {
    {"status", offsetof(IO_STATUS_BLOCK, Status), sizeof(NTSTATUS), KIND_STATUS, NULL},
    {"information", MEMBER(IO_STATUS_BLOCK, Information), KIND_UNSIGNED, NULL},
    END,
};

const struct trace_structure structure_overlapped[] = {
    {"status", offsetof(OVERLAPPED, Internal), sizeof(NTSTATUS), KIND_STATUS, NULL},
    {"transferred", MEMBER(OVERLAPPED, InternalHigh), KIND_UNSIGNED, NULL},
    {"offset", offsetof(OVERLAPPED, Offset), sizeof(uint64_t), KIND_UNSIGNED, NULL},
    {"event", MEMBER(OVERLAPPED, hEvent), KIND_HANDLE, NULL},
    END,
};

/* The value itself is the string, so the structure has no fields to name. */
const struct trace_structure structure_unicode[] = {END};

const struct trace_structure structure_object[] = {
    {"name", MEMBER(OBJECT_ATTRIBUTES, ObjectName), KIND_STRUCTURE, structure_unicode},
    {"directory", MEMBER(OBJECT_ATTRIBUTES, RootDirectory), KIND_HANDLE, NULL},
    {"attributes", MEMBER(OBJECT_ATTRIBUTES, Attributes), KIND_HEX, NULL},
    END,
};

const struct trace_structure structure_find_data[] = {
    {"attributes", MEMBER(WIN32_FIND_DATAW, dwFileAttributes), KIND_FLAGS, names_attributes},
    {"name", MEMBER(WIN32_FIND_DATAW, cFileName), KIND_WIDE_TEXT, NULL},
    END,
};

const struct trace_structure structure_process_information[] = {
    {"process", MEMBER(PROCESS_INFORMATION, hProcess), KIND_HANDLE, NULL},
    {"thread", MEMBER(PROCESS_INFORMATION, hThread), KIND_HANDLE, NULL},
    {"process_id", MEMBER(PROCESS_INFORMATION, dwProcessId), KIND_UNSIGNED, NULL},
    {"thread_id", MEMBER(PROCESS_INFORMATION, dwThreadId), KIND_UNSIGNED, NULL},
    END,
};

const struct trace_structure structure_memory_information[] = {
    {"base", MEMBER(MEMORY_BASIC_INFORMATION, BaseAddress), KIND_POINTER, NULL},
    {"allocation", MEMBER(MEMORY_BASIC_INFORMATION, AllocationBase), KIND_POINTER, NULL},
    {"size", MEMBER(MEMORY_BASIC_INFORMATION, RegionSize), KIND_UNSIGNED, NULL},
    {"state", MEMBER(MEMORY_BASIC_INFORMATION, State), KIND_FLAGS, names_allocation},
    {"protection", MEMBER(MEMORY_BASIC_INFORMATION, Protect), KIND_FLAGS, names_protection},
    END,
};

const struct trace_structure structure_startup[] = {
    {"flags", MEMBER(STARTUPINFOW, dwFlags), KIND_HEX, NULL},
    {"input", MEMBER(STARTUPINFOW, hStdInput), KIND_HANDLE, NULL},
    {"output", MEMBER(STARTUPINFOW, hStdOutput), KIND_HANDLE, NULL},
    {"error", MEMBER(STARTUPINFOW, hStdError), KIND_HANDLE, NULL},
    END,
};

const struct trace_structure structure_system_info[] = {
    {"page_size", MEMBER(SYSTEM_INFO, dwPageSize), KIND_UNSIGNED, NULL},
    {"processors", MEMBER(SYSTEM_INFO, dwNumberOfProcessors), KIND_UNSIGNED, NULL},
    {"granularity", MEMBER(SYSTEM_INFO, dwAllocationGranularity), KIND_UNSIGNED, NULL},
    END,
};

const struct trace_structure structure_file_information[] = {
    {"attributes", MEMBER(BY_HANDLE_FILE_INFORMATION, dwFileAttributes), KIND_FLAGS, names_attributes},
    {"size_high", MEMBER(BY_HANDLE_FILE_INFORMATION, nFileSizeHigh), KIND_UNSIGNED, NULL},
    {"size_low", MEMBER(BY_HANDLE_FILE_INFORMATION, nFileSizeLow), KIND_UNSIGNED, NULL},
    {"links", MEMBER(BY_HANDLE_FILE_INFORMATION, nNumberOfLinks), KIND_UNSIGNED, NULL},
    END,
};

const struct trace_structure structure_security[] = {
    {"descriptor", MEMBER(SECURITY_ATTRIBUTES, lpSecurityDescriptor), KIND_POINTER, NULL},
    {"inherit", MEMBER(SECURITY_ATTRIBUTES, bInheritHandle), KIND_BOOL, NULL},
    END,
};

const struct trace_structure structure_console_info[] = {
    {"columns", MEMBER(CONSOLE_SCREEN_BUFFER_INFO, dwSize.X), KIND_SIGNED, NULL},
    {"lines", MEMBER(CONSOLE_SCREEN_BUFFER_INFO, dwSize.Y), KIND_SIGNED, NULL},
    {"x", MEMBER(CONSOLE_SCREEN_BUFFER_INFO, dwCursorPosition.X), KIND_SIGNED, NULL},
    {"y", MEMBER(CONSOLE_SCREEN_BUFFER_INFO, dwCursorPosition.Y), KIND_SIGNED, NULL},
    {"colours", MEMBER(CONSOLE_SCREEN_BUFFER_INFO, wAttributes), KIND_HEX, NULL},
    END,
};
