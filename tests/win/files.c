/* CreateFile's dispositions, and reading, writing, seeking and sizing a file. */
#include "check.h"
#include <string.h>

#define RW (GENERIC_READ | GENERIC_WRITE)

static HANDLE open_file(const char *name, DWORD access, DWORD disposition)
{
    return CreateFileA(name, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                       disposition, FILE_ATTRIBUTE_NORMAL, NULL);
}

static void make_file(const char *name, const char *content)
{
    HANDLE file = open_file(name, GENERIC_WRITE, CREATE_ALWAYS);
    DWORD written;

    CHECK(file != INVALID_HANDLE_VALUE);
    CHECK(WriteFile(file, content, (DWORD)strlen(content), &written, NULL));
    CHECK(CloseHandle(file));
}

static LONGLONG position_of(HANDLE file)
{
    LARGE_INTEGER zero = {.QuadPart = 0}, position = {.QuadPart = -1};

    CHECK(SetFilePointerEx(file, zero, &position, FILE_CURRENT));
    return position.QuadPart;
}

static LONGLONG size_of(HANDLE file)
{
    LARGE_INTEGER size = {.QuadPart = -1};

    CHECK(GetFileSizeEx(file, &size));
    return size.QuadPart;
}

TEST(dispositions)
{
    enum { UNCHECKED = 0xFFFF };
    static const struct {
        const char *name;
        DWORD disposition;
        BOOL exists;
        DWORD error;
        int size; /* -1 when the call fails */
    } rows[] = {
        {"CREATE_NEW, missing", CREATE_NEW, FALSE, UNCHECKED, 0},
        {"CREATE_NEW, existing", CREATE_NEW, TRUE, ERROR_FILE_EXISTS, -1},
        {"CREATE_ALWAYS, missing", CREATE_ALWAYS, FALSE, NO_ERROR, 0},
        {"CREATE_ALWAYS, existing", CREATE_ALWAYS, TRUE, ERROR_ALREADY_EXISTS, 0},
        {"OPEN_EXISTING, missing", OPEN_EXISTING, FALSE, ERROR_FILE_NOT_FOUND, -1},
        {"OPEN_EXISTING, existing", OPEN_EXISTING, TRUE, UNCHECKED, 5},
        {"OPEN_ALWAYS, missing", OPEN_ALWAYS, FALSE, NO_ERROR, 0},
        {"OPEN_ALWAYS, existing", OPEN_ALWAYS, TRUE, ERROR_ALREADY_EXISTS, 5},
        {"TRUNCATE_EXISTING, missing", TRUNCATE_EXISTING, FALSE, ERROR_FILE_NOT_FOUND, -1},
        {"TRUNCATE_EXISTING, existing", TRUNCATE_EXISTING, TRUE, UNCHECKED, 0},
    };

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        LONG failed_before = check_failed;
        HANDLE file;
        DWORD error;

        DeleteFileA("subject");
        if (rows[i].exists)
            make_file("subject", "12345");
        SetLastError(CHECK_SENTINEL);
        file = open_file("subject", RW, rows[i].disposition);
        error = GetLastError();
        if (rows[i].error != UNCHECKED)
            CHECK_EQ(error, rows[i].error);
        CHECK_EQ(file != INVALID_HANDLE_VALUE, rows[i].size >= 0);
        if (file != INVALID_HANDLE_VALUE) {
            CHECK_EQ(GetFileSize(file, NULL), rows[i].size);
            CHECK(CloseHandle(file));
        }
        if (check_failed != failed_before)
            check_note(rows[i].name);
    }
    DeleteFileA("subject");
}

