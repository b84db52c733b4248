/* Which openings of one file agree with each other, and what may happen to a file that is open. */
#include "check.h"

enum { READ = 1, WRITE = 2, REMOVE = 4, ANY = 7 };

/* Every combination of the three accesses and the eight share modes, as one number. */
enum { COMBINATIONS = 64 };

static HANDLE open_as(unsigned access, unsigned share)
{
    DWORD wanted = 0;

    if (access & READ)
        wanted |= GENERIC_READ;
    if (access & WRITE)
        wanted |= GENERIC_WRITE;
    if (access & REMOVE)
        wanted |= DELETE;
    return CreateFileA("shared", wanted, share, NULL, OPEN_EXISTING, 0, NULL);
}

static void make_file(void)
{
    HANDLE file = CreateFileA("shared", GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);

    CHECK(file != INVALID_HANDLE_VALUE);
    CHECK(CloseHandle(file));
}

/* A second opening must be allowed by what the first shares and must itself share what the first
 * has. One without access to the data takes no part. */
static int agree(unsigned access1, unsigned share1, unsigned access2, unsigned share2)
{
    if (access1 == 0 || access2 == 0)
        return 1;
    return (access2 & ~share1) == 0 && (access1 & ~share2) == 0;
}

TEST(the_matrix_of_two_openings)
{
    make_file();
    for (unsigned access1 = 0; access1 <= ANY; access1++) {
        for (unsigned share1 = 0; share1 <= ANY; share1++) {
            HANDLE first = open_as(access1, share1);
            int disagreements = 0, wrong_errors = 0;

            CHECK(first != INVALID_HANDLE_VALUE);
            for (unsigned second = 0; second < COMBINATIONS; second++) {
                HANDLE file = open_as(second >> 3, second & ANY);
                DWORD error = GetLastError();
                int opened = file != INVALID_HANDLE_VALUE;

                if (opened != agree(access1, share1, second >> 3, second & ANY))
                    disagreements++;
                if (opened)
                    CloseHandle(file);
                else if (error != ERROR_SHARING_VIOLATION)
                    wrong_errors++;
            }
            CHECK_EQ(disagreements, 0);
            CHECK_EQ(wrong_errors, 0);
            CHECK(CloseHandle(first));
        }
    }
    CHECK(DeleteFileA("shared"));
}

TEST(executing_counts_as_reading)
{
    HANDLE first, second;

    make_file();
    first = CreateFileA("shared", GENERIC_EXECUTE, FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(first != INVALID_HANDLE_VALUE);
    CHECK_ERROR(open_as(WRITE, FILE_SHARE_WRITE) == INVALID_HANDLE_VALUE, ERROR_SHARING_VIOLATION);
    second = open_as(WRITE, FILE_SHARE_READ);
    CHECK(second != INVALID_HANDLE_VALUE);
    CHECK(CloseHandle(second));
    CHECK(CloseHandle(first));
    CHECK(DeleteFileA("shared"));
}

TEST(appending_counts_as_writing)
{
    HANDLE first;

    make_file();
    first = CreateFileA("shared", FILE_APPEND_DATA, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(first != INVALID_HANDLE_VALUE);
    CHECK_ERROR(open_as(READ, FILE_SHARE_READ) == INVALID_HANDLE_VALUE, ERROR_SHARING_VIOLATION);
    CHECK(CloseHandle(first));
    CHECK(DeleteFileA("shared"));
}

TEST(asking_for_all_takes_part_in_everything)
{
    HANDLE first;

    make_file();
    first = CreateFileA("shared", GENERIC_ALL, ANY, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(first != INVALID_HANDLE_VALUE);
    CHECK_ERROR(open_as(READ, READ | WRITE) == INVALID_HANDLE_VALUE, ERROR_SHARING_VIOLATION);
    CHECK_ERROR(open_as(READ, WRITE | REMOVE) == INVALID_HANDLE_VALUE, ERROR_SHARING_VIOLATION);
    CHECK(CloseHandle(first));
    CHECK(DeleteFileA("shared"));
}

TEST(creating_anew_respects_the_share_mode)
{
    HANDLE first;

    make_file();
    first = open_as(READ, FILE_SHARE_READ);
    CHECK_ERROR(CreateFileA("shared", GENERIC_WRITE, ANY, NULL, CREATE_ALWAYS, 0, NULL) ==
                    INVALID_HANDLE_VALUE,
                ERROR_SHARING_VIOLATION);
    CHECK(CloseHandle(first));
    CHECK(DeleteFileA("shared"));
}

TEST(deleting_needs_the_consent_of_all_who_have_it_open)
{
    HANDLE file;

    make_file();
    file = open_as(READ, FILE_SHARE_READ | FILE_SHARE_WRITE);
    CHECK_ERROR(DeleteFileA("shared") == FALSE, ERROR_SHARING_VIOLATION);
    CHECK(CloseHandle(file));
    file = open_as(READ, FILE_SHARE_DELETE);
    CHECK(DeleteFileA("shared"));
    CHECK(CloseHandle(file));
    CHECK_ERROR(GetFileAttributesA("shared") == INVALID_FILE_ATTRIBUTES, ERROR_FILE_NOT_FOUND);
}

TEST(renaming_needs_it_too)
{
    HANDLE file;

    make_file();
    file = open_as(READ, FILE_SHARE_READ | FILE_SHARE_WRITE);
    CHECK_ERROR(MoveFileA("shared", "moved") == FALSE, ERROR_SHARING_VIOLATION);
    CHECK(CloseHandle(file));
    file = open_as(READ, FILE_SHARE_READ | FILE_SHARE_DELETE);
    CHECK(MoveFileA("shared", "moved"));
    CHECK(CloseHandle(file));
    CHECK(GetFileAttributesA("moved") != INVALID_FILE_ATTRIBUTES);
    CHECK(DeleteFileA("moved"));
}

TEST(links_of_one_file_share_its_modes)
{
    HANDLE file;

    make_file();
    CHECK(CreateHardLinkA("link", "shared", NULL));
    file = open_as(READ, FILE_SHARE_READ);
    CHECK_ERROR(CreateFileA("link", GENERIC_WRITE, ANY, NULL, OPEN_EXISTING, 0, NULL) == INVALID_HANDLE_VALUE,
                ERROR_SHARING_VIOLATION);
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA("link"));
    CHECK(DeleteFileA("shared"));
}

TEST(a_duplicate_keeps_the_share_mode_in_force)
{
    HANDLE self = GetCurrentProcess();
    HANDLE file, copy = NULL;

    make_file();
    file = open_as(READ, 0);
    CHECK(DuplicateHandle(self, file, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CHECK(CloseHandle(file));
    CHECK_ERROR(open_as(READ, ANY) == INVALID_HANDLE_VALUE, ERROR_SHARING_VIOLATION);
    CHECK(CloseHandle(copy));
    CHECK(DeleteFileA("shared"));
}

int main(void)
{
    RUN(the_matrix_of_two_openings);
    RUN(executing_counts_as_reading);
    RUN(appending_counts_as_writing);
    RUN(asking_for_all_takes_part_in_everything);
    RUN(creating_anew_respects_the_share_mode);
    RUN(deleting_needs_the_consent_of_all_who_have_it_open);
    RUN(renaming_needs_it_too);
    RUN(links_of_one_file_share_its_modes);
    RUN(a_duplicate_keeps_the_share_mode_in_force);
    return CHECK_END();
}
