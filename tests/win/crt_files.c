/* The C runtime's files by number and by name: modes, positions, times, directories, pipes. */
#include "check.h"
#include <direct.h>
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <share.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utime.h>

#define NAME "crt_files.tmp"

static void make(const char *name, const void *bytes, unsigned size)
{
    int fd = _open(name, _O_CREAT | _O_TRUNC | _O_WRONLY | _O_BINARY, _S_IREAD | _S_IWRITE);
    CHECK_EQ(_write(fd, bytes, size), size);
    CHECK_EQ(_close(fd), 0);
}

static int load(const char *name, char *bytes, int size)
{
    int fd = _open(name, _O_RDONLY | _O_BINARY);
    int length = fd < 0 ? -1 : _read(fd, bytes, (unsigned)size);
    _close(fd);
    return length;
}

TEST(open_says_why_not)
{
    CHECK_EQ(_open("no-such-file", _O_RDONLY), -1);
    CHECK_EQ(errno, ENOENT);
    CHECK_EQ(_doserrno, ERROR_FILE_NOT_FOUND);
    make(NAME, "", 0);
    CHECK_EQ(_open(NAME, _O_CREAT | _O_EXCL | _O_RDWR, _S_IWRITE), -1);
    CHECK_EQ(errno, EEXIST);
    CHECK_EQ(_open(".", _O_RDONLY), -1);
    CHECK_EQ(errno, EACCES);
    CHECK_EQ(_write(999, "x", 1), -1);
    CHECK_EQ(errno, EBADF);
    CHECK_EQ(_close(999), -1);
    CHECK_EQ(errno, EBADF);
    CHECK_EQ(_get_osfhandle(999), -1);
}

TEST(a_file_is_open_in_one_direction)
{
    char byte;
    int fd;

    make(NAME, "abc", 3);
    fd = _open(NAME, _O_RDONLY);
    CHECK_EQ(_write(fd, "x", 1), -1);
    CHECK_EQ(errno, EBADF);
    _close(fd);
    fd = _open(NAME, _O_WRONLY);
    CHECK_EQ(_read(fd, &byte, 1), -1);
    CHECK_EQ(errno, EBADF);
    _close(fd);
}

TEST(appending_goes_to_the_end)
{
    char text[16];
    int fd;

    make(NAME, "abc", 3);
    fd = _open(NAME, _O_RDWR | _O_APPEND | _O_BINARY);
    CHECK_EQ(_lseek(fd, 0, SEEK_SET), 0);
    CHECK_EQ(_write(fd, "de", 2), 2);
    CHECK_EQ(_tell(fd), 5);
    _close(fd);
    CHECK_EQ(load(NAME, text, sizeof text), 5);
    CHECK_MEM(text, "abcde", 5);
}

TEST(text_has_lines_of_two_kinds)
{
    char text[32];
    int fd;

    make(NAME,
         "a\r\nb\nc\rd\r\r\n\x1a"
         "e",
         13);
    fd = _open(NAME, _O_RDONLY | _O_TEXT);
    CHECK_EQ(_read(fd, text, sizeof text), 9);
    CHECK_MEM(text, "a\nb\nc\rd\r\n", 9);
    CHECK_EQ(_read(fd, text, sizeof text), 0);
    CHECK_EQ(_lseek(fd, 0, SEEK_SET), 0);
    CHECK_EQ(_read(fd, text, 2), 1);
    CHECK_EQ(text[0], 'a');
    CHECK_EQ(_read(fd, text, 1), 1);
    CHECK_EQ(text[0], '\n');
    CHECK_EQ(_tell(fd), 3);
    CHECK_EQ(_lseek(fd, 1, SEEK_SET), 1);
    CHECK_EQ(_read(fd, text, 1), 1);
    CHECK_EQ(text[0], '\n');
    CHECK_EQ(_tell(fd), 3);
    CHECK_EQ(_setmode(fd, _O_BINARY), _O_TEXT);
    CHECK_EQ(_setmode(fd, _O_TEXT), _O_BINARY);
    _close(fd);

    fd = _open(NAME, _O_CREAT | _O_TRUNC | _O_WRONLY | _O_TEXT, _S_IWRITE);
    CHECK_EQ(_write(fd, "x\ny\r\n", 5), 5);
    _close(fd);
    CHECK_EQ(load(NAME, text, sizeof text), 7);
    CHECK_MEM(text, "x\r\ny\r\r\n", 7);
}

