/* Threads of several processes that make, find and lose sections of a few names
 * at once, while other processes that have them are terminated: whoever asks
 * for a name gets it, and one memory with all who have it. */
#include "other_process.h"
#include "storm.h"

enum { THREADS = 4, NAMES = 3 };

static char prefix[40]; /* of the names of this run */

static void use(struct storm_thread *self, const char *name, HANDLE section)
{
    volatile LONG *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), *same;
    HANDLE again = OpenFileMappingA(FILE_MAP_WRITE, FALSE, name);
    volatile LONG *place = &view[64 * self->index];

    STORM_CHECK(view && again);
    same = MapViewOfFile(again, FILE_MAP_WRITE, 0, 0, 0);
    STORM_CHECK(same);
    if (view && same) {
        LONG sum = InterlockedExchangeAdd(place, 3) + 3;
        STORM_CHECK(same[64 * self->index] >= sum);
        UnmapViewOfFile((void *)view);
        UnmapViewOfFile((void *)same);
    }
    CloseHandle(again);
}

static void names(struct storm_thread *self)
{
    char name[64];

    while (storm_next(self)) {
        snprintf(name, sizeof name, "%s %u", prefix, storm_random(self) % NAMES);
        storm_at(self, "creating a section");
        HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x1000, name);
        STORM_CHECK(section);
        storm_at(self, "using it");
        if (section)
            use(self, name, section);
        storm_at(self, "closing it");
        STORM_CHECK(CloseHandle(section));
    }
}

static void victims(struct storm_thread *self)
{
    PROCESS_INFORMATION process;
    char role[80];

    snprintf(role, sizeof role, "1000000000 \"%s\"", prefix);
    while (storm_next(self)) {
        storm_at(self, "starting a process");
        start(role, 0, &process);
        Sleep(storm_random(self) % 64);
        storm_at(self, "terminating it");
        finish(&process);
    }
}

static DWORD WINAPI run_victims(void *unused)
{
    struct storm_thread self = {.rest = storm_share(1, 400), .random = 7};

    victims(&self);
    return unused != NULL;
}

int main(int count, char **arguments)
{
    DWORD code = 1;
    PROCESS_INFORMATION companion;
    char role[80];

    storm_length(count, arguments);
    GetModuleFileNameA(NULL, program, sizeof program);
    if (count > 2) { /* one of the other processes */
        snprintf(prefix, sizeof prefix, "%s", arguments[2]);
        STORM(names, THREADS, 2);
        return check_failed != 0;
    }
    snprintf(prefix, sizeof prefix, "name storm %lu", GetCurrentProcessId());
    snprintf(role, sizeof role, "%ld \"%s\"", storm_operations, prefix);
    start(role, 0, &companion);
    HANDLE thread = CreateThread(NULL, 0, run_victims, NULL, 0, NULL);
    STORM(names, THREADS, 2);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(companion.hProcess, INFINITE), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(companion.hProcess, &code));
    CHECK_EQ(code, 0);
    forget(&companion);
    CloseHandle(thread);
    return CHECK_END();
}
