#include <litewin/windows.h>
#include <mmsystem.h>

/* In milliseconds; Windows' own limits. */
#define SHORTEST_PERIOD 1
#define LONGEST_PERIOD  1000000

static bool is_period(UINT period)
{
    return period >= SHORTEST_PERIOD && period <= LONGEST_PERIOD;
}

/* Linux' timers are finer than any period that can be asked for, so that every request is granted already. */
MMRESULT WINAPI timeBeginPeriod(UINT period)
{
    return is_period(period) ? TIMERR_NOERROR : TIMERR_NOCANDO;
}

MMRESULT WINAPI timeEndPeriod(UINT period)
{
    return is_period(period) ? TIMERR_NOERROR : TIMERR_NOCANDO;
}

MMRESULT WINAPI timeGetDevCaps(LPTIMECAPS caps, UINT size)
{
    if (!caps || size < sizeof *caps)
        return TIMERR_NOCANDO;
    *caps = (TIMECAPS){.wPeriodMin = SHORTEST_PERIOD, .wPeriodMax = LONGEST_PERIOD};
    return TIMERR_NOERROR;
}

DWORD WINAPI timeGetTime(void)
{
    return GetTickCount();
}

MMRESULT WINAPI timeGetSystemTime(LPMMTIME time, UINT size)
{
    if (!time || size < sizeof *time)
        return TIMERR_NOCANDO;
    time->wType = TIME_MS;
    time->u.ms = timeGetTime();
    return TIMERR_NOERROR;
}
