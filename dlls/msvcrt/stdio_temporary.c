/* Temporary files and their names. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/file_name.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lowio.h"
#include "dlls/msvcrt/os_error.h"
#include "dlls/msvcrt/stdio.h"

#define NAME_SIZE 32
#define ATTEMPTS  0x7FFF /* TMP_MAX */

static char name_buffer[NAME_SIZE];
static WCHAR wide_name_buffer[NAME_SIZE];
static uint32_t tmpnam_number, tempnam_number;

static char *write_base_32(char *to, uint32_t value)
{
    char digits[8];
    int count = 0;
    do {
        digits[count++] = "0123456789abcdefghijklmnopqrstuv"[value & 31];
        value >>= 5;
    } while (value);
    while (count)
        *to++ = digits[--count];
    return to;
}

static bool path_exists(const WCHAR *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static bool name_exists(const char *name)
{
    struct file_name wide;
    if (!file_name_open(&wide, name))
        return true;
    bool exists = path_exists(wide.text);
    file_name_close(&wide);
    return exists;
}

/* \s, the process, a dot and, from the second name on, a number: in the root directory, as ever. */
static bool make_name(char *name)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        char *end = name;
        *end++ = '\\';
        *end++ = 's';
        end = write_base_32(end, GetCurrentProcessId());
        *end++ = '.';
        uint32_t number = __atomic_fetch_add(&tmpnam_number, 1, __ATOMIC_RELAXED);
        if (number)
            end = write_base_32(end, number);
        *end = 0;
        if (!name_exists(name))
            return true;
    }
    return false;
}

char *crt_tmpnam(char *name)
{
    char made[NAME_SIZE];

    if (!make_name(made))
        return NULL;
    return strcpy(name ? name : name_buffer, made);
}

