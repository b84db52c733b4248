/* A version resource: blocks in blocks, each with a name and a value. A buffer of GetFileVersionInfo's holds
 * the outermost one and, behind it, room for the texts that VerQueryValueA converts. */
#ifndef VERSION_BLOCK_H
#define VERSION_BLOCK_H

#include <litewin/windows.h>

struct block {
    WORD length;       /* in bytes, with all that is inside */
    WORD value_length; /* in units of a text, or bytes */
    WORD is_text;
    WCHAR key[];
};

/* A unit of a text comes to at most three bytes, so a text's place in the room is one and a half times as far
 * from the start as the text is. */
static inline size_t room_offset(size_t block_offset)
{
    return block_offset + block_offset / 2;
}

static inline size_t size_with_room(size_t length)
{
    return length + sizeof(DWORD) + room_offset(length);
}

#endif
