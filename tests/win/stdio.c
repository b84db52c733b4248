/* The C library's streams and descriptors: modes, positions, buffers, scanning. */
#include "check.h"
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <wchar.h>

static void make_file(const char *name, const char *content)
{
    HANDLE file = CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    DWORD written;

    WriteFile(file, content, (DWORD)strlen(content), &written, NULL);
    CloseHandle(file);
}

/* The bytes on the disk, whatever mode wrote them. */
static const char *raw_content(const char *name)
{
    static char buffer[256];
    HANDLE file = CreateFileA(name, GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL);
    DWORD count = 0;

    ReadFile(file, buffer, sizeof buffer - 1, &count, NULL);
    buffer[count] = 0;
    CloseHandle(file);
    return buffer;
}

TEST(text_mode_writes_two_bytes_for_a_newline)
{
    FILE *file = fopen("text", "w");

    CHECK(file != NULL);
    CHECK_EQ(fputs("a\n", file), 0);
    CHECK_EQ(ftell(file), 3);
    CHECK_EQ(fprintf(file, "b\nc\n"), 4);
    CHECK_EQ(ftell(file), 9);
    CHECK_EQ(fclose(file), 0);
    CHECK_STR(raw_content("text"), "a\r\nb\r\nc\r\n");
    file = fopen("text", "wb");
    CHECK_EQ(fputs("a\n", file), 0);
    CHECK_EQ(ftell(file), 2);
    CHECK_EQ(fclose(file), 0);
    CHECK_STR(raw_content("text"), "a\n");
}

TEST(text_mode_reads_two_bytes_as_a_newline)
{
    char line[16];
    FILE *file;

    make_file("text", "one\r\ntwo\nthr\ree\r\n\x1Ahidden");
    file = fopen("text", "r");
    CHECK_STR(fgets(line, sizeof line, file), "one\n");
    CHECK_STR(fgets(line, sizeof line, file), "two\n");
    CHECK_STR(fgets(line, sizeof line, file), "thr\ree\n");
    CHECK_PTR(fgets(line, sizeof line, file), NULL);
    CHECK(feof(file));
    CHECK(!ferror(file));
    fclose(file);
    file = fopen("text", "rb");
    CHECK_STR(fgets(line, sizeof line, file), "one\r\n");
    CHECK_EQ(fseek(file, -6, SEEK_END), 0);
    CHECK_STR(fgets(line, sizeof line, file), "hidden");
    fclose(file);
    make_file("text", "one\r\ntwo\r\n");
    file = fopen("text", "r");
    CHECK_STR(fgets(line, sizeof line, file), "one\n");
    CHECK_EQ(ftell(file), 5);
    CHECK_EQ(fgetc(file), 't');
    CHECK_EQ(ftell(file), 6);
    CHECK_EQ(fseek(file, 5, SEEK_SET), 0);
    CHECK_STR(fgets(line, sizeof line, file), "two\n");
    CHECK_EQ(ftell(file), 10);
    fclose(file);
    CHECK_EQ(remove("text"), 0);
}

TEST(modes)
{
    FILE *file;

    remove("mode");
    CHECK_PTR(fopen("mode", "r"), NULL);
    CHECK_EQ(errno, ENOENT);
    CHECK_PTR(fopen("mode", "r+"), NULL);
    file = fopen("mode", "a");
    CHECK(file != NULL);
    fputs("1", file);
    fclose(file);
    file = fopen("mode", "ab+");
    CHECK_EQ(fseek(file, 0, SEEK_SET), 0);
    CHECK_EQ(fgetc(file), '1');
    CHECK_EQ(fseek(file, 0, SEEK_SET), 0);
    fputs("2", file);
    fclose(file);
    CHECK_STR(raw_content("mode"), "12");
    file = fopen("mode", "r+b");
    fputs("x", file);
    fclose(file);
    CHECK_STR(raw_content("mode"), "x2");
    file = fopen("mode", "r");
    CHECK_EQ(fputc('x', file), EOF);
    CHECK(ferror(file));
    clearerr(file);
    CHECK(!ferror(file));
    fclose(file);
    file = fopen("mode", "w");
    CHECK_EQ(fgetc(file), EOF);
    UNLESS_WINE("Wine does not remember the error")
    CHECK(ferror(file));
    fclose(file);
    CHECK_STR(raw_content("mode"), "");
    CHECK_EQ(remove("mode"), 0);
    CHECK_EQ(remove("mode"), -1);
    CHECK_EQ(errno, ENOENT);
}

