/* uses: kernel/path.c kernel/path_places.c kernel/path_case.c kernel/directory_reader.c kernel/utf.c
 * kernel/upcase.c kernel/status.c */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernel/path.h"
#include "kernel/utf.h"
#include <cmocka.h>

static char workplace[] = "/tmp/litewin-path-XXXXXX";

#define LENGTH(text) (sizeof(text) / sizeof(WCHAR) - 1)

/* Helpers */

static void assert_wide(const WCHAR *actual, const WCHAR *expected)
{
    char a[1024] = "", e[1024] = "";
    utf8_from_utf16(a, sizeof a - 1, actual, utf16_length(actual), UTF_REPLACE);
    utf8_from_utf16(e, sizeof e - 1, expected, utf16_length(expected), UTF_REPLACE);
    assert_string_equal(a, e);
}

static void assert_host(const WCHAR *path, const char *expected)
{
    struct host_path host;
    assert_int_equal(path_to_host(path, utf16_length(path), &host), STATUS_SUCCESS);
    assert_string_equal(host.name, expected);
}

static void assert_refused(const WCHAR *path, NTSTATUS expected)
{
    struct host_path host;
    assert_int_equal(path_to_host(path, utf16_length(path), &host), expected);
}

static void assert_kind(const WCHAR *path, enum path_kind kind, const char *name)
{
    struct host_path host;
    assert_int_equal(path_to_host(path, utf16_length(path), &host), STATUS_SUCCESS);
    assert_int_equal(host.kind, kind);
    assert_string_equal(host.name, name);
}

static void assert_full(const WCHAR *path, const WCHAR *expected, const WCHAR *name)
{
    WCHAR full[512];
    size_t offset, length = path_full(path, utf16_length(path), full, ARRAYSIZE(full), &offset);
    assert_in_range(length, 1, ARRAYSIZE(full) - 1);
    assert_wide(full, expected);
    assert_wide(offset ? full + offset : L"", name);
}

static void make_file(const char *name)
{
    int descriptor = open(name, O_WRONLY | O_CREAT, 0666);
    assert_true(descriptor >= 0);
    close(descriptor);
}

static NTSTATUS correct(const WCHAR *path, struct host_path *host)
{
    assert_int_equal(path_to_host(path, utf16_length(path), host), STATUS_SUCCESS);
    return path_correct_case(host);
}

static void assert_corrected(const WCHAR *path, const char *expected)
{
    struct host_path host;
    assert_int_equal(correct(path, &host), STATUS_SUCCESS);
    assert_string_equal(host.name, expected);
}

static void assert_missing(const WCHAR *path, NTSTATUS expected)
{
    struct host_path host;
    assert_int_equal(correct(path, &host), expected);
}

/* Windows to host */

static void absolute_paths(void **state)
{
    assert_host(L"C:\\", "/");
    assert_host(L"c:/", "/");
    assert_host(L"Z:\\etc\\passwd", "/etc/passwd");
    assert_host(L"C:/etc\\\\passwd", "/etc/passwd");
    assert_host(L"C:\\etc\\..\\usr\\.\\bin\\", "/usr/bin");
    assert_host(L"C:\\..\\..\\etc", "/etc");
    assert_host(L"C:\\a.\\b...", "/a/b");
    assert_host(L"C:\\a\\b . .", "/a/b");
    assert_host(L"\\etc\\passwd", "/etc/passwd");
    assert_host(L"/etc/passwd", "/etc/passwd");
    assert_host(L"C:\\a\\file::$Data", "/a/file");
    assert_host(L"C:\\\x00e9\xd83d\xde00", "/\xc3\xa9\xf0\x9f\x98\x80");
}

static void literal_paths(void **state)
{
    assert_host(L"\\\\?\\C:\\etc\\passwd", "/etc/passwd");
    assert_host(L"\\??\\C:\\etc\\passwd", "/etc/passwd");
    assert_host(L"\\\\?\\C:\\dots...", "/dots...");
    assert_host(L"\\\\?\\C:\\", "/");
    assert_host(L"\\\\.\\C:\\etc\\..\\tmp", "/tmp");
    assert_host(L"\\\\?\\Volume{6c697465-7769-6e00-0000-000000000043}\\etc", "/etc");
    assert_refused(L"\\\\?\\C:\\a\\..\\b", STATUS_OBJECT_NAME_INVALID);
    assert_refused(L"\\\\?\\C:\\a\\\\b", STATUS_OBJECT_NAME_INVALID);
    assert_refused(L"\\\\?\\C:\\a/b", STATUS_OBJECT_NAME_INVALID);
    assert_refused(L"\\\\?\\a\\b", STATUS_OBJECT_PATH_NOT_FOUND);
}

