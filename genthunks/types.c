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
    {"uint64", C_INTEGER_8, 8, false},
    {"void", C_VOID, 0, false},
};

const struct spec_type *find_type(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!strcmp(types[i].name, name))
            return &types[i];
    return NULL;
}
