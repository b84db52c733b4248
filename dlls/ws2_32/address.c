#include <stdio.h>
#include <litewin/winsock.h>

UINT ws_htonl(UINT value)
{
    return __builtin_bswap32(value);
}

WORD ws_htons(WORD value)
{
    return __builtin_bswap16(value);
}

/* One number of a dotted address: decimal, octal with a leading 0, hexadecimal with 0x. */
static const char *parse_number(const char *text, uint64_t *number)
{
    unsigned base = 10;
    if (*text == '0') {
        base = 8;
        if (text[1] == 'x' || text[1] == 'X') {
            base = 16;
            text += 2;
        }
    }
    const char *start = text;
    for (*number = 0; *text && *number <= UINT32_MAX; text++) {
        unsigned digit = *text >= '0' && *text <= '9'   ? *text - '0'
                         : *text >= 'a' && *text <= 'f' ? *text - 'a' + 10
                         : *text >= 'A' && *text <= 'F' ? *text - 'A' + 10
                                                        : 16;
        if (digit >= base)
            break;
        *number = *number * base + digit;
    }
    return text == start || *number > UINT32_MAX ? NULL : text;
}

/* One to four numbers; the last one fills what is left of the address. */
ULONG ws_inet_addr(const char *text)
{
    uint64_t number = 0;
    uint32_t address = 0;
    unsigned parts = 0;
    if (!text)
        return INADDR_NONE;
    for (;;) {
        text = parse_number(text, &number);
        if (!text)
            return INADDR_NONE;
        if (*text != '.')
            break;
        if (number > 255 || ++parts == 4)
            return INADDR_NONE;
        address |= (uint32_t)number << (32 - 8 * parts);
        text++;
    }
    if ((*text && *text != ' ') || number >> (32 - 8 * parts))
        return INADDR_NONE;
    return ws_htonl(address | (uint32_t)number);
}

/* The text is the thread's own until its next call. */
char *ws_inet_ntoa(UINT address)
{
    static __thread char text[16];
    uint8_t bytes[4];
    memcpy(bytes, &address, sizeof bytes);
    snprintf(text, sizeof text, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
    return text;
}

int ws_WSAFDIsSet(SOCKET socket, guest_fd_set *set)
{
    for (u_int i = 0; i < set->fd_count; i++) {
        if (set->fd_array[i] == socket)
            return 1;
    }
    return 0;
}