static void relative_paths(void **state)
{
    char expected[PATH_MAX];
    assert_host(L"name.txt", "name.txt");
    assert_host(L".\\a\\..\\b/c", "b/c");
    assert_host(L".", ".");
    assert_host(L"a\\..", ".");
    assert_host(L"C:name", (snprintf(expected, sizeof expected, "%s/name", workplace), expected));
    assert_host(L"Z:tmp", "/tmp");
    assert_host(L"..\\x", "/tmp/x");
    assert_host(L"..\\..\\..\\x", "/x");
}

static void final_separators(void **state)
{
    struct host_path host;
    path_to_host(L"C:\\etc\\", 7, &host);
    assert_true(host.directory_only);
    assert_string_equal(host.name, "/etc");
    path_to_host(L"dir/", 4, &host);
    assert_true(host.directory_only);
    assert_string_equal(host.name, "dir");
    path_to_host(L"dir", 3, &host);
    assert_false(host.directory_only);
}

static void refused_paths(void **state)
{
    WCHAR long_name[300], long_path[5000];
    assert_refused(L"", STATUS_OBJECT_PATH_NOT_FOUND);
    assert_refused(L"Q:\\a", STATUS_OBJECT_PATH_NOT_FOUND);
    assert_refused(L"\\\\server\\share\\file", STATUS_BAD_NETWORK_PATH);
    assert_refused(L"//server/share", STATUS_BAD_NETWORK_PATH);
    assert_refused(L"\\\\localhost\\share\\file", STATUS_BAD_NETWORK_PATH);
    assert_refused(L"\\\\localhost", STATUS_BAD_NETWORK_PATH);
    assert_refused(L"\\\\?\\UNC\\server\\share", STATUS_BAD_NETWORK_PATH);
    assert_refused(L"a*b", STATUS_OBJECT_NAME_INVALID);
    assert_refused(L"a?", STATUS_OBJECT_NAME_INVALID);
    assert_refused(L"C:\\a<b\\c", STATUS_OBJECT_NAME_INVALID);
    assert_refused(L"a\tb", STATUS_OBJECT_NAME_INVALID);
    assert_refused(L"file:stream", STATUS_OBJECT_NAME_INVALID);
    for (size_t i = 0; i < ARRAYSIZE(long_name); i++)
        long_name[i] = 'x';
    struct host_path host;
    assert_int_equal(path_to_host(long_name, 255, &host), STATUS_SUCCESS);
    assert_int_equal(path_to_host(long_name, 256, &host), STATUS_OBJECT_NAME_INVALID);
    for (size_t i = 0; i < ARRAYSIZE(long_path); i++)
        long_path[i] = i % 100 ? 'x' : '\\';
    assert_int_equal(path_to_host(long_path, 4000, &host), STATUS_SUCCESS);
    assert_int_equal(path_to_host(long_path, 4096, &host), STATUS_NAME_TOO_LONG);
    /* Long as it is given, short as it is meant. */
    for (size_t i = 0; i < ARRAYSIZE(long_path); i += 5)
        memcpy(long_path + i, L"\\a\\..", 10);
    assert_int_equal(path_to_host(long_path, 5000, &host), STATUS_SUCCESS);
    assert_string_equal(host.name, "/");
}

static void devices(void **state)
{
    assert_kind(L"NUL", PATH_NUL, "/dev/null");
    assert_kind(L"nul:", PATH_NUL, "/dev/null");
    assert_kind(L"C:\\anywhere\\nul", PATH_NUL, "/dev/null");
    assert_kind(L"\\\\.\\NUL", PATH_NUL, "/dev/null");
    assert_kind(L"con", PATH_CONSOLE, "/dev/tty");
    assert_kind(L"CONIN$", PATH_CONSOLE_INPUT, "/dev/tty");
    assert_kind(L"conout$", PATH_CONSOLE_OUTPUT, "/dev/tty");
    assert_kind(L"\\\\.\\CONOUT$", PATH_CONSOLE_OUTPUT, "/dev/tty");
    assert_kind(L"aux ", PATH_DEVICE, "");
    assert_kind(L"COM1", PATH_DEVICE, "");
    assert_kind(L"LPT\xb9", PATH_DEVICE, "");
    assert_kind(L"\\\\.\\PhysicalDrive0", PATH_DEVICE, "");
    assert_kind(L"\\\\.\\C:", PATH_VOLUME, "/");
    assert_kind(L"\\\\.\\pipe\\some\\name", PATH_PIPE, "some\\name");
    assert_kind(L"\\\\localhost\\pipe\\some\\name", PATH_PIPE, "some\\name");
    assert_kind(L"\\\\.\\pipe\\", PATH_PIPE, "");
    assert_kind(L"aux.c", PATH_FILE, "aux.c");
    assert_kind(L"src\\con", PATH_FILE, "src/con");
    assert_kind(L"COM0", PATH_FILE, "COM0");
    assert_kind(L"nulx", PATH_FILE, "nulx");
}

