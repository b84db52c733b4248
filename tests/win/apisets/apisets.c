/* API sets: names of contracts that stand for whichever DLL fulfils them. */
#include "check.h"
#include <string.h>

static int runs;

static BOOL CALLBACK run_once(INIT_ONCE *once, void *parameter, void **context)
{
    (void)once, (void)parameter, (void)context;
    runs++;
    return TRUE;
}

TEST(an_import_by_the_name_of_a_set)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;

    CHECK(InitOnceExecuteOnce(&once, run_once, NULL, NULL));
    CHECK(InitOnceExecuteOnce(&once, run_once, NULL, NULL));
    CHECK_EQ(runs, 1);
}

TEST(loading_a_set)
{
    static const char *const names[] = {"api-ms-win-core-synch-l1-2-0.dll", "api-ms-win-core-synch-l1-2-0",
                                        "API-MS-Win-Core-Synch-L1-2-0.DLL",
                                        "api-ms-win-core-synch-l1-1-0.dll",
                                        "api-ms-win-core-file-l1-1-0.dll"};
    WCHAR path[MAX_PATH];

    for (int i = 0; i < 5; i++) {
        HMODULE set = LoadLibraryA(names[i]);

        if (!CHECK(set != NULL))
            check_note(names[i]);
        /* It is the module itself that answers, under its own name. */
        CHECK(GetModuleFileNameW(set, path, MAX_PATH) > 0);
        CHECK(wcsstr(_wcslwr(path), L"api-ms") == NULL);
        CHECK_PTR(GetModuleHandleA(names[i]), set);
        CHECK(FreeLibrary(set));
    }
    CHECK_PTR(LoadLibraryExA("api-ms-win-core-file-l1-1-0.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32),
              LoadLibraryA("api-ms-win-core-file-l1-1-0.dll"));
}

TEST(functions_of_a_set)
{
    HMODULE set = LoadLibraryA("api-ms-win-core-processthreads-l1-1-0.dll");
    DWORD(WINAPI * process_id)(void) = (void *)GetProcAddress(set, "GetCurrentProcessId");

    CHECK(process_id != NULL && process_id() == GetCurrentProcessId());
}

TEST(sets_that_are_not_there)
{
    CHECK_ERROR(LoadLibraryA("api-ms-win-no-such-set-l1-1-0.dll") == NULL, ERROR_MOD_NOT_FOUND);
    CHECK_ERROR(LoadLibraryA("ext-ms-win-no-such-set-l1-1-0") == NULL, ERROR_MOD_NOT_FOUND);
    CHECK_ERROR(LoadLibraryA("api-ms-win-core-synch") == NULL, ERROR_MOD_NOT_FOUND);
    CHECK_ERROR(GetModuleHandleA("api-ms-win-no-such-set-l1-1-0.dll") == NULL, ERROR_MOD_NOT_FOUND);
}

int main(void)
{
    RUN(an_import_by_the_name_of_a_set);
    RUN(loading_a_set);
    RUN(functions_of_a_set);
    RUN(sets_that_are_not_there);
    return CHECK_END();
}
