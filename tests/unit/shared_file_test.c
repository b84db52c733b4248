/* uses: kernel/shared_file.c kernel/shared_directory.c kernel/status.c */
/* Files of shared objects: who has a name, what is left of those who have ended, and what is refused. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernel/shared_directory.h"
#include "kernel/shared_file.h"
#include <setjmp.h>
#include <cmocka.h>

static char parent[] = "/dev/shm/litewin-test-XXXXXX";
static char directory[64];

static const struct shared_name name = {L"name", 4, false};

static NTSTATUS open_name(const struct shared_name *which, bool create, struct shared_file *file,
                          bool *is_new)
{
    NTSTATUS status = shared_file_open(which, create, SHARED_EVENT, file, is_new);
    if (!status)
        shared_file_unlock(file);
    return status;
}

static struct shared_file make_name(const struct shared_name *which)
{
    struct shared_file file;
    bool is_new = false;
    assert_int_equal(open_name(which, true, &file, &is_new), STATUS_SUCCESS);
    assert_true(is_new);
    return file;
}

static unsigned files(void)
{
    unsigned count = 0;
    DIR *entries = opendir(directory);
    for (struct dirent *entry; entries && (entry = readdir(entries));)
        count += entry->d_name[0] != '.';
    if (entries)
        closedir(entries);
    return count;
}

/* The only file's path. */
static void path_of_file(char path[128])
{
    DIR *entries = opendir(directory);
    for (struct dirent *entry; (entry = readdir(entries));)
        if (entry->d_name[0] != '.')
            snprintf(path, 128, "%s/%.32s", directory, entry->d_name);
    closedir(entries);
}

static void a_name_is_found_and_ends_with_its_last_holder(void **state)
{
    struct shared_file first = make_name(&name), second, third;
    bool is_new = true;
    first.page->words[0] = 17;
    assert_int_equal(first.page->kind, SHARED_EVENT);
    assert_int_equal(open_name(&name, true, &second, &is_new), STATUS_SUCCESS);
    assert_false(is_new);
    assert_int_equal(second.page->words[0], 17);
    shared_file_close(&first);
    assert_int_equal(open_name(&name, false, &third, &is_new), STATUS_SUCCESS);
    shared_file_close(&second);
    assert_int_equal(files(), 1);
    shared_file_close(&third);
    assert_int_equal(files(), 0);
    assert_int_equal(open_name(&name, false, &third, &is_new), STATUS_OBJECT_NAME_NOT_FOUND);
}

static void names_differ_by_case_and_directory(void **state)
{
    static const struct shared_name others[] = {
        {L"Name", 4, false}, {L"name", 4, true}, {L"name", 3, false}, {L"names", 5, false}};
    struct shared_file file = make_name(&name), other;
    bool is_new;
    for (unsigned i = 0; i < ARRAYSIZE(others); i++)
        assert_int_equal(open_name(&others[i], false, &other, &is_new), STATUS_OBJECT_NAME_NOT_FOUND);
    shared_file_close(&file);
}

static void a_name_may_be_long(void **state)
{
    static WCHAR characters[32766];
    for (unsigned i = 0; i < ARRAYSIZE(characters); i++)
        characters[i] = 'a' + i % 26;
    const struct shared_name whole = {characters, ARRAYSIZE(characters), true};
    struct shared_file file = make_name(&whole), again;
    WCHAR *read = malloc(sizeof characters);
    bool is_new;
    assert_int_equal(open_name(&whole, false, &again, &is_new), STATUS_SUCCESS);
    assert_true(shared_file_read_name(&again, again.page->name_length, read));
    assert_memory_equal(read, characters, sizeof characters);
    free(read);
    shared_file_close(&file);
    shared_file_close(&again);
}

/* A process that has the name until it is killed. */
static pid_t hold_in_child(void)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct shared_file file;
        bool is_new;
        NTSTATUS status = open_name(&name, true, &file, &is_new);
        byte = status == STATUS_SUCCESS;
        if (write(ready[1], &byte, 1) == 1)
            pause();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 1);
    close(ready[0]);
    close(ready[1]);
    return child;
}

static void kill_child(pid_t child)
{
    int status;
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
}