TEST(a_position_in_text_can_be_gone_back_to)
{
    char line[32], again[32];
    FILE *file;

    make(NAME, "one\r\ntwo\r\nthree\r\n", 17);
    file = fopen(NAME, "r");
    CHECK(fgets(line, sizeof line, file) != NULL);
    CHECK_EQ(ftell(file), 5);
    CHECK(fgets(line, sizeof line, file) != NULL);
    CHECK_EQ(ftell(file), 10);
    CHECK(fgets(line, sizeof line, file) != NULL);
    CHECK_EQ(fseek(file, 10, SEEK_SET), 0);
    CHECK(fgets(again, sizeof again, file) != NULL);
    CHECK_STR(again, line);
    fclose(file);
}

/* Positions in text are told as if all lines ended in CR LF. */
TEST(positions_in_other_text_are_off)
{
    FILE *file;

    make(NAME, "\n\n\n\n", 4);
    file = fopen(NAME, "r");
    CHECK_EQ(fgetc(file), '\n');
    CHECK_EQ(ftell(file), -2);
    fclose(file);
}

/* A line's end falls on the end of the buffer. */
TEST(lines_at_the_edge_of_the_buffer)
{
    static char text[5000];

    for (int at = 4093; at <= 4097; at++) {
        memset(text, 'x', sizeof text);
        memcpy(text + at, "\r\n", 2);
        make(NAME, text, sizeof text);
        FILE *file = fopen(NAME, "r");
        int length = 0, c;
        while ((c = fgetc(file)) != '\n')
            length += c == 'x';
        CHECK_EQ(length, at);
        UNLESS_WINE("it is a byte short") CHECK_EQ(ftell(file), at + 2);
        CHECK_EQ(fgetc(file), 'x');
        UNLESS_WINE("it is a byte short") CHECK_EQ(ftell(file), at + 3);
        CHECK_EQ(fseek(file, 0, SEEK_CUR), 0);
        for (length++; fgetc(file) == 'x'; length++)
            ;
        UNLESS_WINE("it is a byte short") CHECK_EQ(length, (int)sizeof text - 2);
        fclose(file);
    }
}

TEST(a_stream_that_is_written_tells_where_it_is)
{
    FILE *file = fopen(NAME, "w");

    fputs("a\n", file);
    CHECK_EQ(ftell(file), 3);
    fputs("bc", file);
    CHECK_EQ(ftell(file), 5);
    CHECK_EQ(fseek(file, 0, SEEK_SET), 0);
    fputs("x", file);
    CHECK_EQ(ftell(file), 1);
    fclose(file);
    file = fopen(NAME, "ab");
    fputs("d", file);
    UNLESS_WINE("it forgets what was there before") CHECK_EQ(ftell(file), 6);
    fclose(file);
}

TEST(an_update_stream_changes_direction_at_a_seek)
{
    char text[16] = {0};
    FILE *file = fopen(NAME, "w+b");

    fputs("abcdef", file);
    rewind(file);
    CHECK_EQ(fgetc(file), 'a');
    CHECK_EQ(fseek(file, 0, SEEK_CUR), 0);
    CHECK_EQ(fputc('X', file), 'X');
    CHECK_EQ(fseek(file, 0, SEEK_CUR), 0);
    CHECK_EQ(fgetc(file), 'c');
    rewind(file);
    CHECK_EQ(fread(text, 1, sizeof text, file), 6);
    CHECK_STR(text, "aXcdef");
    CHECK(feof(file));
    CHECK_EQ(fputc('g', file), 'g');
    fclose(file);
    CHECK_EQ(load(NAME, text, sizeof text), 7);
}

TEST(large_reads_pass_the_buffer_by)
{
    static char written[100000], read[100000];
    FILE *file = fopen(NAME, "w+b");

    for (size_t i = 0; i < sizeof written; i++)
        written[i] = (char)(i * 7 + i / 4096);
    CHECK_EQ(fwrite(written, 1, 10, file), 10);
    CHECK_EQ(fwrite(written + 10, 1, sizeof written - 10, file), sizeof written - 10);
    rewind(file);
    CHECK_EQ(fgetc(file), (unsigned char)written[0]);
    CHECK_EQ(fread(read + 1, 1, sizeof read - 1, file), sizeof read - 1);
    CHECK_MEM(read + 1, written + 1, sizeof read - 1);
    CHECK_EQ(fgetc(file), EOF);
    CHECK_EQ(fseek(file, -1, SEEK_END), 0);
    CHECK_EQ(fgetc(file), (unsigned char)written[sizeof written - 1]);
    fclose(file);
}

