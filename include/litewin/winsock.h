/* Windows Sockets' types for code on the Linux side. Where Linux's headers have the same name for another
 * layout, Windows' gets a prefix: struct guest_timeval, guest_fd_set. Functions of both are never
 * meant here; implementations have names that begin with ws_. */
#ifndef LITEWIN_WINSOCK_H
#define LITEWIN_WINSOCK_H

#include <sys/select.h>
#include <litewin/windows.h>

#undef FD_CLR
#undef FD_SET
#undef FD_ZERO
#undef FD_ISSET
#undef FD_SETSIZE
#define timeval guest_timeval
#define fd_set  guest_fd_set
#define select  guest_select
#include <winsock2.h>
#undef timeval
#undef fd_set
#undef select

#endif