TEST(seeking)
{
    FILE *file = fopen("seek", "w+b");
    fpos_t position;
    char buffer[8];

    CHECK_EQ(fwrite("0123456789", 1, 10, file), 10);
    CHECK_EQ(ftell(file), 10);
    CHECK_EQ(fseek(file, 3, SEEK_SET), 0);
    CHECK_EQ(fgetc(file), '3');
    CHECK_EQ(fseek(file, 2, SEEK_CUR), 0);
    CHECK_EQ(fgetc(file), '6');
    CHECK_EQ(fgetpos(file, &position), 0);
    CHECK_EQ(fseek(file, -1, SEEK_END), 0);
    CHECK_EQ(fgetc(file), '9');
    CHECK_EQ(fgetc(file), EOF);
    CHECK(feof(file));
    CHECK_EQ(fsetpos(file, &position), 0);
    UNLESS_WINE("Wine keeps the end-of-file indicator")
    CHECK(!feof(file));
    CHECK_EQ(fgetc(file), '7');
    rewind(file);
    CHECK_EQ(fread(buffer, 3, 2, file), 2);
    CHECK_MEM(buffer, "012345", 6);
    CHECK_EQ(fread(buffer, 3, 2, file), 1);
    CHECK_EQ(fseek(file, -1, SEEK_SET), -1);
    CHECK_EQ(errno, EINVAL);
    CHECK_EQ(fseek(file, 20, SEEK_SET), 0);
    CHECK_EQ(fputc('z', file), 'z');
    CHECK_EQ(fflush(file), 0);
    CHECK_EQ(_filelength(_fileno(file)), 21);
    /* Over 2 GiB. */
    CHECK_EQ(_fseeki64(file, 5LL << 30, SEEK_SET), 0);
    CHECK_EQ(_ftelli64(file), 5LL << 30);
    CHECK_EQ(fclose(file), 0);
    remove("seek");
}

TEST(pushing_back)
{
    FILE *file;
    int number = 0;

    make_file("push", "abc 12");
    file = fopen("push", "r");
    CHECK_EQ(fgetc(file), 'a');
    CHECK_EQ(ungetc('X', file), 'X');
    CHECK_EQ(fgetc(file), 'X');
    CHECK_EQ(fgetc(file), 'b');
    CHECK_EQ(ungetc(EOF, file), EOF);
    CHECK_EQ(fgetc(file), 'c');
    CHECK_EQ(fscanf(file, "%d", &number), 1);
    CHECK_EQ(number, 12);
    CHECK_EQ(fgetc(file), EOF);
    CHECK_EQ(ungetc('y', file), 'y');
    CHECK(!feof(file));
    CHECK_EQ(fgetc(file), 'y');
    CHECK_EQ(fgetc(file), EOF);
    fclose(file);
    remove("push");
}

TEST(buffers)
{
    static char buffer[512];
    FILE *file = fopen("buffer", "w");

    CHECK_EQ(setvbuf(file, buffer, _IOFBF, sizeof buffer), 0);
    fputs("kept", file);
    CHECK_STR(raw_content("buffer"), "");
    CHECK_EQ(fflush(file), 0);
    CHECK_STR(raw_content("buffer"), "kept");
    fclose(file);
    file = fopen("buffer", "w");
    CHECK_EQ(setvbuf(file, NULL, _IONBF, 0), 0);
    fputc('x', file);
    CHECK_STR(raw_content("buffer"), "x");
    fclose(file);
    file = fopen("buffer", "w");
    setbuf(file, NULL);
    fputs("ab", file);
    CHECK_STR(raw_content("buffer"), "ab");
    CHECK_EQ(fflush(NULL), 0);
    fclose(file);
    remove("buffer");
}