TEST(what_cannot_be_opened)
{
    make_file("plain", "12345");
    CHECK(CreateDirectoryA("directory", NULL));
    CHECK_ERROR(open_file("plain", RW, 0) == INVALID_HANDLE_VALUE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(open_file("plain", RW, 6) == INVALID_HANDLE_VALUE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(open_file("missing\\name", RW, OPEN_EXISTING) == INVALID_HANDLE_VALUE, ERROR_PATH_NOT_FOUND);
    CHECK_ERROR(open_file("missing\\name", RW, CREATE_ALWAYS) == INVALID_HANDLE_VALUE, ERROR_PATH_NOT_FOUND);
    CHECK_ERROR(open_file("plain\\name", RW, OPEN_EXISTING) == INVALID_HANDLE_VALUE, ERROR_PATH_NOT_FOUND);
    CHECK_ERROR(open_file("", RW, OPEN_EXISTING) == INVALID_HANDLE_VALUE, ERROR_PATH_NOT_FOUND);
    CHECK_ERROR(open_file("a*b", RW, OPEN_EXISTING) == INVALID_HANDLE_VALUE, ERROR_INVALID_NAME);
    CHECK_ERROR(open_file("a?b", RW, CREATE_NEW) == INVALID_HANDLE_VALUE, ERROR_INVALID_NAME);
    CHECK_ERROR(open_file("directory", GENERIC_READ, OPEN_EXISTING) == INVALID_HANDLE_VALUE,
                ERROR_ACCESS_DENIED);
    CHECK_ERROR(open_file("directory", RW, CREATE_ALWAYS) == INVALID_HANDLE_VALUE, ERROR_ACCESS_DENIED);
    UNLESS_WINE("says that the file exists")
    CHECK_ERROR(open_file("directory", RW, CREATE_NEW) == INVALID_HANDLE_VALUE, ERROR_ACCESS_DENIED);
    UNLESS_WINE("Wine opens it")
    CHECK_ERROR(open_file("plain", GENERIC_READ, TRUNCATE_EXISTING) == INVALID_HANDLE_VALUE,
                ERROR_INVALID_PARAMETER);
    CHECK(RemoveDirectoryA("directory"));
    CHECK(DeleteFileA("plain"));
}

TEST(a_directory_opens_with_backup_semantics)
{
    BY_HANDLE_FILE_INFORMATION information;
    HANDLE directory;

    CHECK(CreateDirectoryA("directory", NULL));
    directory =
        CreateFileA("directory", GENERIC_READ, 7, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    CHECK(directory != INVALID_HANDLE_VALUE);
    CHECK(GetFileInformationByHandle(directory, &information));
    CHECK(information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY);
    CHECK(CloseHandle(directory));
    CHECK(RemoveDirectoryA("directory"));
}

TEST(a_read_only_file_is_not_written)
{
    make_file("fixed", "12345");
    CHECK(SetFileAttributesA("fixed", FILE_ATTRIBUTE_READONLY));
    CHECK(GetFileAttributesA("fixed") & FILE_ATTRIBUTE_READONLY);
    UNLESS_WINE("Wine asks Linux, which lets root write")
    CHECK_ERROR(open_file("fixed", GENERIC_WRITE, OPEN_EXISTING) == INVALID_HANDLE_VALUE,
                ERROR_ACCESS_DENIED);
    UNLESS_WINE("Wine asks Linux, which lets root write")
    CHECK_ERROR(open_file("fixed", GENERIC_WRITE, CREATE_ALWAYS) == INVALID_HANDLE_VALUE,
                ERROR_ACCESS_DENIED);
    CHECK_ERROR(DeleteFileA("fixed") == FALSE, ERROR_ACCESS_DENIED);
    CHECK(SetFileAttributesA("fixed", FILE_ATTRIBUTE_NORMAL));
    CHECK(DeleteFileA("fixed"));
}

TEST(reading_stops_at_the_end)
{
    char buffer[16] = "";
    DWORD count = 99;
    HANDLE file;

    make_file("five", "12345");
    file = open_file("five", GENERIC_READ, OPEN_EXISTING);
    CHECK(ReadFile(file, buffer, 3, &count, NULL));
    CHECK_EQ(count, 3);
    CHECK(ReadFile(file, buffer + 3, 13, &count, NULL));
    CHECK_EQ(count, 2);
    CHECK_MEM(buffer, "12345", 6);
    /* The end of a file is success with nothing read. */
    CHECK(ReadFile(file, buffer, sizeof buffer, &count, NULL));
    CHECK_EQ(count, 0);
    CHECK(ReadFile(file, NULL, 0, &count, NULL));
    CHECK_EQ(count, 0);
    CHECK_ERROR(WriteFile(file, "x", 1, &count, NULL) == FALSE, ERROR_ACCESS_DENIED);
    CHECK_EQ(count, 0);
    UNLESS_WINE("Wine reports ERROR_INVALID_HANDLE")
    CHECK_ERROR(SetEndOfFile(file) == FALSE, ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(file));
    count = 99;
    CHECK_ERROR(ReadFile(file, buffer, 1, &count, NULL) == FALSE, ERROR_INVALID_HANDLE);
    CHECK(DeleteFileA("five"));
}

TEST(writing)
{
    HANDLE file = open_file("new", GENERIC_WRITE, CREATE_NEW);
    char buffer[4];
    DWORD count = 99;

    CHECK(WriteFile(file, "abc", 3, &count, NULL));
    CHECK_EQ(count, 3);
    CHECK(WriteFile(file, "abc", 0, &count, NULL));
    CHECK_EQ(count, 0);
    CHECK_EQ(size_of(file), 3);
    CHECK_ERROR(ReadFile(file, buffer, 1, &count, NULL) == FALSE, ERROR_ACCESS_DENIED);
    CHECK(FlushFileBuffers(file));
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA("new"));
}

TEST(an_appending_handle_writes_at_the_end)
{
    char buffer[16] = "";
    DWORD count;
    HANDLE file;

    make_file("log", "123");
    file = open_file("log", FILE_APPEND_DATA | SYNCHRONIZE, OPEN_EXISTING);
    CHECK(file != INVALID_HANDLE_VALUE);
    CHECK_EQ(SetFilePointer(file, 0, NULL, FILE_BEGIN), 0);
    CHECK(WriteFile(file, "45", 2, &count, NULL));
    CHECK(CloseHandle(file));
    file = open_file("log", GENERIC_READ, OPEN_EXISTING);
    CHECK(ReadFile(file, buffer, sizeof buffer, &count, NULL));
    CHECK_EQ(count, 5);
    CHECK_MEM(buffer, "12345", 5);
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA("log"));
}

TEST(an_overlapped_structure_names_the_position)
{
    OVERLAPPED at = {.Offset = 2};
    char buffer[16] = "";
    DWORD count = 99;
    HANDLE file;

    make_file("six", "123456");
    file = open_file("six", RW, OPEN_EXISTING);
    CHECK(ReadFile(file, buffer, 2, &count, &at));
    CHECK_EQ(count, 2);
    CHECK_MEM(buffer, "34", 2);
    CHECK_EQ(at.InternalHigh, 2);
    CHECK_EQ(position_of(file), 4);
    /* Unlike a plain read at the end. */
    at.Offset = 6;
    CHECK_ERROR(ReadFile(file, buffer, 2, &count, &at) == FALSE, ERROR_HANDLE_EOF);
    CHECK_EQ(count, 0);
    at.Offset = 1;
    CHECK(WriteFile(file, "xy", 2, &count, &at));
    CHECK_EQ(position_of(file), 3);
    CHECK_EQ(SetFilePointer(file, 0, NULL, FILE_BEGIN), 0);
    CHECK(ReadFile(file, buffer, 6, &count, NULL));
    CHECK_MEM(buffer, "1xy456", 6);
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA("six"));
}