static void places(void **state)
{
    assert_host(L"C:\\Windows\\System32\\kernel32.dll", "/opt/litewin/lib/x86_64/kernel32.dll");
    assert_host(L"c:/windows/SYSTEM32", "/opt/litewin/lib/x86_64");
    assert_host(L"C:\\Windows", "/opt/litewin/lib");
    assert_host(L"C:\\Windows\\win.ini", "/opt/litewin/lib/win.ini");
    assert_host(L"C:\\Windows\\Temp\\x", "/tmp/x");
    assert_host(L"C:\\Windowsx", "/Windowsx");
    assert_host(L"Z:\\Windows\\System32", "/Windows/System32");
    assert_host(L"C:\\Users\\me\\file", "/home/me/file");
    assert_host(L"C:\\Users", "/home");
}

static void drives(void **state)
{
    assert_int_equal(path_set_drive('x', "/etc"), STATUS_SUCCESS);
    assert_host(L"X:\\passwd", "/etc/passwd");
    assert_host(L"x:\\..\\..", "/etc");
    assert_string_equal(path_drive_directory('X'), "/etc");
    assert_int_equal(path_drives(), 1 << 2 | 1 << 25 | 1 << 23);
    assert_refused(L"Y:\\passwd", STATUS_OBJECT_PATH_NOT_FOUND);
    assert_int_equal(path_set_drive('Y', "/nowhere"), STATUS_OBJECT_PATH_NOT_FOUND);
    assert_int_equal(path_set_drive('1', "/"), STATUS_INVALID_PARAMETER);
}

/* Host to Windows */

static void assert_from_host(const char *host, const WCHAR *expected)
{
    WCHAR path[512];
    size_t length = path_from_host(host, path, ARRAYSIZE(path));
    assert_int_equal(length, utf16_length(expected));
    assert_memory_equal(path, expected, (length + 1) * sizeof(WCHAR));
}

static void from_host(void **state)
{
    assert_from_host("/", L"C:\\");
    assert_from_host("/usr/lib", L"C:\\usr\\lib");
    assert_from_host("/opt/litewin/lib/x86_64/a.dll", L"C:\\Windows\\System32\\a.dll");
    assert_from_host("/opt/litewin/lib/x86_64", L"C:\\Windows\\System32");
    assert_from_host("/opt/litewin/lib/x86_64a", L"C:\\opt\\litewin\\lib\\x86_64a");
    assert_from_host("/a\\b:c", L"C:\\a\xf05c"
                                L"b\xf03a"
                                L"c");
    assert_from_host("/dot./blank /..", L"C:\\dot\xf02e\\blank\xf020\\..");
    assert_from_host("/\xff", L"C:\\\xdcff");
    WCHAR small[8];
    assert_int_equal(path_from_host("/usr/lib", small, ARRAYSIZE(small)), 10);
}

static void every_name_leads_back(void **state)
{
    char name[64], path[80];
    WCHAR wide[256], windows[300];
    unsigned seed = 12345;
    for (int round = 0; round < 20000; round++) {
        size_t length = 1 + round % 60;
        for (size_t i = 0; i < length; i++) {
            do {
                seed = seed * 1103515245 + 12345;
                name[i] = (char)(seed >> 16);
            } while (!name[i] || name[i] == '/');
        }
        name[length] = '\0';
        if (!strcmp(name, ".") || !strcmp(name, ".."))
            continue;
        size_t units = path_name_from_host(name, length, wide);
        memcpy(windows, L"C:\\", 6);
        memcpy(windows + 3, wide, units * 2);
        struct host_path host;
        assert_int_equal(path_to_host(windows, units + 3, &host), STATUS_SUCCESS);
        snprintf(path, sizeof path, "/%s", name);
        assert_string_equal(host.name, path);
    }
}

/* Full paths */