TEST(descriptors)
{
    char buffer[16];
    struct _stat64 information;
    int file = _open("low", _O_CREAT | _O_RDWR | _O_TRUNC | _O_BINARY, _S_IREAD | _S_IWRITE);
    int copy;

    CHECK_EQ(file, 3);
    CHECK_EQ(_write(file, "a\nb", 3), 3);
    CHECK_EQ(_tell(file), 3);
    CHECK_EQ(_lseek(file, 0, SEEK_SET), 0);
    CHECK_EQ(_read(file, buffer, sizeof buffer), 3);
    CHECK_EQ(_read(file, buffer, sizeof buffer), 0);
    CHECK_EQ(_eof(file), 1);
    CHECK_EQ(_setmode(file, _O_TEXT), _O_BINARY);
    CHECK_EQ(_write(file, "\n\n", 2), 2);
    CHECK_EQ(_filelength(file), 7);
    CHECK_EQ(_chsize(file, 2), 0);
    CHECK_EQ(_filelength(file), 2);
    copy = _dup(file);
    CHECK(copy > file);
    CHECK_EQ(_close(file), 0);
    CHECK_EQ(_filelength(copy), 2);
    CHECK_EQ(_dup2(copy, 9), 0);
    CHECK_EQ(_close(copy), 0);
    CHECK_EQ(_fstat64(9, &information), 0);
    CHECK_EQ(information.st_size, 2);
    CHECK_EQ(information.st_mode & _S_IFMT, _S_IFREG);
    CHECK_EQ(_isatty(9), 0);
    CHECK_EQ(GetFileType((HANDLE)_get_osfhandle(9)), FILE_TYPE_DISK);
    CHECK_EQ(_close(9), 0);
    CHECK_EQ(_close(9), -1);
    CHECK_EQ(_stat64("low", &information), 0);
    CHECK_EQ(information.st_size, 2);
    CHECK_EQ(_stat64("none", &information), -1);
    CHECK_EQ(errno, ENOENT);
    CHECK_EQ(_stat64(".", &information), 0);
    CHECK_EQ(information.st_mode & _S_IFMT, _S_IFDIR);
    CHECK_EQ(_access("low", 0), 0);
    CHECK_EQ(_access("none", 0), -1);
    CHECK_EQ(rename("low", "renamed"), 0);
    CHECK_EQ(rename("low", "other"), -1);
    CHECK_EQ(errno, ENOENT);
    CHECK_EQ(_unlink("renamed"), 0);
    file = _open("new", _O_CREAT | _O_EXCL | _O_WRONLY, _S_IWRITE | _S_IREAD);
    CHECK(file >= 3);
    _close(file);
    CHECK_EQ(_open("new", _O_CREAT | _O_EXCL | _O_WRONLY, _S_IWRITE), -1);
    CHECK_EQ(errno, EEXIST);
    remove("new");
}

TEST(standard_streams)
{
    CHECK_EQ(_fileno(stdin), 0);
    CHECK_EQ(_fileno(stdout), 1);
    CHECK_EQ(_fileno(stderr), 2);
    CHECK_PTR(_get_osfhandle(1), GetStdHandle(STD_OUTPUT_HANDLE));
    CHECK_PTR(_get_osfhandle(2), GetStdHandle(STD_ERROR_HANDLE));
    CHECK_EQ((char *)stdout - (char *)stdin, (char *)stderr - (char *)stdout);
    /* The structure is known to programs: three pointers and five integers. */
    CHECK_EQ((char *)stdout - (char *)stdin, sizeof(void *) == 8 ? 48 : 32);
}

