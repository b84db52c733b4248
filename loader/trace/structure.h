/* Structures that are shown field by field. */
#ifndef LOADER_TRACE_STRUCTURE_H
#define LOADER_TRACE_STRUCTURE_H

#include "loader/trace/type.h"

enum { STRUCTURE_LARGEST = 592 }; /* WIN32_FIND_DATAW */

/* Up to a field without a name. Arrays of WCHAR are KIND_WIDE_TEXT, with the array's size in bytes. */
struct trace_structure {
    const char *name;
    uint16_t offset, size;
    uint8_t kind; /* enum trace_kind */
    const void *names;
};

extern const struct trace_structure structure_filetime[], structure_systemtime[], structure_iosb[],
    structure_overlapped[], structure_unicode[], structure_object[], structure_find_data[],
    structure_process_information[], structure_memory_information[], structure_startup[],
    structure_system_info[], structure_file_information[], structure_security[], structure_console_info[];

#endif