static void full_paths(void **state)
{
    assert_full(L"C:\\a\\b", L"C:\\a\\b", L"b");
    assert_full(L"C:/a//b/", L"C:\\a\\b\\", L"");
    assert_full(L"C:\\a\\.\\..\\b.", L"C:\\b", L"b");
    assert_full(L"C:\\..", L"C:\\", L"");
    assert_full(L"C:\\a\\b\\..", L"C:\\a", L"a");
    assert_full(L"C:\\a\\b\\..\\", L"C:\\a\\", L"");
    assert_full(L"\\x", L"C:\\x", L"x");
    assert_full(L"a*?.c", L"C:\\tmp\\PLACE\\a*?.c", L"a*?.c");
    assert_full(L"C:rel", L"C:\\tmp\\PLACE\\rel", L"rel");
    assert_full(L"D:rel", L"D:\\rel", L"rel");
    assert_full(L"..\\up", L"C:\\tmp\\up", L"up");
    assert_full(L"nul", L"\\\\.\\nul", L"");
    assert_full(L"\\\\server/share\\a\\..\\..\\b", L"\\\\server\\share\\b", L"b");
    assert_full(L"\\\\.\\C:\\a\\..\\b", L"\\\\.\\C:\\b", L"b");
    assert_full(L"\\\\?\\C:\\a\\..\\b", L"\\\\?\\C:\\b", L"b");
    WCHAR small[4];
    assert_int_equal(path_full(L"C:\\a", 4, small, 4, NULL), 4);
    assert_int_equal(path_full(L"C:\\", 3, small, 4, NULL), 3);
}

static void current_directory(void **state)
{
    WCHAR text[300];
    size_t length = path_current_directory(text, ARRAYSIZE(text));
    assert_int_equal(length, utf16_length(text));
    mkdir("Sub", 0777);
    assert_int_equal(path_set_current_directory(L"sub", 3), STATUS_SUCCESS);
    assert_full(L"x", L"C:\\tmp\\PLACE\\sub\\x", L"x");
    assert_host(L"x", "x");
    assert_int_equal(path_set_current_directory(L"C:\\", 3), STATUS_SUCCESS);
    assert_host(L"Windows\\System32", "/opt/litewin/lib/x86_64");
    assert_host(L"..\\a", "/a");
    assert_int_equal(path_set_current_directory(L"C:\\nowhere\\x", 12), STATUS_OBJECT_PATH_NOT_FOUND);
    assert_int_equal(path_set_current_directory(L"nowhere", 7), STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(path_set_current_directory(L"etc\\passwd", 10), STATUS_NOT_A_DIRECTORY);
    assert_int_equal(path_set_current_directory(text, length), STATUS_SUCCESS);
}

/* Case */

static void other_case(void **state)
{
    char long_path[PATH_MAX];
    mkdir("Dir", 0777);
    make_file("Dir/File.TXT");
    make_file("Dir/\xc3\x84pfel");
    assert_corrected(L"Dir\\file.txt", "Dir/File.TXT");
    assert_corrected(L"dIR\\FILE.txt", "Dir/File.TXT");
    assert_corrected(L"dir\\File.TXT", "Dir/File.TXT");
    assert_corrected(L"dir\\\xe4PFEL", "Dir/\xc3\x84pfel");
    snprintf(long_path, sizeof long_path, "%s/Dir/File.TXT", workplace);
    assert_corrected(L"..\\PLACE\\dir\\file.txt", long_path);
}

static void missing(void **state)
{
    mkdir("Dir", 0777);
    make_file("Dir/File.TXT");
    assert_missing(L"none", STATUS_OBJECT_NAME_NOT_FOUND);
    assert_missing(L"none\\x", STATUS_OBJECT_PATH_NOT_FOUND);
    assert_missing(L"none\\x\\y", STATUS_OBJECT_PATH_NOT_FOUND);
    assert_missing(L"dir\\none", STATUS_OBJECT_NAME_NOT_FOUND);
    assert_missing(L"Dir\\File.TXT\\x", STATUS_OBJECT_PATH_NOT_FOUND);
    struct host_path host;
    /* What is created there gets into the directory that exists. */
    correct(L"dir\\New", &host);
    assert_string_equal(host.name, "Dir/New");
    assert_int_equal(symlink("nowhere", "Dangling"), 0);
    assert_missing(L"Dangling", STATUS_OBJECT_NAME_NOT_FOUND);
    assert_corrected(L"dangling", "Dangling");
}

static void changes_are_seen(void **state)
{
    mkdir("Changing", 0777);
    for (int i = 0; i < 50; i++) {
        /* Settled readings rest on the mtime, so a change must be found at once. */
        struct timespec old[2] = {{.tv_sec = 1000000 + i}, {.tv_sec = 1000000 + i}};
        utimensat(AT_FDCWD, "Changing", old, 0);
        assert_missing(L"changing\\file", STATUS_OBJECT_NAME_NOT_FOUND);
        make_file("Changing/FILE");
        assert_corrected(L"changing\\file", "Changing/FILE");
        unlink("Changing/FILE");
        assert_missing(L"changing\\file", STATUS_OBJECT_NAME_NOT_FOUND);
    }
}

static void own_changes_are_known(void **state)
{
    char name[64];
    WCHAR wide[64];
    mkdir("Own", 0777);
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "Own/File%d", i);
        size_t length = utf16_from_utf8(wide, ARRAYSIZE(wide), name, strlen(name), UTF_STRICT);
        wide[length] = 0;
        wide[4] = 'f';
        assert_missing(wide, STATUS_OBJECT_NAME_NOT_FOUND);
        make_file(name);
        path_note_created(name);
        assert_corrected(wide, name);
        if (i % 3 == 0) {
            unlink(name);
            path_note_removed(name);
            assert_missing(wide, STATUS_OBJECT_NAME_NOT_FOUND);
        }
    }
}

