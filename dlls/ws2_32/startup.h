#ifndef WS2_32_STARTUP_H
#define WS2_32_STARTUP_H

#include <stdbool.h>

/* Whether WSAStartup has succeeded more often than WSACleanup. */
bool socket_library_started(void);

#endif
