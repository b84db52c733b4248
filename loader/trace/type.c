#include "loader/trace/type.h"
#include "loader/trace/names.h"
#include "loader/trace/structure.h"

#define SLOT sizeof(void *)

static const struct {
    char name[20];
    uint8_t kind, size;
    bool fails_if_0;
    const void *names;
} types[] = {
    {"long", KIND_HEX, SLOT, false, NULL},
    {"ptr", KIND_POINTER, SLOT, true, NULL},
    {"str", KIND_STRING, SLOT, false, NULL},
    {"wstr", KIND_WIDE_STRING, SLOT, false, NULL},
    {"int64", KIND_SIGNED, 8, false, NULL},
    {"int128", KIND_POINTER, SLOT == 8 ? 8 : 16, false, NULL},
    {"float", KIND_FLOAT, 4, false, NULL},
    {"double", KIND_DOUBLE, 8, false, NULL},
    {"dword", KIND_HEX, 4, false, NULL},
    {"int", KIND_SIGNED, 4, false, NULL},
    {"uint", KIND_UNSIGNED, 4, false, NULL},
    {"bool", KIND_BOOL, 4, true, NULL},
    {"ntstatus", KIND_STATUS, 4, false, NULL},
    {"hresult", KIND_HEX, 4, false, NULL},
    {"error", KIND_ERROR, 4, false, NULL},
    {"uint16", KIND_UNSIGNED, 2, false, NULL},
    {"int16", KIND_SIGNED, 2, false, NULL},
    {"uint8", KIND_UNSIGNED, 1, false, NULL},
    {"int8", KIND_SIGNED, 1, false, NULL},
    {"handle", KIND_HANDLE, SLOT, true, NULL},
    {"size", KIND_UNSIGNED, SLOT, false, NULL},
    {"ssize", KIND_SIGNED, SLOT, false, NULL},
    {"buffer", KIND_POINTER, SLOT, true, NULL},
    {"pointer", KIND_POINTER, SLOT, false, NULL},
    {"uint64", KIND_UNSIGNED, 8, false, NULL},
    {"void", KIND_VOID, 0, false, NULL},
    {"access", KIND_FLAGS, 4, false, names_access},
    {"share", KIND_FLAGS, 4, false, names_share},
    {"disposition", KIND_NAMED, 4, false, names_disposition},
    {"attributes", KIND_FLAGS, 4, false, names_attributes},
    {"protection", KIND_FLAGS, 4, false, names_protection},
    {"allocation", KIND_FLAGS, 4, false, names_allocation},
    {"standard_handle", KIND_NAMED, 4, false, names_standard_handle},
    {"origin", KIND_NAMED, 4, false, names_origin},
    {"timeout", KIND_NAMED, 4, false, names_timeout},
    {"wait", KIND_NAMED, 4, false, names_wait},
    {"creation", KIND_FLAGS, 4, false, names_creation},
    {"load", KIND_FLAGS, 4, false, names_load},
    {"move", KIND_FLAGS, 4, false, names_move},
    {"codepage", KIND_NAMED, 4, false, names_codepage},
    {"nt_disposition", KIND_NAMED, 4, false, names_nt_disposition},
    {"nt_options", KIND_FLAGS, 4, false, names_nt_options},
    {"map_access", KIND_FLAGS, 4, false, names_map_access},
    {"file_type", KIND_NAMED, 4, false, names_file_type},
    {"file_class", KIND_NAMED, 4, false, names_file_class},
    {"conversion", KIND_FLAGS, 4, false, names_conversion},
    {"heap_flags", KIND_FLAGS, 4, false, names_heap_flags},
    {"message_flags", KIND_FLAGS, 4, false, names_message_flags},
    {"duplication", KIND_FLAGS, 4, false, names_duplication},
    {"handle_flags", KIND_FLAGS, 4, false, names_handle_flags},
    {"open_flags", KIND_FLAGS, 4, false, names_open_flags},
    {"whence", KIND_NAMED, 4, false, names_whence},
    {"locale_category", KIND_NAMED, 4, false, names_locale_category},
    {"control_code", KIND_NAMED, 4, false, names_control_code},
    {"lock_flags", KIND_FLAGS, 4, false, names_lock_flags},
    {"compare", KIND_NAMED, 4, false, names_compare},
    {"tls_index", KIND_NAMED, 4, false, names_tls_index},
    {"set_pointer", KIND_NAMED, 4, false, names_set_pointer},
    {"file_size", KIND_NAMED, 4, false, names_file_size},
    {"text", KIND_TEXT, SLOT, false, NULL},
    {"wtext", KIND_WIDE_TEXT, SLOT, false, NULL},
    {"bytes", KIND_BYTES, SLOT, false, NULL},
    {"wbytes", KIND_WIDE_BYTES, SLOT, false, NULL},
    {"filetime", KIND_STRUCTURE, SLOT, false, structure_filetime},
    {"systemtime", KIND_STRUCTURE, SLOT, false, structure_systemtime},
    {"large", KIND_SIGNED, 8, false, NULL},
    {"iosb", KIND_STRUCTURE, SLOT, false, structure_iosb},
    {"overlapped", KIND_STRUCTURE, SLOT, false, structure_overlapped},
    {"unicode", KIND_STRUCTURE, SLOT, false, structure_unicode},
    {"object", KIND_STRUCTURE, SLOT, false, structure_object},
    {"find_data", KIND_STRUCTURE, SLOT, false, structure_find_data},
    {"process_information", KIND_STRUCTURE, SLOT, false, structure_process_information},
    {"memory_information", KIND_STRUCTURE, SLOT, false, structure_memory_information},
    {"startup", KIND_STRUCTURE, SLOT, false, structure_startup},
    {"system_info", KIND_STRUCTURE, SLOT, false, structure_system_info},
    {"file_information", KIND_STRUCTURE, SLOT, false, structure_file_information},
    {"security", KIND_STRUCTURE, SLOT, false, structure_security},
    {"console_info", KIND_STRUCTURE, SLOT, false, structure_console_info},
};

struct trace_type trace_type_find(const char *name, size_t length)
{
    bool points = length && name[length - 1] == '*';
    length -= points;
    for (size_t i = 0; i < ARRAYSIZE(types); i++)
        if (length < sizeof types[i].name && !strncmp(types[i].name, name, length) && !types[i].name[length])
            return (struct trace_type){types[i].kind, types[i].size, points, types[i].fails_if_0,
                                       types[i].names};
    return (struct trace_type){.kind = KIND_HEX, .size = SLOT, .points = points};
}

unsigned trace_type_i386_size(const struct trace_type *type)
{
    return type->points || type->size < 4 ? 4 : type->size;
}

bool trace_type_failed(const struct trace_type *type, uint64_t result)
{
    if (sizeof(void *) == 4 && type->size < 8)
        result = (uint32_t)result;
    switch (type->kind) {
    case KIND_HANDLE:
        return !result || result == (uintptr_t)INVALID_HANDLE_VALUE;
    case KIND_STATUS:
        return (int32_t)result < 0;
    case KIND_ERROR:
        return (uint32_t)result != ERROR_SUCCESS;
    case KIND_NAMED:
        return (type->names == names_wait || type->names == names_tls_index ||
                type->names == names_file_size) &&
               (uint32_t)result == UINT32_MAX;
    case KIND_BOOL:
        return !(uint32_t)result;
    default:
        return type->fails_if_0 && !result;
    }
}