static void twins(void **state)
{
    mkdir("Twins", 0777);
    make_file("Twins/file");
    make_file("Twins/FILE");
    make_file("Twins/File");
    assert_corrected(L"Twins\\fILE", "Twins/FILE");
}

static void in_directory(void **state)
{
    char found[PATH_MAX];
    mkdir("Lib", 0777);
    make_file("Lib/Zlib1.dll");
    assert_int_equal(path_find_in_directory("Lib", L"Zlib1.dll", 9, found), STATUS_SUCCESS);
    assert_string_equal(found, "Lib/Zlib1.dll");
    assert_int_equal(path_find_in_directory("Lib/", L"ZLIB1.DLL", 9, found), STATUS_SUCCESS);
    assert_string_equal(found, "Lib/Zlib1.dll");
    assert_int_equal(path_find_in_directory("Lib", L"none.dll", 8, found), STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(path_find_in_directory("nolib", L"none.dll", 8, found), STATUS_OBJECT_PATH_NOT_FOUND);
    assert_int_equal(path_find_in_directory("Lib", L"..\\x", 4, found), STATUS_OBJECT_NAME_NOT_FOUND);
}

static void *correct_deepest(void *argument)
{
    return (void *)(intptr_t)path_correct_case(argument);
}

/* A program's thread may have little stack left. */
static void the_deepest_path(void **state)
{
    struct host_path host;
    pthread_attr_t attributes;
    pthread_t thread;
    void *result;
    for (size_t i = 0; i < sizeof host.name - 1; i++)
        host.name[i] = i % 2 ? '/' : 'a';
    host.name[(sizeof host.name - 1) & ~(size_t)1] = '\0';
    host.name[strlen(host.name) - 1] = '\0';
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 0x80000);
    assert_int_equal(pthread_create(&thread, &attributes, correct_deepest, &host), 0);
    pthread_attr_destroy(&attributes);
    pthread_join(thread, &result);
    assert_int_equal((NTSTATUS)(intptr_t)result, STATUS_OBJECT_PATH_NOT_FOUND);
}

static int enter_workplace(void **state)
{
    setenv("HOME", "/home/me", 1);
    unsetenv("TMPDIR");
    path_set_system_directory("/opt/litewin/lib/x86_64");
    /* Its name is fixed, since results are compared as text. */
    strcpy(workplace, "/tmp/PLACE");
    if (system("rm -rf /tmp/PLACE && mkdir /tmp/PLACE"))
        return -1;
    return chdir(workplace);
}

static int leave_workplace(void **state)
{
    return chdir("/") || system("rm -rf /tmp/PLACE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absolute_paths),
        cmocka_unit_test(literal_paths),
        cmocka_unit_test(relative_paths),
        cmocka_unit_test(final_separators),
        cmocka_unit_test(refused_paths),
        cmocka_unit_test(devices),
        cmocka_unit_test(places),
        cmocka_unit_test(drives),
        cmocka_unit_test(from_host),
        cmocka_unit_test(every_name_leads_back),
        cmocka_unit_test(full_paths),
        cmocka_unit_test(current_directory),
        cmocka_unit_test(other_case),
        cmocka_unit_test(missing),
        cmocka_unit_test(changes_are_seen),
        cmocka_unit_test(own_changes_are_known),
        cmocka_unit_test(twins),
        cmocka_unit_test(in_directory),
        cmocka_unit_test(the_deepest_path),
    };
    return cmocka_run_group_tests(tests, enter_workplace, leave_workplace);
}
