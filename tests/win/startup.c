/* What has happened before main: constructors, tables of initialisers, arguments, the C library's variables.
 */
#include "check.h"
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* Data of the DLL that no header declares. */
__declspec(dllimport) extern char *_acmdln;

static char order[16];

static void note(char c)
{
    size_t length = strlen(order);

    order[length] = c;
    order[length + 1] = 0;
}

__attribute__((constructor(200))) static void later_constructor(void)
{
    note('2');
}

__attribute__((constructor(150))) static void earlier_constructor(void)
{
    note('1');
}

static int c_initializer(void)
{
    note('c');
    return 0;
}

static void cpp_initializer(void)
{
    note('p');
}

/* Microsoft's compiler fills the same tables: first those of C, then those of C++. */
__attribute__((section(".CRT$XIM"), used)) static int (*const in_c_table)(void) = c_initializer;
__attribute__((section(".CRT$XCM"), used)) static void (*const in_cpp_table)(void) = cpp_initializer;

TEST(the_order_of_initialisers)
{
    size_t at_c = strcspn(order, "c"), at_p = strcspn(order, "p");

    CHECK_EQ(strlen(order), 4);
    CHECK(at_c < at_p);
    CHECK(strstr(order, "12") != NULL || strstr(order, "1p2") != NULL);
}

TEST(the_c_librarys_variables)
{
    char path[MAX_PATH];

    GetModuleFileNameA(NULL, path, MAX_PATH);
    CHECK_EQ(__argc, 1);
    CHECK(__argv != NULL && __argv[0] != NULL && __argv[1] == NULL);
    CHECK(strstr(__argv[0], "startup") != NULL);
    CHECK_EQ(_stricmp(_pgmptr, path), 0);
    CHECK_STR(_acmdln, GetCommandLineA());
    CHECK(_environ != NULL && _environ[0] != NULL);
    CHECK_EQ(_fmode, 0);
}

static int reported;

static void __cdecl report(const WCHAR *expression, const WCHAR *function, const WCHAR *file, unsigned line,
                           uintptr_t reserved)
{
    (void)expression, (void)function, (void)file, (void)line, (void)reserved;
    reported++;
}

TEST(the_handler_of_invalid_parameters)
{
    _invalid_parameter_handler (*set)(_invalid_parameter_handler) =
        (void *)GetProcAddress(GetModuleHandleA("msvcrt"), "_set_invalid_parameter_handler");

    /* Only later versions of the DLL have it. */
    if (set) {
        _invalid_parameter_handler before = set(report);

        CHECK_PTR(set(before), report);
    }
    CHECK_EQ(reported, 0);
}

static int counted_frames(int depth)
{
    volatile char frame[4000];

    frame[0] = (char)depth;
    return depth ? counted_frames(depth - 1) + 1 + frame[0] * 0 : 0;
}

TEST(the_stack_is_as_large_as_the_header_says)
{
    IMAGE_DOS_HEADER *dos = (IMAGE_DOS_HEADER *)GetModuleHandleW(NULL);
    IMAGE_NT_HEADERS *headers = (IMAGE_NT_HEADERS *)((BYTE *)dos + dos->e_lfanew);
    MEMORY_BASIC_INFORMATION region;
    NT_TIB *tib = (NT_TIB *)NtCurrentTeb();

    VirtualQuery(&region, &region, sizeof region);
    CHECK_EQ((ULONG_PTR)tib->StackBase - (ULONG_PTR)region.AllocationBase,
             headers->OptionalHeader.SizeOfStackReserve);
    /* A megabyte is used. */
    CHECK_EQ(counted_frames(256), 256);
    VirtualQuery((void *)tib->StackLimit, &region, sizeof region);
    CHECK_EQ(region.State, MEM_COMMIT);
    CHECK_EQ(region.Protect & ~PAGE_GUARD, PAGE_READWRITE);
}

static __attribute__((aligned(64))) char aligned_data[64] = {1};

TEST(alignment)
{
    __attribute__((aligned(32))) volatile char local[32];

    local[0] = 0;
    CHECK_EQ((ULONG_PTR)local & 31, 0);
    CHECK_EQ((ULONG_PTR)aligned_data & 63, 0);
    CHECK_EQ(local[0], 0);
}

int main(int argc, char **argv, char **environment)
{
    CHECK_EQ(argc, 1);
    CHECK_PTR(argv[argc], NULL);
    CHECK(environment != NULL && environment[0] != NULL && strchr(environment[0], '=') != NULL);
    RUN(the_order_of_initialisers);
    RUN(the_c_librarys_variables);
    RUN(the_handler_of_invalid_parameters);
    RUN(the_stack_is_as_large_as_the_header_says);
    RUN(alignment);
    return CHECK_END();
}
