#include "kernel/calendar.h"

/* TIME_FIELDS, as the run-time library's callers know it. */
struct time_fields {
    SHORT Year, Month, Day, Hour, Minute, Second, Milliseconds, Weekday;
};

NTSTATUS NTAPI NtQuerySystemTime(PLARGE_INTEGER time)
{
    time->QuadPart = time_system();
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtQueryPerformanceCounter(PLARGE_INTEGER counter, PLARGE_INTEGER frequency)
{
    counter->QuadPart = time_performance_counter();
    if (frequency)
        frequency->QuadPart = TIME_TICKS_PER_SECOND;
    return STATUS_SUCCESS;
}

BOOL NTAPI RtlQueryPerformanceCounter(PLARGE_INTEGER counter)
{
    counter->QuadPart = time_performance_counter();
    return TRUE;
}

BOOL NTAPI RtlQueryPerformanceFrequency(PLARGE_INTEGER frequency)
{
    frequency->QuadPart = TIME_TICKS_PER_SECOND;
    return TRUE;
}

ULONG NTAPI NtGetTickCount(void)
{
    return (ULONG)time_tick_count();
}

ULONGLONG NTAPI RtlGetSystemTimePrecise(void)
{
    return time_system();
}

/* The calendar */

void NTAPI RtlTimeToTimeFields(const LARGE_INTEGER *time, struct time_fields *fields)
{
    if (!calendar_holds(time->QuadPart))
        return;
    SYSTEMTIME calendar = calendar_from_ticks(time->QuadPart);
    *fields = (struct time_fields){
        .Year = calendar.wYear,
        .Month = calendar.wMonth,
        .Day = calendar.wDay,
        .Hour = calendar.wHour,
        .Minute = calendar.wMinute,
        .Second = calendar.wSecond,
        .Milliseconds = calendar.wMilliseconds,
        .Weekday = calendar.wDayOfWeek,
    };
}

BOOLEAN NTAPI RtlTimeFieldsToTime(const struct time_fields *fields, PLARGE_INTEGER time)
{
    int64_t ticks;
    SYSTEMTIME calendar = {
        .wYear = fields->Year,
        .wMonth = fields->Month,
        .wDay = fields->Day,
        .wHour = fields->Hour,
        .wMinute = fields->Minute,
        .wSecond = fields->Second,
        .wMilliseconds = fields->Milliseconds,
    };
    if (!calendar_to_ticks(&calendar, &ticks))
        return FALSE;
    time->QuadPart = ticks;
    return TRUE;
}

/* Seconds */

/* From 1601 to 1980. */
#define EPOCH_OF_1980 (11960006400LL * TIME_TICKS_PER_SECOND)

static BOOLEAN seconds_since(int64_t epoch, int64_t ticks, ULONG *seconds)
{
    int64_t since = (ticks - epoch) / TIME_TICKS_PER_SECOND;
    if (ticks < epoch || since > UINT32_MAX)
        return FALSE;
    *seconds = (ULONG)since;
    return TRUE;
}

BOOLEAN NTAPI RtlTimeToSecondsSince1970(PLARGE_INTEGER time, PULONG seconds)
{
    return seconds_since(TIME_UNIX_EPOCH, time->QuadPart, seconds);
}

BOOLEAN NTAPI RtlTimeToSecondsSince1980(const LARGE_INTEGER *time, PULONG seconds)
{
    return seconds_since(EPOCH_OF_1980, time->QuadPart, seconds);
}

void NTAPI RtlSecondsSince1970ToTime(ULONG seconds, PLARGE_INTEGER time)
{
    time->QuadPart = seconds * TIME_TICKS_PER_SECOND + TIME_UNIX_EPOCH;
}

void NTAPI RtlSecondsSince1980ToTime(ULONG seconds, PLARGE_INTEGER time)
{
    time->QuadPart = seconds * TIME_TICKS_PER_SECOND + EPOCH_OF_1980;
}

/* Local time */

NTSTATUS NTAPI RtlSystemTimeToLocalTime(const LARGE_INTEGER *utc, PLARGE_INTEGER local)
{
    local->QuadPart = utc->QuadPart + time_local_offset(time_system());
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlLocalTimeToSystemTime(PLARGE_INTEGER local, PLARGE_INTEGER utc)
{
    utc->QuadPart = local->QuadPart - time_local_offset(time_system());
    return STATUS_SUCCESS;
}
