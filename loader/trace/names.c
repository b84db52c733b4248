#include "loader/trace/names.h"
#include <winioctl.h>
#include "loader/trace/status_names.h"

#define NAME(value)               \
    {                             \
        (uint32_t)(value), #value \
    }
#define END     \
    {           \
        0, NULL \
    }

const struct trace_names names_access[] = {
    NAME(GENERIC_READ),
    NAME(GENERIC_WRITE),
    NAME(GENERIC_EXECUTE),
    NAME(GENERIC_ALL),
    NAME(FILE_ALL_ACCESS),
    NAME(FILE_GENERIC_READ),
    NAME(FILE_GENERIC_WRITE),
    NAME(MAXIMUM_ALLOWED),
    NAME(DELETE),
    NAME(READ_CONTROL),
    NAME(WRITE_DAC),
    NAME(WRITE_OWNER),
    NAME(SYNCHRONIZE),
    NAME(FILE_READ_DATA),
    NAME(FILE_WRITE_DATA),
    NAME(FILE_APPEND_DATA),
    NAME(FILE_READ_EA),
    NAME(FILE_WRITE_EA),
    NAME(FILE_EXECUTE),
    NAME(FILE_READ_ATTRIBUTES),
    NAME(FILE_WRITE_ATTRIBUTES),
    END,
};

const struct trace_names names_share[] = {
    NAME(FILE_SHARE_READ),
    NAME(FILE_SHARE_WRITE),
    NAME(FILE_SHARE_DELETE),
    END,
};

const struct trace_names names_disposition[] = {
    NAME(CREATE_NEW),  NAME(CREATE_ALWAYS),     NAME(OPEN_EXISTING),
    NAME(OPEN_ALWAYS), NAME(TRUNCATE_EXISTING), END,
};

const struct trace_names names_attributes[] = {
    NAME(FILE_ATTRIBUTE_READONLY),   NAME(FILE_ATTRIBUTE_HIDDEN),        NAME(FILE_ATTRIBUTE_SYSTEM),
    NAME(FILE_ATTRIBUTE_DIRECTORY),  NAME(FILE_ATTRIBUTE_ARCHIVE),       NAME(FILE_ATTRIBUTE_NORMAL),
    NAME(FILE_ATTRIBUTE_TEMPORARY),  NAME(FILE_ATTRIBUTE_REPARSE_POINT), NAME(FILE_FLAG_WRITE_THROUGH),
    NAME(FILE_FLAG_OVERLAPPED),      NAME(FILE_FLAG_NO_BUFFERING),       NAME(FILE_FLAG_RANDOM_ACCESS),
    NAME(FILE_FLAG_SEQUENTIAL_SCAN), NAME(FILE_FLAG_DELETE_ON_CLOSE),    NAME(FILE_FLAG_BACKUP_SEMANTICS),
    NAME(FILE_FLAG_POSIX_SEMANTICS), NAME(FILE_FLAG_OPEN_REPARSE_POINT), END,
};

const struct trace_names names_protection[] = {
    NAME(PAGE_NOACCESS),
    NAME(PAGE_READONLY),
    NAME(PAGE_READWRITE),
    NAME(PAGE_WRITECOPY),
    NAME(PAGE_EXECUTE),
    NAME(PAGE_EXECUTE_READ),
    NAME(PAGE_EXECUTE_READWRITE),
    NAME(PAGE_EXECUTE_WRITECOPY),
    NAME(PAGE_GUARD),
    NAME(PAGE_NOCACHE),
    NAME(PAGE_WRITECOMBINE),
    NAME(SEC_IMAGE),
    NAME(SEC_RESERVE),
    NAME(SEC_COMMIT),
    NAME(SEC_NOCACHE),
    END,
};

const struct trace_names names_allocation[] = {
    NAME(MEM_COMMIT),   NAME(MEM_RESERVE),     NAME(MEM_DECOMMIT), NAME(MEM_RELEASE),     NAME(MEM_RESET),
    NAME(MEM_TOP_DOWN), NAME(MEM_WRITE_WATCH), NAME(MEM_PHYSICAL), NAME(MEM_LARGE_PAGES), END,
};

const struct trace_names names_standard_handle[] = {
    NAME(STD_INPUT_HANDLE),
    NAME(STD_OUTPUT_HANDLE),
    NAME(STD_ERROR_HANDLE),
    END,
};

const struct trace_names names_origin[] = {NAME(FILE_BEGIN), NAME(FILE_CURRENT), NAME(FILE_END), END};

const struct trace_names names_timeout[] = {NAME(INFINITE), END};

const struct trace_names names_wait[] = {
    NAME(WAIT_OBJECT_0),      NAME(WAIT_ABANDONED), NAME(WAIT_TIMEOUT),
    NAME(WAIT_IO_COMPLETION), NAME(WAIT_FAILED),    END,
};

