/* The environment as C programs see it: two vectors of "NAME=value" strings, narrow and wide. Each is made
 * from the process's environment when it is first asked for, and _putenv keeps both and the process's
 * environment in step. SetEnvironmentVariable does not change them, as on Windows. */
#include <stdlib.h>
#include <strings.h>
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/environ.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lock.h"
#include "dlls/msvcrt/thread_data.h"
#include "dlls/msvcrt/wcsstring.h"
#include "kernel/upcase.h"

/* _environ and _wenviron, and what __initenv and __winitenv keep of their first values. */
char ***crt_environ;
WCHAR ***crt_wenviron;

/* The strings that a vector is made with share its block; those put in later have their own. */
struct made_vector {
    void *block;
    const char *end;
    void **grown; /* the vector in use, once it has outgrown its block */
};

static struct made_vector narrow_block, wide_block;

/* Variables that begin with '=' hold the drives' current directories and are kept from C programs. */
static const WCHAR *first_variable(const WCHAR *block)
{
    while (*block == '=')
        block += crt_wcslen(block) + 1;
    return block;
}

static size_t count_variables(const WCHAR *block, size_t *characters)
{
    size_t count = 0;
    const WCHAR *p = block;
    for (; *p; p += crt_wcslen(p) + 1)
        count++;
    *characters = p - block;
    return count;
}

static char **make_narrow(const WCHAR *variables, size_t count, size_t characters)
{
    int bytes =
        characters ? WideCharToMultiByte(CP_ACP, 0, variables, (int)characters, NULL, 0, NULL, NULL) : 0;
    char **vector = crt_malloc((count + 1) * sizeof *vector + bytes);
    if (!vector)
        return NULL;
    char *string = (char *)(vector + count + 1);
    if (bytes)
        WideCharToMultiByte(CP_ACP, 0, variables, (int)characters, string, bytes, NULL, NULL);
    narrow_block = (struct made_vector){vector, string + bytes, NULL};
    for (size_t i = 0; i < count; i++) {
        vector[i] = string;
        string += strlen(string) + 1;
    }
    vector[count] = NULL;
    return vector;
}

static WCHAR **make_wide(const WCHAR *variables, size_t count, size_t characters)
{
    WCHAR **vector = crt_malloc((count + 1) * sizeof *vector + characters * sizeof(WCHAR));
    if (!vector)
        return NULL;
    WCHAR *string = (WCHAR *)(vector + count + 1);
    memcpy(string, variables, characters * sizeof *string);
    wide_block = (struct made_vector){vector, (char *)(string + characters), NULL};
    for (size_t i = 0; i < count; i++) {
        vector[i] = string;
        string += crt_wcslen(string) + 1;
    }
    vector[count] = NULL;
    return vector;
}

char **narrow_environment(void)
{
    crt_lock(CRT_LOCK_ENVIRONMENT);
    WCHAR *block;
    if (!*crt_environ && (block = GetEnvironmentStringsW()) != NULL) {
        size_t characters;
        const WCHAR *variables = first_variable(block);
        size_t count = count_variables(variables, &characters);
        *crt_environ = make_narrow(variables, count, characters);
        FreeEnvironmentStringsW(block);
    }
    crt_unlock(CRT_LOCK_ENVIRONMENT);
    return *crt_environ;
}

WCHAR **wide_environment(void)
{
    crt_lock(CRT_LOCK_ENVIRONMENT);
    WCHAR *block;
    if (!*crt_wenviron && (block = GetEnvironmentStringsW()) != NULL) {
        size_t characters;
        const WCHAR *variables = first_variable(block);
        size_t count = count_variables(variables, &characters);
        *crt_wenviron = make_wide(variables, count, characters);
        FreeEnvironmentStringsW(block);
    }
    crt_unlock(CRT_LOCK_ENVIRONMENT);
    return *crt_wenviron;
}

char ***crt_p_environ(void)
{
    narrow_environment();
    return crt_environ;
}

/* Unlike the narrow one, the wide vector is not there before a wide function has made it. */
WCHAR ***crt_p_wenviron(void)
{
    return crt_wenviron;
}