TEST(numbers_are_the_lowest_that_are_free)
{
    int first, second, third;

    make(NAME, "abc", 3);
    first = _open(NAME, _O_RDONLY);
    second = _dup(first);
    CHECK_EQ(second, first + 1);
    _close(first);
    third = _open(NAME, _O_RDONLY);
    CHECK_EQ(third, first);
    CHECK_EQ(_dup2(second, third), 0);
    CHECK_EQ(_lseek(third, 2, SEEK_SET), 2);
    CHECK_EQ(_tell(second), 2);
    CHECK_EQ(_eof(second), 0);
    CHECK_EQ(_lseek(second, 0, SEEK_END), 3);
    CHECK_EQ(_eof(third), 1);
    _close(second);
    _close(third);
}

TEST(a_file_changes_its_size)
{
    char text[8];
    int fd;

    make(NAME, "abcdef", 6);
    fd = _open(NAME, _O_RDWR | _O_BINARY);
    CHECK_EQ(_lseek(fd, 1, SEEK_SET), 1);
    CHECK_EQ(_chsize(fd, 3), 0);
    CHECK_EQ(_filelength(fd), 3);
    CHECK_EQ(_chsize(fd, 5), 0);
    CHECK_EQ(_tell(fd), 1);
    CHECK_EQ(_read(fd, text, sizeof text), 4);
    CHECK_MEM(text, "bc\0\0", 4);
    CHECK_EQ(_commit(fd), 0);
    _close(fd);
}

TEST(a_pipe_ends_with_its_writer)
{
    int ends[2];
    char text[8];
    struct _stat64 facts;

    CHECK_EQ(_pipe(ends, 4096, _O_BINARY), 0);
    CHECK_EQ(_write(ends[1], "abc", 3), 3);
    CHECK_EQ(_fstat64(ends[0], &facts), 0);
    CHECK_EQ(facts.st_mode & _S_IFMT, _S_IFIFO);
    CHECK_EQ(_read(ends[0], text, 2), 2);
    _close(ends[1]);
    CHECK_EQ(_read(ends[0], text, 8), 1);
    CHECK_EQ(_read(ends[0], text, 8), 0);
    _close(ends[0]);
}

TEST(stat_tells_of_files_and_directories)
{
    struct _stat64 facts;
    struct _stat shorter;
    struct _stati64 longer;

    make(NAME, "abcdef", 6);
    memset(&facts, 0xCC, sizeof facts);
    CHECK_EQ(_stat64(NAME, &facts), 0);
    CHECK_EQ(facts.st_size, 6);
    CHECK_EQ(facts.st_mode, _S_IFREG | 0666);
    CHECK_EQ(facts.st_nlink, 1);
    CHECK_EQ(facts.st_ino, 0);
    CHECK_EQ(_stat(NAME, &shorter), 0);
    CHECK_EQ(shorter.st_size, 6);
    CHECK_EQ(shorter.st_mtime, facts.st_mtime);
    CHECK_EQ(_stati64(NAME, &longer), 0);
    CHECK_EQ(longer.st_size, 6);
    CHECK_EQ(longer.st_mtime, facts.st_mtime);
    CHECK_EQ(_stat64(".", &facts), 0);
    CHECK_EQ(facts.st_mode, _S_IFDIR | 0777);
    CHECK_EQ(_stat64("no-such-file", &facts), -1);
    CHECK_EQ(errno, ENOENT);
    CHECK_EQ(_stat64("crt_file*", &facts), -1);
    CHECK_EQ(_stat64("c:", &facts), -1);
    CHECK_EQ(_stat64("c:\\", &facts), 0);
    UNLESS_WINE("it takes the name without the backslash") CHECK_EQ(_stat64(".\\", &facts), -1);
    CHECK_EQ(_fstat64(999, &facts), -1);
    UNLESS_WINE("it leaves errno alone") CHECK_EQ(errno, EBADF);
}

TEST(permissions)
{
    struct _stat64 facts;

    make(NAME, "", 0);
    CHECK_EQ(_access(NAME, 6), 0);
    CHECK_EQ(_chmod(NAME, _S_IREAD), 0);
    CHECK_EQ(_access(NAME, 4), 0);
    CHECK_EQ(_access(NAME, 2), -1);
    CHECK_EQ(errno, EACCES);
    CHECK_EQ(_stat64(NAME, &facts), 0);
    CHECK_EQ(facts.st_mode, _S_IFREG | 0444);
    UNLESS_WINE("it opens the file where the user is root") CHECK_EQ(_open(NAME, _O_RDWR), -1);
    CHECK_EQ(_chmod(NAME, _S_IREAD | _S_IWRITE), 0);
    CHECK_EQ(_access("no-such-file", 0), -1);
    CHECK_EQ(errno, ENOENT);
}