const struct trace_names names_creation[] = {
    NAME(DEBUG_PROCESS),
    NAME(DEBUG_ONLY_THIS_PROCESS),
    NAME(CREATE_SUSPENDED),
    NAME(DETACHED_PROCESS),
    NAME(CREATE_NEW_CONSOLE),
    NAME(CREATE_NEW_PROCESS_GROUP),
    NAME(CREATE_UNICODE_ENVIRONMENT),
    NAME(STACK_SIZE_PARAM_IS_A_RESERVATION),
    NAME(EXTENDED_STARTUPINFO_PRESENT),
    NAME(CREATE_NO_WINDOW),
    END,
};

const struct trace_names names_load[] = {
    NAME(DONT_RESOLVE_DLL_REFERENCES),
    NAME(LOAD_LIBRARY_AS_DATAFILE),
    NAME(LOAD_WITH_ALTERED_SEARCH_PATH),
    NAME(LOAD_LIBRARY_AS_IMAGE_RESOURCE),
    NAME(LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE),
    NAME(LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR),
    NAME(LOAD_LIBRARY_SEARCH_APPLICATION_DIR),
    NAME(LOAD_LIBRARY_SEARCH_USER_DIRS),
    NAME(LOAD_LIBRARY_SEARCH_SYSTEM32),
    NAME(LOAD_LIBRARY_SEARCH_DEFAULT_DIRS),
    END,
};

const struct trace_names names_move[] = {
    NAME(MOVEFILE_REPLACE_EXISTING),
    NAME(MOVEFILE_COPY_ALLOWED),
    NAME(MOVEFILE_DELAY_UNTIL_REBOOT),
    NAME(MOVEFILE_WRITE_THROUGH),
    END,
};

const struct trace_names names_codepage[] = {
    NAME(CP_ACP), NAME(CP_OEMCP), NAME(CP_MACCP), NAME(CP_THREAD_ACP), NAME(CP_UTF7), NAME(CP_UTF8), END,
};

const struct trace_names names_nt_disposition[] = {
    NAME(FILE_SUPERSEDE),
    NAME(FILE_OPEN),
    NAME(FILE_CREATE),
    NAME(FILE_OPEN_IF),
    NAME(FILE_OVERWRITE),
    NAME(FILE_OVERWRITE_IF),
    END,
};

const struct trace_names names_nt_options[] = {
    NAME(FILE_DIRECTORY_FILE),
    NAME(FILE_WRITE_THROUGH),
    NAME(FILE_SEQUENTIAL_ONLY),
    NAME(FILE_NO_INTERMEDIATE_BUFFERING),
    NAME(FILE_SYNCHRONOUS_IO_ALERT),
    NAME(FILE_SYNCHRONOUS_IO_NONALERT),
    NAME(FILE_NON_DIRECTORY_FILE),
    NAME(FILE_RANDOM_ACCESS),
    NAME(FILE_DELETE_ON_CLOSE),
    NAME(FILE_OPEN_BY_FILE_ID),
    NAME(FILE_OPEN_FOR_BACKUP_INTENT),
    NAME(FILE_OPEN_REPARSE_POINT),
    END,
};

const struct trace_names names_map_access[] = {
    NAME(FILE_MAP_ALL_ACCESS), NAME(FILE_MAP_COPY),    NAME(FILE_MAP_WRITE),
    NAME(FILE_MAP_READ),       NAME(FILE_MAP_EXECUTE), END,
};

const struct trace_names names_file_type[] = {
    NAME(FILE_TYPE_UNKNOWN), NAME(FILE_TYPE_DISK), NAME(FILE_TYPE_CHAR), NAME(FILE_TYPE_PIPE), END,
};

const struct trace_names names_file_class[] = {
    NAME(FileBasicInfo),
    NAME(FileStandardInfo),
    NAME(FileNameInfo),
    NAME(FileRenameInfo),
    NAME(FileDispositionInfo),
    NAME(FileAllocationInfo),
    NAME(FileEndOfFileInfo),
    NAME(FileStreamInfo),
    NAME(FileAttributeTagInfo),
    NAME(FileIdBothDirectoryInfo),
    NAME(FileIdBothDirectoryRestartInfo),
    NAME(FileFullDirectoryInfo),
    NAME(FileIdInfo),
    END,
};

/* Of MultiByteToWideChar and of WideCharToMultiByte. */
const struct trace_names names_conversion[] = {
    NAME(MB_PRECOMPOSED),
    NAME(MB_COMPOSITE),
    NAME(MB_USEGLYPHCHARS),
    NAME(MB_ERR_INVALID_CHARS),
    NAME(WC_ERR_INVALID_CHARS),
    NAME(WC_DISCARDNS),
    NAME(WC_SEPCHARS),
    NAME(WC_DEFAULTCHAR),
    NAME(WC_COMPOSITECHECK),
    NAME(WC_NO_BEST_FIT_CHARS),
    END,
};