static bool narrow_names(const void *string, const void *name, size_t length)
{
    const char *variable = string;
    bool begins_alike = ((*variable ^ *(const char *)name) | 0x20) == 0x20; /* which few do */
    return begins_alike && strncasecmp(variable, name, length) == 0 && variable[length] == '=';
}

static bool wide_names(const void *string, const void *name, size_t length)
{
    const WCHAR *variable = string;
    const WCHAR *equals = crt_wcschr(variable, '=');
    return equals && upcase_equal(variable, equals - variable, name, length);
}

typedef bool names_function(const void *string, const void *name, size_t length);

/* The variable's place, or the NULL at the vector's end. */
static void **find(void **vector, names_function *names, const void *name, size_t length)
{
    while (*vector && !names(*vector, name, length))
        vector++;
    return vector;
}

static void free_string(const struct made_vector *made, void *string)
{
    if ((char *)string < (char *)made->block || (char *)string >= made->end)
        crt_free(string);
}

static void remove_string(void **place, const struct made_vector *made)
{
    free_string(made, *place);
    do
        place[0] = place[1];
    while (*place++);
}

/* The vector grows into memory of its own, so that no string moves. */
static bool append_string(void ***vector, struct made_vector *made, void *string)
{
    size_t count = 0;
    while ((*vector)[count])
        count++;
    void **larger = crt_malloc((count + 2) * sizeof *larger);
    if (!larger)
        return false;
    memcpy(larger, *vector, count * sizeof *larger);
    larger[count] = string;
    larger[count + 1] = NULL;
    if (*vector == made->grown)
        crt_free(made->grown);
    made->grown = *vector = larger;
    return true;
}

/* Puts `string` in the vector, or takes the variable out where `string` is NULL. A vector that does not
 * exist yet will be made from the process's environment, which already says the same. */
static bool change(void ***vector, struct made_vector *made, names_function *names, const void *name,
                   size_t length, void *string)
{
    if (!*vector) {
        crt_free(string);
        return true;
    }
    void **place = find(*vector, names, name, length);
    if (*place && !string) {
        remove_string(place, made);
    } else if (*place) {
        free_string(made, *place);
        *place = string;
    } else if (string && !append_string(vector, made, string)) {
        crt_free(string);
        return false;
    }
    return true;
}

static char *narrow_copy(const WCHAR *string)
{
    int size = WideCharToMultiByte(CP_ACP, 0, string, -1, NULL, 0, NULL, NULL);
    char *copy = crt_malloc(size);
    if (copy)
        WideCharToMultiByte(CP_ACP, 0, string, -1, copy, size, NULL, NULL);
    return copy;
}

static WCHAR *wide_copy(const char *string)
{
    int size = MultiByteToWideChar(CP_ACP, 0, string, -1, NULL, 0);
    WCHAR *copy = crt_malloc(size * sizeof *copy);
    if (copy)
        MultiByteToWideChar(CP_ACP, 0, string, -1, copy, size);
    return copy;
}

/* `wide` and `narrow` are the same "NAME=value" in memory of their own; an empty value removes. */
static bool put_variable(WCHAR *wide, char *narrow)
{
    WCHAR *equals = crt_wcschr(wide, '=');
    size_t wide_length = equals - wide, narrow_length = strchr(narrow, '=') - narrow;
    bool keep = equals[1] != 0;
    *equals = 0;
    if (!SetEnvironmentVariableW(wide, keep ? equals + 1 : NULL) && keep) {
        crt_free(wide);
        crt_free(narrow);
        return false;
    }
    *equals = '=';
    bool done = change((void ***)crt_environ, &narrow_block, narrow_names, narrow, narrow_length,
                       keep ? narrow : NULL);
    done &= change((void ***)crt_wenviron, &wide_block, wide_names, wide, wide_length, keep ? wide : NULL);
    if (!keep) {
        crt_free(wide);
        crt_free(narrow);
    }
    return done;
}