TEST(seeking_by_32_bits)
{
    DWORD count;
    char buffer[8];
    HANDLE file;

    make_file("ten", "0123456789");
    file = open_file("ten", RW, OPEN_EXISTING);
    CHECK_EQ(SetFilePointer(file, 4, NULL, FILE_BEGIN), 4);
    CHECK_EQ(SetFilePointer(file, 3, NULL, FILE_CURRENT), 7);
    CHECK_EQ(SetFilePointer(file, -2, NULL, FILE_CURRENT), 5);
    CHECK_EQ(SetFilePointer(file, -1, NULL, FILE_END), 9);
    CHECK(ReadFile(file, buffer, 1, &count, NULL));
    CHECK_EQ(buffer[0], '9');
    CHECK_ERROR(SetFilePointer(file, -1, NULL, FILE_BEGIN) == INVALID_SET_FILE_POINTER, ERROR_NEGATIVE_SEEK);
    CHECK_ERROR(SetFilePointer(file, -11, NULL, FILE_END) == INVALID_SET_FILE_POINTER, ERROR_NEGATIVE_SEEK);
    CHECK_EQ(position_of(file), 10);
    CHECK_ERROR(SetFilePointer(file, 0, NULL, 3) == INVALID_SET_FILE_POINTER, ERROR_INVALID_PARAMETER);
    /* Beyond the end is allowed, and changes nothing until something is written there. */
    CHECK_EQ(SetFilePointer(file, 100, NULL, FILE_BEGIN), 100);
    CHECK_EQ(size_of(file), 10);
    CHECK(ReadFile(file, buffer, 1, &count, NULL));
    CHECK_EQ(count, 0);
    CHECK(WriteFile(file, "x", 1, &count, NULL));
    CHECK_EQ(size_of(file), 101);
    CHECK_EQ(SetFilePointer(file, 50, NULL, FILE_BEGIN), 50);
    CHECK(ReadFile(file, buffer, 1, &count, NULL));
    CHECK_EQ(buffer[0], 0);
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA("ten"));
}