const struct trace_names names_heap_flags[] = {
    NAME(HEAP_NO_SERIALIZE),
    NAME(HEAP_GROWABLE),
    NAME(HEAP_GENERATE_EXCEPTIONS),
    NAME(HEAP_ZERO_MEMORY),
    NAME(HEAP_REALLOC_IN_PLACE_ONLY),
    NAME(HEAP_CREATE_ENABLE_EXECUTE),
    END,
};

const struct trace_names names_message_flags[] = {
    NAME(FORMAT_MESSAGE_ALLOCATE_BUFFER), NAME(FORMAT_MESSAGE_IGNORE_INSERTS),
    NAME(FORMAT_MESSAGE_FROM_STRING),     NAME(FORMAT_MESSAGE_FROM_HMODULE),
    NAME(FORMAT_MESSAGE_FROM_SYSTEM),     NAME(FORMAT_MESSAGE_ARGUMENT_ARRAY),
    NAME(FORMAT_MESSAGE_MAX_WIDTH_MASK),  END,
};

const struct trace_names names_duplication[] = {
    NAME(DUPLICATE_CLOSE_SOURCE),
    NAME(DUPLICATE_SAME_ACCESS),
    END,
};

const struct trace_names names_handle_flags[] = {
    NAME(HANDLE_FLAG_INHERIT),
    NAME(HANDLE_FLAG_PROTECT_FROM_CLOSE),
    END,
};

/* The C runtime's own numbers, which <fcntl.h> has otherwise here. */
const struct trace_names names_open_flags[] = {
    {0x0001, "_O_WRONLY"},     {0x0002, "_O_RDWR"},      {0x0008, "_O_APPEND"},    {0x0010, "_O_RANDOM"},
    {0x0020, "_O_SEQUENTIAL"}, {0x0040, "_O_TEMPORARY"}, {0x0080, "_O_NOINHERIT"}, {0x0100, "_O_CREAT"},
    {0x0200, "_O_TRUNC"},      {0x0400, "_O_EXCL"},      {0x4000, "_O_TEXT"},      {0x8000, "_O_BINARY"},
    {0x10000, "_O_WTEXT"},     {0x20000, "_O_U16TEXT"},  {0x40000, "_O_U8TEXT"},   END,
};

const struct trace_names names_whence[] = {
    {0, "SEEK_SET"},
    {1, "SEEK_CUR"},
    {2, "SEEK_END"},
    END,
};

const struct trace_names names_locale_category[] = {
    {0, "LC_ALL"}, {1, "LC_COLLATE"}, {2, "LC_CTYPE"}, {3, "LC_MONETARY"}, {4, "LC_NUMERIC"}, {5, "LC_TIME"},
    END,
};

const struct trace_names names_control_code[] = {
    NAME(FSCTL_GET_REPARSE_POINT), NAME(FSCTL_SET_REPARSE_POINT), NAME(FSCTL_DELETE_REPARSE_POINT),
    NAME(FSCTL_SET_SPARSE),        NAME(FSCTL_SET_ZERO_DATA),     NAME(FSCTL_QUERY_ALLOCATED_RANGES),
    NAME(FSCTL_GET_COMPRESSION),   NAME(FSCTL_SET_COMPRESSION),   END,
};

const struct trace_names names_lock_flags[] = {
    NAME(LOCKFILE_FAIL_IMMEDIATELY),
    NAME(LOCKFILE_EXCLUSIVE_LOCK),
    END,
};

const struct trace_names names_compare[] = {
    NAME(CSTR_LESS_THAN),
    NAME(CSTR_EQUAL),
    NAME(CSTR_GREATER_THAN),
    END,
};

const struct trace_names names_tls_index[] = {
    NAME(TLS_OUT_OF_INDEXES),
    END,
};

const struct trace_names names_set_pointer[] = {
    NAME(INVALID_SET_FILE_POINTER),
    END,
};

const struct trace_names names_file_size[] = {
    NAME(INVALID_FILE_SIZE),
    END,
};

const char *names_find(const struct trace_names *names, uint32_t value)
{
    for (; names->name; names++)
        if (names->value == value)
            return names->name;
    return NULL;
}

/* status_names.h has tables in ascending order. */
static const char *find_sorted(const struct code_name *codes, size_t count, uint32_t code)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (codes[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && codes[low].code == code ? code_name_text + codes[low].text : NULL;
}

const char *names_of_error(uint32_t error)
{
    return find_sorted(error_names, ARRAYSIZE(error_names), error);
}

const char *names_of_status(uint32_t status)
{
    return find_sorted(status_names, ARRAYSIZE(status_names), status);
}

void names_put_flags(struct trace_text *text, const struct trace_names *names, uint32_t value)
{
    const char *separator = "";
    for (; names->name && value; names++) {
        if (!names->value || (value & names->value) != names->value)
            continue;
        text_string(text, separator);
        text_string(text, names->name);
        separator = "|";
        value &= ~names->value;
    }
    if (value || !*separator) {
        text_string(text, separator);
        text_hex(text, value);
    }
}