int crt_tmpnam_s(char *name, size_t size)
{
    char made[NAME_SIZE];

    if (!name || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    *name = 0;
    if (!make_name(made))
        return *crt_errno() = CRT_ENOENT;
    if (strlen(made) >= size)
        return crt_invalid_parameter(CRT_ERANGE);
    strcpy(name, made);
    return 0;
}

static void copy_wide(WCHAR *to, const char *from)
{
    do
        *to++ = (unsigned char)*from;
    while (*from++);
}

WCHAR *crt_wtmpnam(WCHAR *name)
{
    char made[NAME_SIZE];

    if (!make_name(made))
        return NULL;
    if (!name)
        name = wide_name_buffer;
    copy_wide(name, made);
    return name;
}

int crt_wtmpnam_s(WCHAR *name, size_t size)
{
    char made[NAME_SIZE];

    if (!name || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    *name = 0;
    if (!make_name(made))
        return *crt_errno() = CRT_ENOENT;
    if (strlen(made) >= size)
        return crt_invalid_parameter(CRT_ERANGE);
    copy_wide(name, made);
    return 0;
}

static bool is_directory(const WCHAR *path)
{
    DWORD attributes = path && *path ? GetFileAttributesW(path) : INVALID_FILE_ATTRIBUTES;
    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY);
}

static size_t wide_length(const WCHAR *text)
{
    size_t length = 0;
    while (text[length])
        length++;
    return length;
}

/* The variable TMP comes first, then the caller's directory, then the system's for temporary files. */
static const WCHAR *choose_directory(const WCHAR *directory, WCHAR *buffer)
{
    DWORD length = GetEnvironmentVariableW(L"TMP", buffer, MAX_PATH);
    if (length && length < MAX_PATH && is_directory(buffer))
        return buffer;
    if (is_directory(directory))
        return directory;
    return GetTempPathW(MAX_PATH, buffer) ? buffer : L".";
}

/* Directory, prefix, process and number: the name is not there yet, and nothing keeps it. */
WCHAR *crt_wtempnam(const WCHAR *directory, const WCHAR *prefix)
{
    WCHAR buffer[MAX_PATH];
    char digits[NAME_SIZE];
    WCHAR wide_digits[NAME_SIZE];

    directory = choose_directory(directory, buffer);
    size_t directory_length = wide_length(directory);
    size_t prefix_length = prefix ? wide_length(prefix) : 0;
    WCHAR *name = crt_malloc((directory_length + prefix_length + NAME_SIZE + 2) * sizeof *name);
    if (!name)
        return NULL;
    for (int i = 0; i < ATTEMPTS; i++) {
        WCHAR *end = memcpy(name, directory, directory_length * sizeof *name);
        end += directory_length;
        if (directory_length && end[-1] != '\\' && end[-1] != '/')
            *end++ = '\\';
        if (prefix)
            memcpy(end, prefix, prefix_length * sizeof *name);
        end += prefix_length;
        char *last = write_base_32(digits, GetCurrentProcessId());
        *last++ = '.';
        *write_base_32(last, __atomic_fetch_add(&tempnam_number, 1, __ATOMIC_RELAXED)) = 0;
        copy_wide(wide_digits, digits);
        memcpy(end, wide_digits, (strlen(digits) + 1) * sizeof *name);
        if (!path_exists(name))
            return name;
    }
    crt_free(name);
    return NULL;
}

char *crt_tempnam(const char *directory, const char *prefix)
{
    struct file_name wide_directory, wide_prefix;
    char *name = NULL;

    if (!file_name_open(&wide_directory, directory ? directory : ""))
        return NULL;
    if (file_name_open(&wide_prefix, prefix ? prefix : "")) {
        WCHAR *wide = crt_wtempnam(wide_directory.text, wide_prefix.text);
        int size = wide ? WideCharToMultiByte(CP_ACP, 0, wide, -1, NULL, 0, NULL, NULL) : 0;
        if (size && (name = crt_malloc((size_t)size)))
            WideCharToMultiByte(CP_ACP, 0, wide, -1, name, size, NULL, NULL);
        crt_free(wide);
        file_name_close(&wide_prefix);
    }
    file_name_close(&wide_directory);
    return name;
}

/* The file is deleted when its last handle goes, however the program ends. */
static int open_temporary(WCHAR *path)
{
    WCHAR directory[MAX_PATH];
    if (!GetTempPathW(MAX_PATH, directory) || !GetTempFileNameW(directory, L"t", 0, path))
        return os_error_last();
    return crt_wsopen(path, CRT_O_CREAT | CRT_O_TRUNC | CRT_O_RDWR | CRT_O_BINARY | CRT_O_TEMPORARY,
                      CRT_SH_DENYNO, CRT_S_IREAD | CRT_S_IWRITE);
}

struct crt_file *crt_tmpfile(void)
{
    WCHAR path[MAX_PATH];
    int fd = open_temporary(path);
    struct crt_file *file = fd < 0 ? NULL : crt_wfdopen(fd, L"w+b");

    if (!file) {
        if (fd >= 0)
            crt_close(fd);
        return NULL;
    }
    int size = WideCharToMultiByte(CP_ACP, 0, path, -1, NULL, 0, NULL, NULL);
    file->temporary_name = crt_malloc((size_t)size);
    if (file->temporary_name)
        WideCharToMultiByte(CP_ACP, 0, path, -1, file->temporary_name, size, NULL, NULL);
    return file;
}

int crt_tmpfile_s(struct crt_file **file)
{
    if (!file)
        return crt_invalid_parameter(CRT_EINVAL);
    *file = crt_tmpfile();
    return *file ? 0 : *crt_errno();
}

static int close_temporary(struct crt_file *file)
{
    return file->temporary_name && stream_close(file) == 0;
}

int crt_rmtmp(void)
{
    return stream_for_each(close_temporary, STREAM_UPDATE);
}

/* The X's of a template such as "fileXXXXXX" become a letter and the process's number; 26 names and no more.
 */
static int fill_template(WCHAR *text)
{
    size_t length = wide_length(text);
    unsigned id = GetCurrentProcessId();

    if (length < 6)
        return CRT_EINVAL;
    for (size_t i = length - 6; i < length; i++)
        if (text[i] != 'X')
            return CRT_EINVAL;
    for (size_t i = length - 1; i > length - 6; i--, id /= 10)
        text[i] = (WCHAR)('0' + id % 10);
    for (WCHAR letter = 'a'; letter <= 'z'; letter++) {
        text[length - 6] = letter;
        if (!path_exists(text))
            return 0;
    }
    return CRT_EEXIST;
}

/* A text that is no template is a wrong parameter; to have used up all names is only an error. */
static int report_template(int error)
{
    if (error == CRT_EINVAL)
        return crt_invalid_parameter(error);
    if (error)
        crt_fail(error);
    return error;
}

WCHAR *crt_wmktemp(WCHAR *text)
{
    int error = text ? fill_template(text) : CRT_EINVAL;
    return report_template(error) ? NULL : text;
}

int crt_wmktemp_s(WCHAR *text, size_t size)
{
    if (!text || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    size_t length = 0;
    while (length < size && text[length])
        length++;
    int error = length < size ? fill_template(text) : CRT_EINVAL;
    if (error)
        text[0] = 0;
    return report_template(error);
}

/* The part that changes is ASCII and at the end, so the two forms of the name end alike. */
static int fill_narrow_template(char *text)
{
    struct file_name wide;
    if (!file_name_open(&wide, text))
        return *crt_errno();
    int error = fill_template(wide.text);
    if (!error) {
        size_t length = strlen(text), wide_end = wide_length(wide.text);
        for (int i = 1; i <= 6; i++)
            text[length - i] = (char)wide.text[wide_end - i];
    }
    file_name_close(&wide);
    return error;
}

char *crt_mktemp(char *text)
{
    int error = text ? fill_narrow_template(text) : CRT_EINVAL;
    return report_template(error) ? NULL : text;
}

int crt_mktemp_s(char *text, size_t size)
{
    if (!text || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    int error = strnlen(text, size) < size ? fill_narrow_template(text) : CRT_EINVAL;
    if (error)
        text[0] = 0;
    return report_template(error);
}