TEST(positions_and_sizes_beyond_4_gib)
{
    const LONGLONG five_gib = 5LL << 30;
    HANDLE file = open_file("large", RW, CREATE_ALWAYS);
    LARGE_INTEGER distance = {.QuadPart = five_gib}, position;
    LONG high = 1;
    DWORD count, size_high = 99;
    char c = 0;

    CHECK(SetFilePointerEx(file, distance, &position, FILE_BEGIN));
    CHECK_EQ(position.QuadPart, five_gib);
    CHECK(WriteFile(file, "z", 1, &count, NULL));
    CHECK_EQ(size_of(file), five_gib + 1);
    CHECK_EQ(GetFileSize(file, &size_high), (DWORD)(five_gib + 1));
    CHECK_EQ(size_high, 1);
    CHECK_EQ(GetFileSize(file, NULL), (DWORD)(five_gib + 1));

    CHECK_EQ(SetFilePointer(file, (LONG)(five_gib & 0xFFFFFFFF), &high, FILE_BEGIN), (DWORD)five_gib);
    CHECK_EQ(high, 1);
    CHECK(ReadFile(file, &c, 1, &count, NULL));
    CHECK_EQ(c, 'z');
    high = -1;
    CHECK_EQ(SetFilePointer(file, -1, &high, FILE_CURRENT), (DWORD)five_gib);
    CHECK_EQ(high, 1);
    /* INVALID_SET_FILE_POINTER is also a position: then the last error is NO_ERROR. */
    high = 0;
    CHECK_ERROR(SetFilePointer(file, -1, &high, FILE_BEGIN) == 0xFFFFFFFF, NO_ERROR);
    CHECK_EQ(high, 0);
    CHECK_EQ(position_of(file), 0xFFFFFFFFLL);
    /* A position that 32 bits cannot return is refused. */
    UNLESS_WINE("Wine moves there and returns the low 32 bits")
    {
        CHECK_ERROR(SetFilePointer(file, 0, NULL, FILE_END) == INVALID_SET_FILE_POINTER,
                    ERROR_INVALID_PARAMETER);
        CHECK_EQ(position_of(file), 0xFFFFFFFFLL);
    }
    distance.QuadPart = -1;
    CHECK_ERROR(SetFilePointerEx(file, distance, &position, FILE_BEGIN) == FALSE, ERROR_NEGATIVE_SEEK);
    distance.QuadPart = -1;
    CHECK(SetFilePointerEx(file, distance, NULL, FILE_END));
    CHECK_EQ(position_of(file), five_gib);
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA("large"));
}

TEST(the_end_of_a_file_moves)
{
    char buffer[8] = "xxxxxxx";
    DWORD count;
    HANDLE file;

    make_file("length", "123456");
    file = open_file("length", RW, OPEN_EXISTING);
    CHECK_EQ(SetFilePointer(file, 3, NULL, FILE_BEGIN), 3);
    CHECK(SetEndOfFile(file));
    CHECK_EQ(size_of(file), 3);
    CHECK_EQ(SetFilePointer(file, 6, NULL, FILE_BEGIN), 6);
    CHECK(SetEndOfFile(file));
    CHECK_EQ(size_of(file), 6);
    CHECK_EQ(position_of(file), 6);
    CHECK_EQ(SetFilePointer(file, 0, NULL, FILE_BEGIN), 0);
    CHECK(ReadFile(file, buffer, 8, &count, NULL));
    CHECK_EQ(count, 6);
    CHECK_MEM(buffer, "123\0\0\0x", 7);
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA("length"));
}