TEST(times_are_set)
{
    struct __utimbuf64 times = {1000000000, 1100000000};
    struct _stat64 facts;

    make(NAME, "", 0);
    CHECK_EQ(_utime64(NAME, &times), 0);
    CHECK_EQ(_stat64(NAME, &facts), 0);
    CHECK_EQ(facts.st_atime, 1000000000);
    CHECK_EQ(facts.st_mtime, 1100000000);
    CHECK_EQ(_utime64("no-such-file", NULL), -1);
    CHECK_EQ(errno, ENOENT);
}

TEST(names_change)
{
    make(NAME, "1", 1);
    make(NAME "2", "22", 2);
    CHECK_EQ(rename(NAME, NAME "2"), -1);
    CHECK_EQ(errno, EEXIST);
    CHECK_EQ(remove(NAME "2"), 0);
    CHECK_EQ(rename(NAME, NAME "2"), 0);
    CHECK_EQ(_unlink(NAME), -1);
    CHECK_EQ(errno, ENOENT);
    CHECK_EQ(_unlink(NAME "2"), 0);
}

TEST(directories)
{
    char here[MAX_PATH], there[MAX_PATH], full[MAX_PATH];
    char *own;

    CHECK(_getcwd(here, sizeof here) == here);
    CHECK_EQ(_mkdir("crt_files.dir"), 0);
    CHECK_EQ(_mkdir("crt_files.dir"), -1);
    CHECK_EQ(errno, EEXIST);
    CHECK_EQ(_chdir("crt_files.dir"), 0);
    CHECK(_getcwd(there, sizeof there) != NULL);
    CHECK(_fullpath(full, "..\\x\\.\\y", sizeof full) == full);
    CHECK_EQ(strncmp(full, here, strlen(here)), 0);
    CHECK_STR(full + strlen(full) - 4, "\\x\\y");
    own = _fullpath(NULL, ".", 0);
    CHECK_STR(own, there);
    free(own);
    CHECK(_fullpath(full, ".", 3) == NULL);
    CHECK_EQ(errno, ERANGE);
    CHECK(_getcwd(full, 2) == NULL);
    CHECK_EQ(errno, ERANGE);
    own = _getcwd(NULL, 0);
    CHECK_STR(own, there);
    free(own);
    make("file", "", 0);
    CHECK_EQ(_chdir(".."), 0);
    CHECK_EQ(_rmdir("crt_files.dir"), -1);
    CHECK_EQ(errno, ENOTEMPTY);
    _unlink("crt_files.dir\\file");
    CHECK_EQ(_rmdir("crt_files.dir"), 0);
    CHECK_EQ(_chdir("crt_files.dir"), -1);
    CHECK_EQ(errno, ENOENT);
}

TEST(searches)
{
    struct _finddata_t data;
    struct _wfinddata64_t wide;
    intptr_t search;
    int count = 0;

    make("crt_files.a1", "x", 1);
    make("crt_files.a2", "xy", 2);
    search = _findfirst("crt_files.a?", &data);
    CHECK(search != -1);
    do {
        CHECK_EQ(strncmp(data.name, "crt_files.a", 11), 0);
        CHECK_EQ(data.size, data.name[11] - '0');
        CHECK_EQ(data.attrib & _A_SUBDIR, 0);
        count++;
    } while (_findnext(search, &data) == 0);
    CHECK_EQ(errno, ENOENT);
    CHECK_EQ(count, 2);
    CHECK_EQ(_findclose(search), 0);
    search = _wfindfirst64(L"crt_files.a2", &wide);
    CHECK(search != -1);
    CHECK_WSTR(wide.name, L"crt_files.a2");
    CHECK_EQ(wide.size, 2);
    _findclose(search);
    CHECK_EQ(_findfirst("crt_files.b*", &data), -1);
    CHECK_EQ(errno, ENOENT);
    _unlink("crt_files.a1");
    _unlink("crt_files.a2");
}

TEST(wide_text_is_stored_as_the_mode_says)
{
    char bytes[64];
    WCHAR line[16];
    FILE *file = fopen(NAME, "w");

    CHECK_EQ(fputws(L"a\n", file), 0);
    fclose(file);
    CHECK_EQ(load(NAME, bytes, sizeof bytes), 3);
    CHECK_MEM(bytes, "a\r\n", 3);

    file = fopen(NAME, "wb");
    CHECK_EQ(fputws(L"a\n", file), 0);
    CHECK_EQ(fputwc(0x20AC, file), 0x20AC);
    fclose(file);
    CHECK_EQ(load(NAME, bytes, sizeof bytes), 6);
    CHECK_MEM(bytes, "a\0\n\0\xAC\x20", 6);
    file = fopen(NAME, "rb");
    CHECK_EQ(fgetwc(file), 'a');
    CHECK_EQ(ungetwc('b', file), 'b');
    CHECK(fgetws(line, 16, file) == line);
    CHECK_WSTR(line, L"b\n");
    CHECK_EQ(fgetwc(file), 0x20AC);
    CHECK_EQ(fgetwc(file), WEOF);
    fclose(file);
}