/* Takes the two copies over; either may be NULL for lack of memory. */
static int put_copies(WCHAR *wide, char *narrow)
{
    if (!wide || !narrow) {
        crt_free(wide);
        crt_free(narrow);
        return -1;
    }
    crt_lock(CRT_LOCK_ENVIRONMENT);
    bool done = put_variable(wide, narrow);
    crt_unlock(CRT_LOCK_ENVIRONMENT);
    return done ? 0 : -1;
}

int crt_putenv(const char *assignment)
{
    if (!assignment || !strchr(assignment, '=') || *assignment == '=') {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    WCHAR *wide = wide_copy(assignment);
    return put_copies(wide, wide ? narrow_copy(wide) : NULL);
}

int crt_wputenv(const WCHAR *assignment)
{
    if (!assignment || !crt_wcschr(assignment, '=') || *assignment == '=') {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    wide_environment();
    return put_copies(crt_wcsdup(assignment), narrow_copy(assignment));
}

int crt_wputenv_s(const WCHAR *name, const WCHAR *value)
{
    if (!name || !value || !*name || crt_wcschr(name, '='))
        return crt_invalid_parameter(CRT_EINVAL);
    wide_environment();
    size_t name_length = crt_wcslen(name), value_length = crt_wcslen(value);
    WCHAR *wide = crt_malloc((name_length + value_length + 2) * sizeof *wide);
    if (!wide)
        return CRT_ENOMEM;
    memcpy(wide, name, name_length * sizeof *wide);
    wide[name_length] = '=';
    memcpy(wide + name_length + 1, value, (value_length + 1) * sizeof *wide);
    return put_copies(wide, narrow_copy(wide)) == 0 ? 0 : crt_thread.error;
}

int crt_putenv_s(const char *name, const char *value)
{
    if (!name || !value)
        return crt_invalid_parameter(CRT_EINVAL);
    WCHAR *wide_name = wide_copy(name), *wide_value = wide_copy(value);
    int error = wide_name && wide_value ? crt_wputenv_s(wide_name, wide_value) : CRT_ENOMEM;
    crt_free(wide_name);
    crt_free(wide_value);
    return error;
}

char *crt_getenv(const char *name)
{
    if (!name) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    size_t length = strlen(name);
    crt_lock(CRT_LOCK_ENVIRONMENT);
    void **vector = (void **)narrow_environment();
    char *found = vector && length ? *find(vector, narrow_names, name, length) : NULL;
    crt_unlock(CRT_LOCK_ENVIRONMENT);
    return found ? found + length + 1 : NULL;
}

WCHAR *crt_wgetenv(const WCHAR *name)
{
    if (!name) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    size_t length = crt_wcslen(name);
    crt_lock(CRT_LOCK_ENVIRONMENT);
    void **vector = (void **)wide_environment();
    WCHAR *found = vector && length ? *find(vector, wide_names, name, length) : NULL;
    crt_unlock(CRT_LOCK_ENVIRONMENT);
    return found ? found + length + 1 : NULL;
}

/* `needed` is 0 where there is no such variable. */
int crt_getenv_s(size_t *needed, char *buffer, size_t size, const char *name)
{
    if (!needed || (!buffer && size) || !name)
        return crt_invalid_parameter(CRT_EINVAL);
    const char *value = crt_getenv(name);
    *needed = value ? strlen(value) + 1 : 0;
    if (size)
        *buffer = 0;
    if (!value || !size)
        return 0;
    if (*needed > size)
        return crt_thread.error = CRT_ERANGE;
    memcpy(buffer, value, *needed);
    return 0;
}

int crt_wgetenv_s(size_t *needed, WCHAR *buffer, size_t size, const WCHAR *name)
{
    if (!needed || (!buffer && size) || !name)
        return crt_invalid_parameter(CRT_EINVAL);
    const WCHAR *value = crt_wgetenv(name);
    *needed = value ? crt_wcslen(value) + 1 : 0;
    if (size)
        *buffer = 0;
    if (!value || !size)
        return 0;
    if (*needed > size)
        return crt_thread.error = CRT_ERANGE;
    memcpy(buffer, value, *needed * sizeof *buffer);
    return 0;
}
