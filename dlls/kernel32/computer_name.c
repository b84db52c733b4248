#include <unistd.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "kernel/utf.h"

struct computer_name {
    WCHAR text[256];
    size_t length;
};

/* The host's name has the domain behind its first dot, if it is a full one. */
static bool find_name(COMPUTER_NAME_FORMAT format, struct computer_name *name)
{
    char host[256];
    if (gethostname(host, sizeof host)) {
        SetLastError(ERROR_NOT_READY);
        return false;
    }
    host[sizeof host - 1] = '\0';
    size_t first = strcspn(host, "."), length = strlen(host);
    const char *begin = host;
    switch (format) {
    case ComputerNameNetBIOS:
    case ComputerNamePhysicalNetBIOS:
    case ComputerNameDnsHostname:
    case ComputerNamePhysicalDnsHostname:
        length = first;
        break;
    case ComputerNameDnsDomain:
    case ComputerNamePhysicalDnsDomain:
        begin += first < length ? first + 1 : length;
        length = strlen(begin);
        break;
    case ComputerNameDnsFullyQualified:
    case ComputerNamePhysicalDnsFullyQualified:
        break;
    default:
        SetLastError(ERROR_INVALID_PARAMETER);
        return false;
    }
    name->length = utf16_from_utf8(name->text, ARRAYSIZE(name->text), begin, length, UTF_REPLACE);
    return true;
}

/* A NetBIOS name is upper case and at most 15 characters long. */
static bool find_netbios_name(struct computer_name *name)
{
    if (!find_name(ComputerNameNetBIOS, name))
        return false;
    name->length = min(name->length, MAX_COMPUTERNAME_LENGTH);
    for (WCHAR *c = name->text; c < name->text + name->length; c++)
        *c = *c >= 'a' && *c <= 'z' ? *c - 32 : *c;
    return true;
}

static bool find_name_of_kind(COMPUTER_NAME_FORMAT format, struct computer_name *name)
{
    bool is_netbios = format == ComputerNameNetBIOS || format == ComputerNamePhysicalNetBIOS;
    return is_netbios ? find_netbios_name(name) : find_name(format, name);
}

/* The size becomes the name's length, or that of the buffer that it needs. */
static BOOL give_wide(const struct computer_name *name, LPWSTR buffer, LPDWORD size, DWORD error)
{
    *size = wide_return(name->text, name->length, buffer, buffer ? *size : 0);
    if (*size == name->length)
        return TRUE;
    SetLastError(error);
    return FALSE;
}

static BOOL give_ansi(const struct computer_name *name, LPSTR buffer, LPDWORD size, DWORD error)
{
    DWORD needed = ansi_return(name->text, name->length, buffer, buffer ? *size : 0);
    bool fits = buffer && needed < *size;
    *size = needed;
    if (!fits)
        SetLastError(error);
    return fits;
}

BOOL WINAPI GetComputerNameW(LPWSTR buffer, LPDWORD size)
{
    struct computer_name name;
    return find_netbios_name(&name) && give_wide(&name, buffer, size, ERROR_BUFFER_OVERFLOW);
}

BOOL WINAPI GetComputerNameA(LPSTR buffer, LPDWORD size)
{
    struct computer_name name;
    return find_netbios_name(&name) && give_ansi(&name, buffer, size, ERROR_BUFFER_OVERFLOW);
}

BOOL WINAPI GetComputerNameExW(COMPUTER_NAME_FORMAT format, LPWSTR buffer, LPDWORD size)
{
    struct computer_name name;
    return find_name_of_kind(format, &name) && give_wide(&name, buffer, size, ERROR_MORE_DATA);
}

BOOL WINAPI GetComputerNameExA(COMPUTER_NAME_FORMAT format, LPSTR buffer, LPDWORD size)
{
    struct computer_name name;
    return find_name_of_kind(format, &name) && give_ansi(&name, buffer, size, ERROR_MORE_DATA);
}