TEST(scanning_text)
{
    int a = 0, b = 0, used = 0;
    short half = 0;
    long long large = 0;
    unsigned hex = 0, octal = 0;
    float single = 0;
    double real = 0;
    char word[16], c = 0, set[16];
    WCHAR wide[16];

    CHECK_EQ(sscanf("12 -7", "%d%d", &a, &b), 2);
    CHECK(a == 12 && b == -7);
    CHECK_EQ(sscanf("0x1f 17 17", "%x %o %i", &hex, &octal, &a), 3);
    CHECK(hex == 0x1F && octal == 15 && a == 17);
    CHECK_EQ(sscanf("0x1f 017", "%i %i", &a, &b), 2);
    CHECK(a == 31 && b == 15);
    CHECK_EQ(sscanf("1.5 2.5e1", "%f %lf", &single, &real), 2);
    CHECK(single == 1.5f && real == 25.0);
    CHECK_EQ(sscanf("  hello world", "%s%c", word, &c), 2);
    CHECK_STR(word, "hello");
    CHECK_EQ(c, ' ');
    CHECK_EQ(sscanf("abcdef", "%3s%n", word, &used), 1);
    CHECK_STR(word, "abc");
    CHECK_EQ(used, 3);
    CHECK_EQ(sscanf("123abc", "%[0-9]%[^x]", word, set), 2);
    CHECK_STR(word, "123");
    CHECK_STR(set, "abc");
    CHECK_EQ(sscanf("10,20", "%d,%d", &a, &b), 2);
    CHECK_EQ(sscanf("10;20", "%d,%d", &a, &b), 1);
    CHECK_EQ(sscanf("", "%d", &a), EOF);
    CHECK_EQ(sscanf("x", "%d", &a), 0);
    CHECK_EQ(sscanf("5 6", "%*d %d", &a), 1);
    CHECK_EQ(a, 6);
    CHECK_EQ(sscanf("70000", "%hd", &half), 1);
    CHECK_EQ(half, (short)70000);
    CHECK_EQ(sscanf("1099511627776", "%I64d", &large), 1);
    CHECK_EQ(large, 1LL << 40);
    CHECK_EQ(sscanf("100%", "%d%%", &a), 1);
    CHECK_EQ(sscanf("word", "%S", wide), 1);
    CHECK_WSTR(wide, L"word");
    CHECK_EQ(sscanf("123456", "%3d%2d", &a, &b), 2);
    CHECK(a == 123 && b == 45);
    CHECK_EQ(swscanf(L"7 xy", L"%d %s", &a, wide), 2);
    CHECK_EQ(a, 7);
    CHECK_WSTR(wide, L"xy");
}

TEST(wide_streams)
{
    WCHAR line[16];
    FILE *file = _wfopen(L"w\xE4", L"w");

    CHECK(file != NULL);
    CHECK_EQ(fputws(L"ab\n", file) >= 0, 1);
    CHECK_EQ(fwprintf(file, L"%d\n", 12), 3);
    fclose(file);
    file = _wfopen(L"w\xE4", L"rb");
    CHECK_EQ(_filelength(_fileno(file)), 8);
    fclose(file);
    file = _wfopen(L"w\xE4", L"r");
    CHECK_WSTR(fgetws(line, 16, file), L"ab\n");
    CHECK_EQ(fgetwc(file), L'1');
    fclose(file);
    CHECK_EQ(_wremove(L"w\xE4"), 0);
}

TEST(temporary_files)
{
    FILE *file = tmpfile();
    char *name = tmpnam(NULL);

    CHECK(file != NULL);
    CHECK_EQ(fputs("x", file), 0);
    rewind(file);
    CHECK_EQ(fgetc(file), 'x');
    CHECK_EQ(fclose(file), 0);
    CHECK(name != NULL && *name);
}

int main(void)
{
    RUN(descriptors);
    RUN(text_mode_writes_two_bytes_for_a_newline);
    RUN(text_mode_reads_two_bytes_as_a_newline);
    RUN(modes);
    RUN(seeking);
    RUN(pushing_back);
    RUN(buffers);
    RUN(standard_streams);
    RUN(scanning_text);
    RUN(wide_streams);
    RUN(temporary_files);
    return CHECK_END();
}
