/* uses: kernel/section_share.c kernel/shared_file.c kernel/shared_directory.c kernel/status.c */
/* How a process comes to the contents of another one's section, whatever the page says. */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernel/section_share.h"
#include <setjmp.h>
#include <cmocka.h>

static int make_memory(void)
{
    int descriptor = memfd_create("contents", MFD_CLOEXEC);
    assert_int_equal(ftruncate(descriptor, 8192), 0);
    assert_int_equal(write(descriptor, "memory", 6), 6);
    return descriptor;
}

static struct shared_file make_file(int descriptor)
{
    const struct section_contents contents = {
        .descriptor = descriptor, .size = 8192, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT};
    struct shared_file file;
    assert_int_equal(shared_file_create(SHARED_SECTION, &file), STATUS_SUCCESS);
    assert_int_equal(section_write(&contents, &file), STATUS_SUCCESS);
    assert_int_equal(file.contents, descriptor);
    file.contents = -1;
    return file;
}

static void check_found(const struct shared_file *file)
{
    struct section_contents contents;
    char text[6];
    assert_int_equal(section_read(file, &contents), STATUS_SUCCESS);
    assert_int_equal(contents.size, 8192);
    assert_int_equal(contents.protect, PAGE_READWRITE);
    assert_int_equal(contents.attributes, SEC_COMMIT);
    assert_int_equal(pread(contents.descriptor, text, 6, 0), 6);
    assert_memory_equal(text, "memory", 6);
    close(contents.descriptor);
}

static void check_lost(const struct shared_file *file)
{
    struct section_contents contents;
    assert_int_equal(section_read(file, &contents), STATUS_OBJECT_NAME_NOT_FOUND);
}

static void a_holder_leads_to_the_contents(void **state)
{
    int descriptor = make_memory();
    struct shared_file file = make_file(descriptor);
    check_found(&file);
    section_remove_holder(&file, descriptor);
    check_lost(&file);
    file.contents = descriptor;
    check_found(&file);
    close(descriptor);
    shared_file_close(&file);
}

/* The entry stays, and the number means something else. */
static void another_file_is_not_taken_for_the_contents(void **state)
{
    int descriptor = make_memory(), ends[2];
    struct shared_file file = make_file(descriptor);
    static const char *const others[] = {"/dev/null", "/proc/self/exe", "/dev"};
    for (unsigned i = 0; i < ARRAYSIZE(others); i++) {
        int other = open(others[i], O_RDONLY | O_CLOEXEC);
        assert_int_equal(dup3(other, descriptor, O_CLOEXEC), descriptor);
        close(other);
        check_lost(&file);
    }
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup3(ends[0], descriptor, O_CLOEXEC), descriptor);
    close(ends[0]);
    check_lost(&file); /* and opening a pipe has not waited */
    close(ends[1]);
    close(descriptor);
    check_lost(&file);
    shared_file_close(&file);
}

static void any_holder_will_do(void **state)
{
    int descriptor = make_memory(), last = make_memory();
    struct shared_file file = make_file(descriptor);
    for (int i = 0; i < 20; i++)
        section_enter_holder(&file, getpid(), 1000 + i);
    section_enter_holder(&file, getpid(), dup3(descriptor, last, O_CLOEXEC));
    close(descriptor);
    check_found(&file);
    close(last);
    check_lost(&file);
    shared_file_close(&file);
}

/* More than there is room for: those who have ended make place. */
static void entries_are_used_again(void **state)
{
    int descriptor = make_memory(), status;
    struct shared_file file = make_file(descriptor);
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    assert_int_equal(waitpid(child, &status, 0), child);
    section_remove_holder(&file, descriptor);
    for (int i = 0; i < 3000; i++)
        section_enter_holder(&file, child, i);
    check_lost(&file);
    section_enter_holder(&file, getpid(), descriptor);
    check_found(&file);
    close(descriptor);
    shared_file_close(&file);
}

static void pages_of_any_bytes_lead_nowhere(void **state)
{
    int descriptor = make_memory();
    struct shared_file file = make_file(descriptor);
    for (unsigned seed = 0; seed < 3; seed++) {
        static const uint32_t patterns[] = {0, 0xffffffff, 0x7fffffff};
        for (unsigned i = 0; i < SHARED_WORDS; i++)
            file.page->words[i] = patterns[seed];
        check_lost(&file);
    }
    close(descriptor);
    shared_file_close(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_holder_leads_to_the_contents),
        cmocka_unit_test(another_file_is_not_taken_for_the_contents),
        cmocka_unit_test(any_holder_will_do),
        cmocka_unit_test(entries_are_used_again),
        cmocka_unit_test(pages_of_any_bytes_lead_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
