/* uses: kernel/status.c */
#include <setjmp.h>
#include <stdio.h>
#include "kernel/status.h"
#include <cmocka.h>

/* What the table is searched by: it must be in order, and have nothing twice. */
static void table_is_in_order(void **state)
{
    static const NTSTATUS statuses[] = {
#define ERROR_OF(status, error) STATUS_##status,
#include "kernel/status_table.h"
#undef ERROR_OF
    };
    for (size_t i = 1; i < ARRAYSIZE(statuses); i++)
        assert_true((uint32_t)statuses[i - 1] < (uint32_t)statuses[i]);
    for (size_t i = 0; i < ARRAYSIZE(statuses); i++)
        assert_int_not_equal(status_to_win32(statuses[i]), ERROR_MR_MID_NOT_FOUND);
}

static void well_known_errors(void **state)
{
    static const struct {
        NTSTATUS status;
        DWORD error;
    } pairs[] = {
        {STATUS_SUCCESS, 0},
        {STATUS_OBJECT_NAME_NOT_FOUND, 2},
        {STATUS_OBJECT_PATH_NOT_FOUND, 3},
        {STATUS_TOO_MANY_OPENED_FILES, 4},
        {STATUS_ACCESS_DENIED, 5},
        {STATUS_INVALID_HANDLE, 6},
        {STATUS_NO_MEMORY, 8},
        {STATUS_NOT_SAME_DEVICE, 17},
        {STATUS_NO_MORE_FILES, 18},
        {STATUS_SHARING_VIOLATION, 32},
        {STATUS_FILE_LOCK_CONFLICT, 33},
        {STATUS_END_OF_FILE, 38},
        {STATUS_INVALID_PARAMETER, 87},
        {STATUS_PIPE_BROKEN, 109},
        {STATUS_DISK_FULL, 112},
        {STATUS_BUFFER_TOO_SMALL, 122},
        {STATUS_OBJECT_NAME_INVALID, 123},
        {STATUS_DIRECTORY_NOT_EMPTY, 145},
        {STATUS_OBJECT_NAME_COLLISION, 183},
        {STATUS_INVALID_IMAGE_FORMAT, 193},
        {STATUS_BUFFER_OVERFLOW, 234},
        {STATUS_NOT_A_DIRECTORY, 267},
        {STATUS_PENDING, 997},
        {STATUS_ACCESS_VIOLATION, 998},
        {STATUS_TIMEOUT, 1460},
    };
    for (size_t i = 0; i < ARRAYSIZE(pairs); i++)
        assert_int_equal(status_to_win32(pairs[i].status), pairs[i].error);
}

static void unlisted_statuses(void **state)
{
    assert_int_equal(status_to_win32(0x12345678), ERROR_MR_MID_NOT_FOUND);
    assert_int_equal(status_to_win32(0xc0001234), ERROR_MR_MID_NOT_FOUND);
    assert_int_equal(status_to_win32(0xe0001234), 0xe0001234);
    assert_int_equal(status_to_win32(0x80070005), 5);
    assert_int_equal(status_to_win32(0xc0070020), 32);
    /* A status inside an HRESULT. */
    assert_int_equal(status_to_win32(STATUS_ACCESS_DENIED | 0x10000000), 5);
}

/* Every errno that Linux has gets a status that has a Win32 error. */
static void every_errno(void **state)
{
    for (int error = 1; error < 134; error++) {
        NTSTATUS status = status_from_errno(error);
        assert_int_not_equal(status, STATUS_SUCCESS);
        assert_int_not_equal(status_to_win32(status), ERROR_MR_MID_NOT_FOUND);
    }
    assert_int_equal(status_from_errno(ENOENT), STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(status_from_errno(EACCES), STATUS_ACCESS_DENIED);
    assert_int_equal(status_from_errno(EEXIST), STATUS_OBJECT_NAME_COLLISION);
    assert_int_equal(status_from_errno(ENOTEMPTY), STATUS_DIRECTORY_NOT_EMPTY);
    assert_int_equal(status_from_errno(EPIPE), STATUS_PIPE_CLOSING);
    assert_int_equal(status_from_errno(9999), STATUS_UNSUCCESSFUL);
    assert_int_equal(status_from_errno(-1), STATUS_UNSUCCESSFUL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_in_order),
        cmocka_unit_test(well_known_errors),
        cmocka_unit_test(unlisted_statuses),
        cmocka_unit_test(every_errno),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
