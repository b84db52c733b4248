/* Writing to the console itself. */
#ifndef MSVCRT_CONIO_H
#define MSVCRT_CONIO_H

#include <litewin/windows.h>

bool conio_write(const WCHAR *text, size_t length);
bool conio_write_narrow(const char *text, size_t length); /* in the console's code page */

/* One character of input, shown as it is typed; and back again. */
int crt_getche(void);
int crt_ungetch(int c);
WCHAR crt_getwche(void);
WCHAR crt_ungetwch(WCHAR c);

#endif