static void what_a_killed_process_leaves_is_as_good_as_nothing(void **state)
{
    struct shared_file file;
    bool is_new = true;
    pid_t child = hold_in_child();
    assert_int_equal(open_name(&name, false, &file, &is_new), STATUS_SUCCESS);
    file.page->words[3] = 5;
    shared_file_close(&file);
    assert_int_equal(files(), 1);
    kill_child(child);
    assert_int_equal(files(), 1);
    assert_int_equal(open_name(&name, false, &file, &is_new), STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(files(), 0);
    kill_child(hold_in_child());
    file = make_name(&name);
    assert_int_equal(file.page->words[3], 0);
    shared_file_close(&file);
}

static void a_name_outlives_whoever_is_killed(void **state)
{
    struct shared_file file = make_name(&name), again;
    bool is_new;
    kill_child(hold_in_child());
    assert_int_equal(open_name(&name, false, &again, &is_new), STATUS_SUCCESS);
    shared_file_close(&file);
    shared_file_close(&again);
}

/* The first to make a name in another process sweeps. */
static void what_is_left_is_swept(void **state)
{
    int status;
    kill_child(hold_in_child());
    assert_int_equal(files(), 1);
    pid_t child = fork();
    if (child == 0) {
        struct shared_file file;
        static const struct shared_name other = {L"other", 5, false};
        bool is_new;
        _exit(open_name(&other, true, &file, &is_new) ? 100 : files());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 1);
}

static void a_descriptor_keeps_the_name_on_its_way(void **state)
{
    struct shared_file file = make_name(&name), adopted, again;
    bool is_new;
    int given = shared_file_give(&file);
    assert_true(given >= 0);
    file.page->words[1] = 9;
    shared_file_close(&file);
    assert_int_equal(open_name(&name, false, &again, &is_new), STATUS_SUCCESS);
    shared_file_close(&again);
    assert_int_equal(shared_file_adopt(given, SHARED_MUTEX, &adopted), STATUS_OBJECT_TYPE_MISMATCH);
    assert_int_equal(shared_file_adopt(given, SHARED_EVENT, &adopted), STATUS_SUCCESS);
    close(given);
    assert_int_equal(adopted.page->words[1], 9);
    assert_int_equal(open_name(&name, false, &again, &is_new), STATUS_SUCCESS);
    shared_file_close(&again);
    shared_file_close(&adopted);
    assert_int_equal(files(), 0);
}

static void a_file_without_a_name_is_handed_over(void **state)
{
    struct shared_file file, adopted;
    assert_int_equal(shared_file_create(SHARED_MUTEX, &file), STATUS_SUCCESS);
    assert_int_equal(file.page->name_length, 0);
    file.page->words[SHARED_WORDS - 1] = 3;
    int given = shared_file_give(&file);
    shared_file_close(&file);
    assert_int_equal(shared_file_adopt(given, SHARED_MUTEX, &adopted), STATUS_SUCCESS);
    close(given);
    assert_int_equal(adopted.page->words[SHARED_WORDS - 1], 3);
    shared_file_close(&adopted);
}

static void check_refused(int descriptor)
{
    struct shared_file file;
    assert_int_equal(shared_file_adopt(descriptor, SHARED_EVENT, &file), STATUS_INVALID_HANDLE);
    close(descriptor);
}

static int memory_of(size_t size, uint32_t version, uint32_t kind, uint32_t name_length)
{
    struct shared_page page = {.version = version, .kind = kind, .name_length = name_length};
    int descriptor = memfd_create("hostile", MFD_CLOEXEC);
    size_t whole = size < sizeof page ? size : sizeof page;
    assert_int_equal(write(descriptor, &page, whole), whole);
    assert_int_equal(ftruncate(descriptor, size), 0);
    return descriptor;
}

static void what_is_no_such_file_is_refused(void **state)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    check_refused(-1);
    check_refused(ends[0]);
    check_refused(ends[1]);
    check_refused(open("/dev/null", O_RDWR | O_CLOEXEC));
    check_refused(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    check_refused(memory_of(0, 1, SHARED_EVENT, 0));
    check_refused(memory_of(100, 1, SHARED_EVENT, 0));
    check_refused(memory_of(4095, 1, SHARED_EVENT, 0));
    check_refused(memory_of(4096, 0, SHARED_EVENT, 0));
    check_refused(memory_of(4096, 2, SHARED_EVENT, 0));
    check_refused(memory_of(4097, 1, SHARED_EVENT, 0));
    check_refused(memory_of(4096, 1, SHARED_EVENT, 1));
    check_refused(memory_of(4096, 1, SHARED_EVENT, 0x7fffffff));
    check_refused(memory_of(4096, 1, SHARED_EVENT, 0x80000000));
    check_refused(memory_of(4096, 1, SHARED_EVENT, 0xffffffff));
    struct shared_file file;
    int whole = memory_of(4096, 1, SHARED_EVENT, 0);
    assert_int_equal(shared_file_adopt(whole, SHARED_EVENT, &file), STATUS_SUCCESS);
    close(whole);
    shared_file_close(&file);
}

/* What a name's file holds that somebody spoilt, who has it. */
static void check_spoilt(off_t size, off_t offset, uint8_t byte)
{
    struct shared_file file = make_name(&name), again;
    const uint64_t hash = file.page->hash;
    bool is_new;
    assert_int_equal(ftruncate(file.descriptor, size), 0);
    if (offset < size)
        assert_int_equal(pwrite(file.descriptor, &byte, 1, offset), 1);
    assert_int_equal(open_name(&name, false, &again, &is_new), STATUS_OBJECT_NAME_COLLISION);
    assert_int_equal(open_name(&name, true, &again, &is_new), STATUS_OBJECT_NAME_COLLISION);
    assert_int_equal(ftruncate(file.descriptor, 4096), 0);
    file.page->hash = hash;
    file.page->name_length = 4;
    shared_file_close(&file);
    assert_int_equal(files(), 0);
}

static void a_spoilt_file_is_refused(void **state)
{
    check_spoilt(0, 0, 0);
    check_spoilt(1, 0, 1);
    check_spoilt(4096, 0, 1);
    check_spoilt(4096 + 6, 0, 1);
    check_spoilt(4096 + 10, 0, 1);
    check_spoilt(4096 + 8, 0, 7);
    check_spoilt(4096 + 8, offsetof(struct shared_page, name_length), 5);
    check_spoilt(4096 + 8, offsetof(struct shared_page, global), 1);
    check_spoilt(4096 + 8, 4096 + 2, 'x');
}

/* Contents of any kind that nobody holds do not matter. */
static void an_abandoned_file_is_made_anew(void **state)
{
    char path[128];
    struct shared_file file = make_name(&name);
    bool is_new;
    path_of_file(path);
    shared_file_close(&file);
    for (int create = 0; create < 2; create++) {
        int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        assert_int_equal(write(descriptor, "anything", 8), 8);
        close(descriptor);
        assert_int_equal(open_name(&name, create, &file, &is_new),
                         create ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND);
    }
    assert_true(is_new);
    shared_file_close(&file);
    assert_int_equal(files(), 0);
}

static void a_link_is_not_followed(void **state)
{
    char path[128];
    struct shared_file file = make_name(&name);
    bool is_new;
    path_of_file(path);
    shared_file_close(&file);
    assert_int_equal(symlink("/dev/null", path), 0);
    assert_int_not_equal(open_name(&name, true, &file, &is_new), STATUS_SUCCESS);
    assert_int_not_equal(open_name(&name, false, &file, &is_new), STATUS_SUCCESS);
    unlink(path);
}

static void check_directory_refused(NTSTATUS expected)
{
    struct shared_file file;
    bool is_new;
    assert_int_equal(open_name(&name, true, &file, &is_new), expected);
    assert_int_equal(open_name(&name, false, &file, &is_new), expected);
}

static void a_directory_that_is_not_private_is_refused(void **state)
{
    static const mode_t modes[] = {0701, 0710, 0750, 0755, 0777};
    for (unsigned i = 0; i < ARRAYSIZE(modes); i++) {
        assert_int_equal(chmod(directory, modes[i]), 0);
        check_directory_refused(STATUS_ACCESS_DENIED);
    }
    assert_int_equal(rmdir(directory), 0);
    assert_int_equal(symlink("/tmp", directory), 0);
    check_directory_refused(STATUS_ACCESS_DENIED);
    assert_int_equal(unlink(directory), 0);
    int file = open(directory, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    check_directory_refused(STATUS_ACCESS_DENIED);
    close(file);
    assert_int_equal(unlink(directory), 0);
    struct shared_file again = make_name(&name);
    shared_file_close(&again);
}

static void there_may_be_no_place_for_names(void **state)
{
    struct shared_file file;
    bool is_new;
    setenv("LITEWIN_NAMES", "/dev/null", 1);
    assert_int_equal(open_name(&name, true, &file, &is_new), STATUS_OBJECT_PATH_NOT_FOUND);
    assert_int_equal(open_name(&name, false, &file, &is_new), STATUS_OBJECT_NAME_NOT_FOUND);
    setenv("LITEWIN_NAMES", "/dev/shm/there is no such directory", 1);
    assert_int_equal(open_name(&name, true, &file, &is_new), STATUS_OBJECT_PATH_NOT_FOUND);
    assert_int_equal(open_name(&name, false, &file, &is_new), STATUS_OBJECT_NAME_NOT_FOUND);
    setenv("LITEWIN_NAMES", parent, 1);
}

static int begin(void **state)
{
    if (!mkdtemp(parent))
        return -1;
    setenv("LITEWIN_NAMES", parent, 1);
    snprintf(directory, sizeof directory, "%s/litewin-%u", parent, (unsigned)geteuid());
    return 0;
}

static int end(void **state)
{
    return rmdir(directory) || rmdir(parent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_is_swept),
        cmocka_unit_test(a_name_is_found_and_ends_with_its_last_holder),
        cmocka_unit_test(names_differ_by_case_and_directory),
        cmocka_unit_test(a_name_may_be_long),
        cmocka_unit_test(what_a_killed_process_leaves_is_as_good_as_nothing),
        cmocka_unit_test(a_name_outlives_whoever_is_killed),
        cmocka_unit_test(a_descriptor_keeps_the_name_on_its_way),
        cmocka_unit_test(a_file_without_a_name_is_handed_over),
        cmocka_unit_test(what_is_no_such_file_is_refused),
        cmocka_unit_test(a_spoilt_file_is_refused),
        cmocka_unit_test(an_abandoned_file_is_made_anew),
        cmocka_unit_test(a_link_is_not_followed),
        cmocka_unit_test(a_directory_that_is_not_private_is_refused),
        cmocka_unit_test(there_may_be_no_place_for_names),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
