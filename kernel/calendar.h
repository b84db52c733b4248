/* Points in time as year, month and day, by the Gregorian calendar that Windows uses for all of time. */
#ifndef KERNEL_CALENDAR_H
#define KERNEL_CALENDAR_H

#include "kernel/time.h"

#define CALENDAR_TICKS_PER_DAY (86400 * TIME_TICKS_PER_SECOND)

/* Windows refuses points in time before 1601, and those so late that they are negative. */
static inline bool calendar_holds(int64_t ticks)
{
    return ticks >= 0;
}

/* For ticks that calendar_holds. */
EXPORTED SYSTEMTIME calendar_from_ticks(int64_t ticks);

/* False for what is no date and time of day. The day of the week does not count. */
EXPORTED bool calendar_to_ticks(const SYSTEMTIME *time, int64_t *ticks);

EXPORTED int calendar_days_of_month(int year, int month);

#endif
