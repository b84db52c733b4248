/* uses: kernel/registry_read.c kernel/registry_write.c kernel/registry_tree.c kernel/registry_replay.c
 * kernel/registry_compact.c kernel/registry_journal.c kernel/utf.c kernel/upcase.c kernel/status.c */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "kernel/registry_compact.h"
#include "kernel/registry_journal.h"
#include "kernel/registry_machine.h"
#include "kernel/utf.h"

/* What is of the machine is not tried here. */
bool registry_add_machine(struct registry_key *root)
{
    return true;
}

static struct registry_key *root;
static struct registry_journal journal;
static char path[64];

static int begin(void **state)
{
    strcpy(path, "/tmp/registry_testXXXXXX");
    close(mkstemp(path));
    root = registry_tree_create();
    journal = (struct registry_journal){.path = path, .replay.root = root, .complained = true};
    registry_journal_rewind(&journal);
    return 0;
}

static int end(void **state)
{
    registry_replay_forget_key(&journal.replay);
    registry_tree_free(root);
    return unlink(path);
}

static void add(const void *text, size_t size)
{
    int file = open(path, O_WRONLY | O_APPEND);
    assert_int_equal(write(file, text, size), size);
    close(file);
}

static void add_text(const char *text)
{
    add(text, strlen(text));
}

static enum registry_journal_state look_and_read(void)
{
    struct stat status;
    enum registry_journal_state state = registry_journal_look(&journal, &status);
    if (state == JOURNAL_REPLACED)
        registry_journal_rewind(&journal);
    assert_true(registry_journal_read(&journal, &status));
    return state;
}

static struct registry_key *find(const WCHAR *name)
{
    struct registry_key *key = registry_key_find(root, L"machine", 7);
    return registry_key_find(key, name, utf16_length(name));
}

/* NULL: there is no such value. */
static const void *data_of(const WCHAR *key, const WCHAR *name, ULONG type, size_t size)
{
    struct registry_key *found = find(key);
    assert_non_null(found);
    size_t length = utf16_length(name);
    const struct registry_value *value =
        registry_value_find(found, name, length, registry_name_hash(name, length));
    if (!value)
        return NULL;
    assert_int_equal(value->type, type);
    assert_int_equal(value->size, size);
    return value->data;
}

static void reads_what_people_write(void **state)
{
    add_text("\xef\xbb\xbfWindows Registry Editor Version 5.00\r\n\r\n; a comment\r\n"
             "[HKEY_LOCAL_MACHINE\\A]\r\n  @ = \"text\"\r\n\"number\"=dword:2A\r\n"
             "\"bytes\"=hex:01,02,\\\r\n  03\r\n\"lines\"=\"a\nb\"\r\n[HKLM\\B\\C]\n[-HKLM\\b]\n[HKLM\\D]\n");
    look_and_read();
    assert_memory_equal(data_of(L"A", L"", REG_SZ, 10), L"text", 10);
    assert_memory_equal(data_of(L"a", L"NUMBER", REG_DWORD, 4), "\x2a\0\0", 4);
    assert_memory_equal(data_of(L"a", L"bytes", REG_BINARY, 3), "\1\2\3", 3);
    assert_memory_equal(data_of(L"a", L"lines", REG_SZ, 8), L"a\nb", 8);
    assert_null(find(L"B"));
    assert_non_null(find(L"D"));
}

static void leaves_out_broken_lines(void **state)
{
    add_text("\"no "
             "key\"=\"x\"\n[HKLM\\A]\n\"a\"=\"open\n\"b\"=\"good\"\n\"c\"=hex:1g\n\"d\"=dword:"
             "123456789\nnonsense\n"
             "[HKEY_NOWHERE\\X]\n\"lost\"=\"x\"\n[HKLM\\A]\n[HKLM\\x\n[]\n[-]\n[HKLM\\\\\\A]\n[HKLM\\A]"
             "\n\"e\"=\"good\"\n");
    look_and_read();
    assert_non_null(data_of(L"A", L"b", REG_SZ, 10));
    assert_non_null(data_of(L"A", L"e", REG_SZ, 10));
    assert_null(data_of(L"A", L"a", 0, 0));
    assert_null(data_of(L"A", L"c", 0, 0));
    assert_null(data_of(L"A", L"d", 0, 0));
    assert_null(data_of(L"A", L"lost", 0, 0));
}