TEST(a_file_may_vanish_with_its_handle)
{
    HANDLE file = CreateFileA("passing", RW, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, CREATE_NEW,
                              FILE_FLAG_DELETE_ON_CLOSE, NULL);

    CHECK(file != INVALID_HANDLE_VALUE);
    CHECK(GetFileAttributesA("passing") != INVALID_FILE_ATTRIBUTES);
    CHECK(CloseHandle(file));
    CHECK_ERROR(GetFileAttributesA("passing") == INVALID_FILE_ATTRIBUTES, ERROR_FILE_NOT_FOUND);
}

TEST(times_of_a_file)
{
    const ULONGLONG moment = 131000000001234567; /* in February 2016; the last digit is 100 ns */
    FILETIME set = {(DWORD)moment, (DWORD)(moment >> 32)};
    FILETIME created, accessed, written;
    HANDLE file = open_file("dated", RW, CREATE_ALWAYS);
    WIN32_FILE_ATTRIBUTE_DATA data;

    CHECK(SetFileTime(file, NULL, NULL, &set));
    CHECK(GetFileTime(file, &created, &accessed, &written));
    CHECK_EQ(CompareFileTime(&written, &set), 0);
    CHECK(SetFileTime(file, NULL, &set, NULL));
    CHECK(GetFileTime(file, NULL, &accessed, NULL));
    CHECK_EQ(CompareFileTime(&accessed, &set), 0);
    CHECK(GetFileTime(file, NULL, NULL, NULL));
    CHECK(CloseHandle(file));
    CHECK(GetFileAttributesExA("dated", GetFileExInfoStandard, &data));
    CHECK_EQ(CompareFileTime(&data.ftLastWriteTime, &set), 0);
    file = open_file("dated", GENERIC_READ, OPEN_EXISTING);
    UNLESS_WINE("Wine does not ask for FILE_WRITE_ATTRIBUTES")
    CHECK_ERROR(SetFileTime(file, NULL, NULL, &set) == FALSE, ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA("dated"));
}

TEST(information_about_a_file)
{
    BY_HANDLE_FILE_INFORMATION one = {0}, two = {0};
    HANDLE first, second;

    make_file("subject", "12345");
    make_file("other", "");
    first = open_file("subject", GENERIC_READ, OPEN_EXISTING);
    second = open_file("subject", GENERIC_READ, OPEN_EXISTING);
    CHECK(GetFileInformationByHandle(first, &one));
    CHECK(GetFileInformationByHandle(second, &two));
    CHECK_EQ(one.nFileSizeLow, 5);
    CHECK_EQ(one.nFileSizeHigh, 0);
    CHECK_EQ(one.nNumberOfLinks, 1);
    CHECK((one.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_READONLY)) == 0);
    CHECK_EQ(one.nFileIndexLow, two.nFileIndexLow);
    CHECK_EQ(one.nFileIndexHigh, two.nFileIndexHigh);
    CHECK_EQ(one.dwVolumeSerialNumber, two.dwVolumeSerialNumber);
    CHECK(CloseHandle(second));
    second = open_file("other", GENERIC_READ, OPEN_EXISTING);
    CHECK(GetFileInformationByHandle(second, &two));
    CHECK(one.nFileIndexLow != two.nFileIndexLow || one.nFileIndexHigh != two.nFileIndexHigh);
    CHECK(CloseHandle(second));
    CHECK(CloseHandle(first));
    CHECK(DeleteFileA("other"));
    CHECK(DeleteFileA("subject"));
}

int main(void)
{
    RUN(dispositions);
    RUN(what_cannot_be_opened);
    RUN(a_directory_opens_with_backup_semantics);
    RUN(a_read_only_file_is_not_written);
    RUN(reading_stops_at_the_end);
    RUN(writing);
    RUN(an_appending_handle_writes_at_the_end);
    RUN(an_overlapped_structure_names_the_position);
    RUN(seeking_by_32_bits);
    RUN(positions_and_sizes_beyond_4_gib);
    RUN(the_end_of_a_file_moves);
    RUN(a_file_may_vanish_with_its_handle);
    RUN(times_of_a_file);
    RUN(information_about_a_file);
    return CHECK_END();
}