TEST(text_can_be_unicode)
{
    char bytes[64];
    WCHAR line[16];
    FILE *file = fopen(NAME, "w");

    CHECK_EQ(_setmode(_fileno(file), _O_U8TEXT), _O_TEXT);
    CHECK_EQ(fwprintf(file, L"%c\x20AC\n", 'a'), 3);
    fclose(file);
    CHECK_EQ(load(NAME, bytes, sizeof bytes), 6);
    CHECK_MEM(bytes, "a\xE2\x82\xAC\r\n", 6);
    file = fopen(NAME, "r");
    _setmode(_fileno(file), _O_U8TEXT);
    CHECK(fgetws(line, 16, file) == line);
    CHECK_WSTR(line, L"a\x20AC\n");
    fclose(file);

    file = fopen(NAME, "w");
    _setmode(_fileno(file), _O_U16TEXT);
    CHECK_EQ(fwprintf(file, L"%c\x20AC\n", 'a'), 3);
    fclose(file);
    CHECK_EQ(load(NAME, bytes, sizeof bytes), 8);
    CHECK_MEM(bytes, "a\0\xAC\x20\r\0\n\0", 8);
}

static DWORD WINAPI write_lines(void *file)
{
    for (int i = 0; i < 500; i++)
        fprintf(file, "%s-%s\n", "one", "two");
    return 0;
}

TEST(a_call_of_printf_is_not_interrupted_by_another)
{
    HANDLE threads[4];
    char line[32];
    int lines = 0;
    FILE *file = fopen(NAME, "w");

    for (int i = 0; i < 4; i++)
        threads[i] = CreateThread(NULL, 0, write_lines, file, 0, NULL);
    CHECK_EQ(WaitForMultipleObjects(4, threads, TRUE, 60000), WAIT_OBJECT_0);
    for (int i = 0; i < 4; i++)
        CloseHandle(threads[i]);
    fclose(file);
    file = fopen(NAME, "r");
    while (fgets(line, sizeof line, file)) {
        lines++;
        if (strcmp(line, "one-two\n") != 0)
            CHECK_STR(line, "one-two\n");
    }
    CHECK_EQ(lines, 2000);
    fclose(file);
}

TEST(what_is_open_twice_is_flushed_at_will)
{
    char text[8];
    FILE *file = fopen(NAME, "w");

    fputs("abc", file);
    CHECK_EQ(load(NAME, text, sizeof text), 0);
    CHECK_EQ(fflush(file), 0);
    CHECK_EQ(load(NAME, text, sizeof text), 3);
    fputs("d", file);
    CHECK_EQ(fflush(NULL), 0);
    CHECK_EQ(load(NAME, text, sizeof text), 4);
    fclose(file);
    CHECK(_fsopen(NAME, "r", _SH_DENYRW) != NULL);
    CHECK(fopen(NAME, "r") == NULL);
    CHECK_EQ(errno, EACCES);
    CHECK_EQ(_fcloseall(), 1);
}

int main(void)
{
    RUN(open_says_why_not);
    RUN(a_file_is_open_in_one_direction);
    RUN(appending_goes_to_the_end);
    RUN(text_has_lines_of_two_kinds);
    RUN(a_position_in_text_can_be_gone_back_to);
    RUN(positions_in_other_text_are_off);
    RUN(lines_at_the_edge_of_the_buffer);
    RUN(a_stream_that_is_written_tells_where_it_is);
    RUN(an_update_stream_changes_direction_at_a_seek);
    RUN(large_reads_pass_the_buffer_by);
    RUN(numbers_are_the_lowest_that_are_free);
    RUN(a_file_changes_its_size);
    RUN(a_pipe_ends_with_its_writer);
    RUN(stat_tells_of_files_and_directories);
    RUN(permissions);
    RUN(times_are_set);
    RUN(names_change);
    RUN(directories);
    RUN(searches);
    RUN(wide_text_is_stored_as_the_mode_says);
    RUN(text_can_be_unicode);
    RUN(a_call_of_printf_is_not_interrupted_by_another);
    RUN(what_is_open_twice_is_flushed_at_will);
    _unlink(NAME);
    return CHECK_END();
}