/* A writer that is killed leaves the beginning of a line, wherever that ends. */
static void cut_lines_say_nothing(void **state)
{
    static const char line[] = "\"cut\"=hex(7):61,00,00,00";
    add_text("[HKLM\\A]\n");
    look_and_read();
    for (size_t size = 1; size < sizeof line; size++) {
        add(line, size);
        look_and_read();
        struct registry_bytes lines = {0};
        int file = open(path, O_RDWR | O_APPEND);
        registry_write_value(&lines, L"next", 4, REG_DWORD, &size, 4);
        assert_int_equal(registry_journal_append(&journal, file, find(L"a"), &lines), STATUS_SUCCESS);
        close(file);
        free(lines.bytes);
        assert_null(data_of(L"A", L"cut", 0, 0));
        assert_memory_equal(data_of(L"A", L"next", REG_DWORD, 4), &size, 4);
    }
    registry_journal_rewind(&journal);
    registry_key_remove(find(L"A"));
    look_and_read();
    assert_null(data_of(L"A", L"cut", 0, 0));
    assert_non_null(data_of(L"A", L"next", REG_DWORD, 4));
}

static void last_lines_need_no_end(void **state)
{
    add_text("[HKLM\\A]\n\"a\"=\"x\"");
    look_and_read();
    assert_non_null(data_of(L"A", L"a", REG_SZ, 4));
    add_text("\n\"b\"=dword:00000001");
    assert_int_equal(look_and_read(), JOURNAL_GROWN);
    assert_non_null(data_of(L"A", L"b", REG_DWORD, 4));
    assert_int_equal(look_and_read(), JOURNAL_UNCHANGED);
}

static void exports_of_windows_are_read(void **state)
{
    static const WCHAR text[] =
        L"\xfeffWindows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\A]\r\n"
        L"\"\x4e2d\"=\"\xd83d\xde00\"\r\n";
    add_text("[HKLM\\B]\n");
    add(text, sizeof text - sizeof *text);
    look_and_read();
    assert_non_null(find(L"B"));
    assert_memory_equal(data_of(L"A", L"\x4e2d", REG_SZ, 6), L"\xd83d\xde00", 6);
    assert_true(registry_is_worth_compacting(&journal));
}

static void an_edited_file_is_noticed(void **state)
{
    add_text("[HKLM\\A]\n\"a\"=\"1\"\n");
    look_and_read();
    assert_int_equal(truncate(path, 0), 0);
    add_text("[HKLM\\A]\n\"aa\"=\"22\"\n\"b\"=\"3\"\n");
    assert_int_equal(look_and_read(), JOURNAL_GROWN);
    assert_int_equal(look_and_read(), JOURNAL_REPLACED);
    assert_non_null(data_of(L"A", L"b", REG_SZ, 4));
}

static uint32_t random_word(void)
{
    static uint32_t word = 1;
    word = word * 1664525 + 1013904223;
    return word >> 8;
}

/* Units that mean something in the files, and some of every kind. */
static WCHAR random_unit(bool in_key)
{
    static const WCHAR units[] = L"]\"\\\n\r\0@=-[;, a\xd800\xdc00\xe9\x20ac\xffff\x7f";
    WCHAR unit = units[random_word() % (ARRAYSIZE(units) - 1)];
    return in_key && unit == '\\' ? '/' : unit;
}

static size_t random_text(WCHAR *text, size_t most, bool in_key)
{
    size_t length = random_word() % most + in_key;
    for (size_t i = 0; i < length; i++)
        text[i] = random_unit(in_key);
    return length;
}

