/* DLLs that others have built, from the program's folder: zlib1.dll, which is imported, and
 * libwinpthread-1.dll, which is loaded. */
#include "check.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What zlib's header declares. */
__declspec(dllimport) const char *zlibVersion(void);
__declspec(dllimport) int compress(BYTE *to, ULONG *to_size, const BYTE *from, ULONG from_size);
__declspec(dllimport) int uncompress(BYTE *to, ULONG *to_size, const BYTE *from, ULONG from_size);
__declspec(dllimport) ULONG compressBound(ULONG size);
__declspec(dllimport) ULONG crc32(ULONG crc, const BYTE *data, unsigned size);
__declspec(dllimport) void *gzopen(const char *path, const char *mode);
__declspec(dllimport) int gzwrite(void *file, const void *data, unsigned size);
__declspec(dllimport) int gzread(void *file, void *data, unsigned size);
__declspec(dllimport) int gzprintf(void *file, const char *format, ...);
__declspec(dllimport) int gzclose(void *file);

enum { Z_OK = 0, Z_DATA_ERROR = -3, Z_BUF_ERROR = -5, LENGTH = 300000 };

static BYTE text[LENGTH], again[LENGTH];

static void fill(void)
{
    uint32_t state = 1;

    for (int i = 0; i < LENGTH; i++) {
        state = state * 1664525 + 1013904223;
        text[i] = "abcdefgh"[state >> 29];
    }
}

static int is_beside_program(const char *name)
{
    char path[MAX_PATH], program[MAX_PATH];

    if (!GetModuleFileNameA(GetModuleHandleA(name), path, MAX_PATH))
        return 0;
    GetModuleFileNameA(NULL, program, MAX_PATH);
    *strrchr(path, '\\') = *strrchr(program, '\\') = 0;
    return _stricmp(path, program) == 0;
}

TEST(where_they_come_from)
{
    CHECK(is_beside_program("zlib1.dll"));
    CHECK(zlibVersion()[0] == '1' && zlibVersion()[1] == '.');
}

TEST(there_and_back)
{
    ULONG packed_size = compressBound(LENGTH), size = LENGTH;
    BYTE *packed = malloc(packed_size);

    CHECK_EQ(crc32(0, (const BYTE *)"123456789", 9), 0xCBF43926);
    CHECK_EQ(compress(packed, &packed_size, text, LENGTH), Z_OK);
    CHECK(packed_size < LENGTH / 2);
    CHECK_EQ(uncompress(again, &size, packed, packed_size), Z_OK);
    CHECK_EQ(size, LENGTH);
    CHECK_MEM(again, text, LENGTH);
    size = LENGTH - 1;
    CHECK_EQ(uncompress(again, &size, packed, packed_size), Z_BUF_ERROR);
    /* The last byte belongs to the checksum. */
    packed[packed_size - 1] ^= 0x55;
    size = LENGTH;
    CHECK_EQ(uncompress(again, &size, packed, packed_size), Z_DATA_ERROR);
    free(packed);
}

TEST(through_a_file)
{
    static const char last[] = "last line 42 0.50\n";
    void *file = gzopen("native.gz", "wb9");

    CHECK(file != NULL);
    CHECK_EQ(gzwrite(file, text, LENGTH), LENGTH);
    CHECK_EQ(gzprintf(file, "last %s %d %.2f\n", "line", 42, 0.5), sizeof last - 1);
    CHECK_EQ(gzclose(file), Z_OK);
    file = gzopen("native.gz", "rb");
    memset(again, 0, LENGTH);
    CHECK(file != NULL);
    CHECK_EQ(gzread(file, again, LENGTH), LENGTH);
    CHECK_MEM(again, text, LENGTH);
    memset(again, 0, 100);
    CHECK_EQ(gzread(file, again, 100), sizeof last - 1);
    CHECK_STR((char *)again, last);
    CHECK_EQ(gzclose(file), Z_OK);
    CHECK(DeleteFileA("native.gz"));
}

/* Libwinpthread-1.dll */

static struct {
    int(__cdecl *create)(ULONG_PTR *thread, const void *attributes, void *(__cdecl *function)(void *),
                         void *);
    int(__cdecl *join)(ULONG_PTR thread, void **result);
    int(__cdecl *lock)(intptr_t *mutex);
    int(__cdecl *unlock)(intptr_t *mutex);
    int(__cdecl *trylock)(intptr_t *mutex);
    int(__cdecl *wait)(intptr_t *condition, intptr_t *mutex);
    int(__cdecl *signal)(intptr_t *condition);
    int(__cdecl *key_create)(unsigned *key, void(__cdecl *destroy)(void *));
    int(__cdecl *set)(unsigned key, const void *value);
    void *(__cdecl *get)(unsigned key);
} threads;

/* A mutex and a condition that have not been used are -1. */
static intptr_t mutex = -1, condition = -1;
static unsigned key;
static int turn, destroyed;
static LONG total;

static void find_threads(HMODULE module)
{
    static const char *const names[] = {
        "pthread_create",        "pthread_join",       "pthread_mutex_lock",  "pthread_mutex_unlock",
        "pthread_mutex_trylock", "pthread_cond_wait",  "pthread_cond_signal", "pthread_key_create",
        "pthread_setspecific",   "pthread_getspecific"};

    for (int i = 0; i < 10; i++) {
        ((FARPROC *)&threads)[i] = GetProcAddress(module, names[i]);
        if (!CHECK(((FARPROC *)&threads)[i] != NULL))
            check_note(names[i]);
    }
}

static void __cdecl destroy(void *value)
{
    destroyed += *(int *)value;
}

static void *__cdecl count(void *own)
{
    CHECK_PTR(threads.get(key), NULL);
    CHECK_EQ(threads.set(key, own), 0);
    for (int i = 0; i < 1000; i++) {
        threads.lock(&mutex);
        total++;
        threads.unlock(&mutex);
    }
    CHECK_PTR(threads.get(key), own);
    return own;
}

static void *__cdecl take_turns(void *unused)
{
    (void)unused;
    for (int i = 0; i < 100; i++) {
        threads.lock(&mutex);
        while (turn % 2 == 0)
            threads.wait(&condition, &mutex);
        turn++;
        threads.signal(&condition);
        threads.unlock(&mutex);
    }
    return NULL;
}

TEST(threads_of_another_library)
{
    HMODULE module = LoadLibraryA("libwinpthread-1");
    ULONG_PTR all[4], other;
    int own[4] = {1, 2, 3, 4};
    void *result;

    CHECK(is_beside_program("libwinpthread-1"));
    find_threads(module);
    CHECK_EQ(threads.key_create(&key, destroy), 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(threads.create(&all[i], NULL, count, &own[i]), 0);
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(threads.join(all[i], &result), 0);
        CHECK_PTR(result, &own[i]);
    }
    CHECK_EQ(total, 4000);
    CHECK_EQ(destroyed, 10);

    CHECK_EQ(threads.create(&other, NULL, take_turns, NULL), 0);
    for (int i = 0; i < 100; i++) {
        threads.lock(&mutex);
        while (turn % 2 == 1)
            threads.wait(&condition, &mutex);
        turn++;
        threads.signal(&condition);
        threads.unlock(&mutex);
    }
    CHECK_EQ(threads.join(other, NULL), 0);
    CHECK_EQ(turn, 200);
}

int main(void)
{
    fill();
    RUN(where_they_come_from);
    RUN(there_and_back);
    RUN(through_a_file);
    RUN(threads_of_another_library);
    return CHECK_END();
}
