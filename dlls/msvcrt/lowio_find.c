/* _findfirst and its kin: FindFirstFile, told in the C library's terms. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/file_name.h"
#include "dlls/msvcrt/file_time.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/os_error.h"

#define NAME_SIZE 260

/* One structure for every size of times and of the file, narrow and wide. */
#define FIND_DATA(name, time_type, size_type, character)               \
    struct name {                                                      \
        uint32_t attributes;                                           \
        time_type created __attribute__((aligned(sizeof(time_type)))); \
        time_type accessed, written;                                   \
        size_type size;                                                \
        character text[NAME_SIZE];                                     \
    }

FIND_DATA(find_default, crt_time_t, uint32_t, char);
FIND_DATA(find_long_default, crt_time_t, GUEST_INT64, char);
FIND_DATA(find_long_64, GUEST_INT64, GUEST_INT64, char);
FIND_DATA(wide_find_default, crt_time_t, uint32_t, WCHAR);
FIND_DATA(wide_find_long_default, crt_time_t, GUEST_INT64, WCHAR);
FIND_DATA(wide_find_long_64, GUEST_INT64, GUEST_INT64, WCHAR);

static_assert(sizeof(struct find_default) == (sizeof(void *) == 8 ? 296 : 280), "struct _finddata_t");
static_assert(sizeof(struct find_long_64) == 304, "struct __finddata64_t");
static_assert(sizeof(struct wide_find_long_64) == 560, "struct _wfinddata64_t");

#define STORE_FACTS(target, data)                                                                 \
    do {                                                                                          \
        (target)->attributes = plain_attributes((data)->dwFileAttributes);                        \
        (target)->created = seconds_of_file_time((data)->ftCreationTime);                         \
        (target)->accessed = seconds_of_file_time((data)->ftLastAccessTime);                      \
        (target)->written = seconds_of_file_time((data)->ftLastWriteTime);                        \
        (target)->size = (int64_t)((uint64_t)(data)->nFileSizeHigh << 32 | (data)->nFileSizeLow); \
    } while (0)

/* The attribute of files that have no other is none here. */
static uint32_t plain_attributes(DWORD attributes)
{
    return attributes == FILE_ATTRIBUTE_NORMAL ? 0 : attributes;
}

static void fail_find(void)
{
    DWORD error = GetLastError();
    os_error_set(error);
    switch (error) {
    case ERROR_NO_MORE_FILES:
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        *crt_errno() = CRT_ENOENT;
        break;
    case ERROR_NOT_ENOUGH_MEMORY:
        *crt_errno() = CRT_ENOMEM;
        break;
    default:
        *crt_errno() = CRT_EINVAL;
    }
}

static intptr_t find_first(const WCHAR *pattern, const void *target, WIN32_FIND_DATAW *data)
{
    if (!pattern || !target) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    HANDLE search = FindFirstFileW(pattern, data);
    if (search == INVALID_HANDLE_VALUE)
        fail_find();
    return (intptr_t)search;
}

static intptr_t find_first_narrow(const char *pattern, const void *target, WIN32_FIND_DATAW *data)
{
    struct file_name name;
    if (!file_name_open(&name, pattern))
        return -1;
    intptr_t search = find_first(name.text, target, data);
    file_name_close(&name);
    return search;
}

static bool find_next(intptr_t search, const void *target, WIN32_FIND_DATAW *data)
{
    if (search == -1 || !target) {
        crt_invalid_parameter(CRT_EINVAL);
        return false;
    }
    if (FindNextFileW((HANDLE)search, data))
        return true;
    fail_find();
    return false;
}

static bool take_narrow_name(char *text, const WIN32_FIND_DATAW *data)
{
    return file_name_to_ansi(text, NAME_SIZE, data->cFileName) != 0;
}

static bool take_wide_name(WCHAR *text, const WIN32_FIND_DATAW *data)
{
    memcpy(text, data->cFileName, NAME_SIZE * sizeof *text);
    return true;
}

int crt_findclose(intptr_t search)
{
    if (FindClose((HANDLE)search))
        return 0;
    os_error_last();
    *crt_errno() = CRT_EINVAL;
    return -1;
}

#define FIND_FUNCTIONS(suffix, structure, character, first, take_name)                \
    intptr_t crt_##suffix##_first(const character *pattern, struct structure *target) \
    {                                                                                 \
        WIN32_FIND_DATAW data;                                                        \
        intptr_t search = first(pattern, target, &data);                              \
        if (search == -1)                                                             \
            return -1;                                                                \
        STORE_FACTS(target, &data);                                                   \
        if (take_name(target->text, &data))                                           \
            return search;                                                            \
        FindClose((HANDLE)search);                                                    \
        return -1;                                                                    \
    }                                                                                 \
    int crt_##suffix##_next(intptr_t search, struct structure *target)                \
    {                                                                                 \
        WIN32_FIND_DATAW data;                                                        \
        if (!find_next(search, target, &data))                                        \
            return -1;                                                                \
        STORE_FACTS(target, &data);                                                   \
        return take_name(target->text, &data) ? 0 : -1;                               \
    }

FIND_FUNCTIONS(find, find_default, char, find_first_narrow, take_narrow_name)
FIND_FUNCTIONS(findi64, find_long_default, char, find_first_narrow, take_narrow_name)
FIND_FUNCTIONS(find64, find_long_64, char, find_first_narrow, take_narrow_name)
FIND_FUNCTIONS(wfind, wide_find_default, WCHAR, find_first, take_wide_name)
FIND_FUNCTIONS(wfindi64, wide_find_long_default, WCHAR, find_first, take_wide_name)
FIND_FUNCTIONS(wfind64, wide_find_long_64, WCHAR, find_first, take_wide_name)