static void fill(struct registry_key *parent, unsigned depth)
{
    WCHAR name[16], data[16];
    for (int i = 0; i < 6; i++) {
        size_t length = random_text(name, 8, false), size = random_text(data, 8, false);
        ULONG type = random_word() % 3 ? REG_SZ : random_word() % 14;
        if (random_word() % 2)
            data[size++] = 0;
        registry_value_set(parent, name, length, type, data, size * 2 - (random_word() % 8 == 0 && size));
    }
    for (int i = 0; depth && i < 3; i++) {
        struct registry_key *key = registry_key_add(parent, name, random_text(name, 8, true));
        fill(key, depth - 1);
    }
}

static void everything_comes_back(void **state)
{
    struct registry_key *machine = registry_key_find(root, L"Machine", 7);
    fill(registry_key_add(machine, L"A", 1), 3);
    struct registry_bytes text = {0}, again = {0};
    registry_write_difference(&text, NULL, root);
    add(text.bytes, text.size);

    struct registry_key *other = registry_tree_create();
    struct registry_journal copy = {.path = path, .replay.root = other};
    registry_journal_rewind(&copy);
    struct stat status;
    registry_journal_look(&copy, &status);
    assert_true(registry_journal_read(&copy, &status));
    registry_write_difference(&again, other, root);
    assert_int_equal(again.size, 0);
    registry_write_difference(&again, root, other);
    assert_int_equal(again.size, 0);
    assert_false(copy.complained);
    registry_replay_forget_key(&copy.replay);
    registry_tree_free(other);
    free(text.bytes);
    free(again.bytes);
}

static void differences_lead_from_one_to_the_other(void **state)
{
    add_text("[HKLM\\A]\n\"x\"=\"1\"\n\"y\"=\"2\"\n[HKLM\\A\\gone]\n\"z\"=\"3\"\n");
    look_and_read();
    struct registry_key *other = registry_tree_create();
    struct registry_bytes text = {0};
    struct registry_replay replay = {.root = other};
    struct registry_reader reader = {.line = 1};
    struct registry_entry entry;
    registry_key_add(registry_key_find(other, L"Machine", 7), L"A", 1);
    registry_write_difference(&text, root, other);
    reader.at = text.bytes;
    reader.end = text.bytes + text.size;
    replay.root = root;
    while (registry_read(&reader, &entry) == REGISTRY_READ_ENTRY)
        assert_int_equal(registry_apply(&replay, &entry), REGISTRY_APPLIED);
    assert_null(data_of(L"A", L"x", 0, 0));
    assert_int_equal(find(L"A")->child_count, 0);
    registry_replay_forget_key(&replay);
    registry_reader_free(&reader);
    registry_tree_free(other);
    free(text.bytes);
}

static void a_long_journal_is_shortened(void **state)
{
    char line[64];
    add_text("[HKLM\\A]\n");
    for (int i = 0; i < 4000; i++) {
        snprintf(line, sizeof line, "\"value\"=dword:%08x\n", i);
        add_text(line);
    }
    look_and_read();
    struct registry_journal none = {0};
    assert_true(registry_is_worth_compacting(&journal));
    assert_true(registry_compact(&journal, &none, root));
    assert_int_equal(look_and_read(), JOURNAL_REPLACED);
    assert_true(journal.status.st_size < 200);
    assert_memory_equal(data_of(L"A", L"value", REG_DWORD, 4), "\x9f\x0f\0", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_what_people_write, begin, end),
        cmocka_unit_test_setup_teardown(leaves_out_broken_lines, begin, end),
        cmocka_unit_test_setup_teardown(cut_lines_say_nothing, begin, end),
        cmocka_unit_test_setup_teardown(last_lines_need_no_end, begin, end),
        cmocka_unit_test_setup_teardown(exports_of_windows_are_read, begin, end),
        cmocka_unit_test_setup_teardown(an_edited_file_is_noticed, begin, end),
        cmocka_unit_test_setup_teardown(everything_comes_back, begin, end),
        cmocka_unit_test_setup_teardown(differences_lead_from_one_to_the_other, begin, end),
        cmocka_unit_test_setup_teardown(a_long_journal_is_shortened, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
