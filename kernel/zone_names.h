/* What Windows calls the time zones that Linux knows by the tz database's names. */
#ifndef KERNEL_ZONE_NAMES_H
#define KERNEL_ZONE_NAMES_H

#include <litewin/windows.h>

/* With its NUL. */
#define ZONE_NAME_UNITS 32

/* "Europe/Vienna" is "W. Europe Standard Time". Returns the length; 0 for a name that nobody has matched. */
EXPORTED size_t zone_windows_name(const char *name, WCHAR *windows_name);

#endif
