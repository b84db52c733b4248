#include "types.h"

#include <stddef.h>
#include <string.h>

static const struct spec_type types[] = {
    /* winebuild's own. */
    {"long", C_UP_TO_SLOT, 4, false},
    {"ptr", C_POINTER_OR_SLOT, 4, false},
    {"str", C_POINTER, 4, false},
    {"wstr", C_POINTER, 4, false},
    {"int64", C_INTEGER_8, 8, false},
    {"int128", C_BYTES_16, 16, false},
    {"float", C_FLOAT, 4, false},
    {"double", C_DOUBLE, 8, false},
    {"word", C_INTEGER_2, 4, true},
    {"s_word", C_INTEGER_2, 4, true},
    {"segptr", C_POINTER, 4, true},
    {"segstr", C_POINTER, 4, true},
    /* Finer ones, passed like winebuild's, that make traces readable and the check strict. */
    {"dword", C_INTEGER_4, 4, false},
    {"int", C_INTEGER_4, 4, false},
    {"uint", C_INTEGER_4, 4, false},
    {"bool", C_INTEGER_4, 4, false},
    {"ntstatus", C_INTEGER_4, 4, false},
    {"hresult", C_INTEGER_4, 4, false},
    {"error", C_INTEGER_4, 4, false},
    {"uint16", C_INTEGER_2, 4, false},
    {"int16", C_INTEGER_2, 4, false},
    {"uint8", C_INTEGER_1, 4, false},
    {"int8", C_INTEGER_1, 4, false},
    {"handle", C_POINTER_OR_SLOT, 4, false},
    {"size", C_INTEGER_OF_SLOT, 4, false},
    {"ssize", C_INTEGER_OF_SLOT, 4, false},
    {"buffer", C_POINTER, 4, false},
    {"pointer", C_POINTER_OR_SLOT, 4, false},
    {"uint64", C_INTEGER_8, 8, false},
    {"void", C_VOID, 0, false},
    /* 4-byte integers whose values have names. */
    {"access", C_INTEGER_4, 4, false},
    {"share", C_INTEGER_4, 4, false},
    {"disposition", C_INTEGER_4, 4, false},
    {"attributes", C_INTEGER_4, 4, false},
    {"protection", C_INTEGER_4, 4, false},
    {"allocation", C_INTEGER_4, 4, false},
    {"standard_handle", C_INTEGER_4, 4, false},
    {"origin", C_INTEGER_4, 4, false},
    {"timeout", C_INTEGER_4, 4, false},
    {"wait", C_INTEGER_4, 4, false},
    {"creation", C_INTEGER_4, 4, false},
    {"load", C_INTEGER_4, 4, false},
    {"move", C_INTEGER_4, 4, false},
    {"codepage", C_INTEGER_4, 4, false},
    {"nt_disposition", C_INTEGER_4, 4, false},
    {"nt_options", C_INTEGER_4, 4, false},
    {"map_access", C_INTEGER_4, 4, false},
    {"file_type", C_INTEGER_4, 4, false},
    {"file_class", C_INTEGER_4, 4, false},
    {"conversion", C_INTEGER_4, 4, false},
    {"heap_flags", C_INTEGER_4, 4, false},
    {"message_flags", C_INTEGER_4, 4, false},
    {"duplication", C_INTEGER_4, 4, false},
    {"handle_flags", C_INTEGER_4, 4, false},
    {"open_flags", C_INTEGER_4, 4, false},
    {"whence", C_INTEGER_4, 4, false},
    {"locale_category", C_INTEGER_4, 4, false},
    {"control_code", C_INTEGER_4, 4, false},
    {"lock_flags", C_INTEGER_4, 4, false},
    {"compare", C_INTEGER_4, 4, false},
    {"tls_index", C_INTEGER_4, 4, false},
    {"set_pointer", C_INTEGER_4, 4, false},
    {"file_size", C_INTEGER_4, 4, false},
    /* What a function leaves in a buffer of the program's: text, without and with 2-byte characters. */
    {"text", C_POINTER, 4, false},
    {"wtext", C_POINTER, 4, false},
    /* A buffer whose size, in bytes or 2-byte characters, is the next argument: -1 where it is terminated. */
    {"bytes", C_POINTER, 4, false},
    {"wbytes", C_POINTER, 4, false},
    /* Structures, which are passed by pointer only. */
    {"filetime", C_POINTED_TO, 0, false},
    {"systemtime", C_POINTED_TO, 0, false},
    {"large", C_POINTED_TO, 0, false},
    {"iosb", C_POINTED_TO, 0, false},
    {"overlapped", C_POINTED_TO, 0, false},
    {"unicode", C_POINTED_TO, 0, false},
    {"object", C_POINTED_TO, 0, false},
    {"find_data", C_POINTED_TO, 0, false},
    {"process_information", C_POINTED_TO, 0, false},
    {"memory_information", C_POINTED_TO, 0, false},
    {"startup", C_POINTED_TO, 0, false},
    {"system_info", C_POINTED_TO, 0, false},
    {"file_information", C_POINTED_TO, 0, false},
    {"security", C_POINTED_TO, 0, false},
    {"console_info", C_POINTED_TO, 0, false},
};

static const struct spec_type *find_plain(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!strncmp(types[i].name, name, length) && !types[i].name[length])
            return &types[i];
    return NULL;
}

const struct spec_type *find_type(struct arena *arena, const char *name)
{
    size_t length = strlen(name);
    if (!length || name[length - 1] != '*')
        return find_plain(name, length);
    const struct spec_type *pointed_to = find_plain(name, length - 1);
    if (!pointed_to || pointed_to->rule == C_VOID)
        return NULL;
    struct spec_type *pointer = arena_alloc(arena, sizeof *pointer);
    *pointer = (struct spec_type){arena_string(arena, name, length), C_POINTER, 4, pointed_to->win16};
    return pointer;
}
