/* What the registry says of programs before they run: Image File Execution Options. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernel/handle.h"
#include "kernel/registry.h"
#include "kernel/registry_store.h"
#include "kernel/utf.h"

#define SESSION_MANAGER L"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\Session Manager"
#define EXECUTION_OPTIONS \
    L"\\Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\"
#define VALUE L"GlobalFlag"

static bool contains(const char *text, size_t size, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = text; (size_t)(text + size - at) >= length; at++)
        if ((*at | 0x20) == (*word | 0x20) && !strncasecmp(at, word, length))
            return true;
    return false;
}

/* Only what the user's file says can matter here, and seldom does: the registry is not read for that. In a
 * file that is UTF-16 in part, anything may be. */
static bool user_file_may_tell(void)
{
    const char *path = registry_user_path();
    struct stat status;
    int descriptor = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (descriptor < 0)
        return false;
    void *text = fstat(descriptor, &status) || !status.st_size
                     ? MAP_FAILED
                     : mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    close(descriptor);
    if (text == MAP_FAILED)
        return false;
    bool may = contains(text, status.st_size, "GlobalFlag") || memmem(text, status.st_size, "\xff\xfe", 2);
    munmap(text, status.st_size);
    return may;
}

/* A number, or one in hexadecimal digits as text. */
static ULONG number_of(const struct registry_value *value)
{
    char digits[32];
    ULONG number = 0;
    if (value->type == REG_DWORD && value->size >= sizeof number)
        memcpy(&number, value->data, sizeof number);
    if (value->type != REG_SZ)
        return number;
    size_t length =
        utf8_from_utf16(digits, sizeof digits - 1, value->data, value->size / sizeof(WCHAR), UTF_REPLACE);
    digits[min(length, sizeof digits - 1)] = '\0';
    return strtoul(digits, NULL, 16);
}

static bool read_flag(const WCHAR *path, size_t length, ULONG *flag)
{
    const struct registry_request request = {.path = path, .length = length, .access = KEY_QUERY_VALUE};
    struct registry_value *value;
    HANDLE key;
    if (!NT_SUCCESS(registry_open(&request, &key)))
        return false;
    bool found = NT_SUCCESS(registry_get_value(key, VALUE, ARRAYSIZE(VALUE) - 1, &value));
    handle_close(key);
    if (!found)
        return false;
    *flag = number_of(value);
    registry_value_release(value);
    return true;
}

ULONG registry_global_flag(const char *program)
{
    WCHAR path[ARRAYSIZE(EXECUTION_OPTIONS) + NAME_MAX] = EXECUTION_OPTIONS;
    const size_t before = ARRAYSIZE(EXECUTION_OPTIONS) - 1;
    ULONG flag = 0;
    if (!user_file_may_tell())
        return 0;
    size_t length = utf16_from_utf8(path + before, NAME_MAX, program, strlen(program), UTF_HOST_NAME);
    if (length > NAME_MAX || !read_flag(path, before + length, &flag))
        read_flag(SESSION_MANAGER, ARRAYSIZE(SESSION_MANAGER) - 1, &flag);
    return flag;
}
