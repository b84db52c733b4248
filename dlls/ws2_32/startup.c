#include <litewin/winsock.h>
#include "dlls/ws2_32/startup.h"

/* Versions that WSAStartup can agree on. */
#define HIGHEST_VERSION MAKEWORD(2, 2)

/* How often WSAStartup has succeeded without its WSACleanup. */
static LONG startups;

bool socket_library_started(void)
{
    return __atomic_load_n(&startups, __ATOMIC_RELAXED) > 0;
}

int ws_WSAGetLastError(void)
{
    return GetLastError();
}

void ws_WSASetLastError(int error)
{
    SetLastError(error);
}

/* The version that both sides know: the highest of ours that is not above what the program asks for. */
static WORD agree(WORD wanted)
{
    BYTE major = LOBYTE(wanted), minor = HIBYTE(wanted);
    if (major == 1)
        return MAKEWORD(1, minor < 1 ? minor : 1);
    return major == 2 && minor < 2 ? wanted : HIGHEST_VERSION;
}

int ws_WSAStartup(WORD version, WSADATA *data)
{
    if (!LOBYTE(version))
        return WSAVERNOTSUPPORTED;
    if (!data)
        return WSAEFAULT;
    memset(data, 0, sizeof *data);
    data->wVersion = agree(version);
    data->wHighVersion = HIGHEST_VERSION;
    strcpy(data->szDescription, "WinSock 2.0");
    strcpy(data->szSystemStatus, "Running");
    /* Programs of version 1 size their tables by these; later ones are told 0, as Windows does. */
    if (LOBYTE(data->wVersion) < 2) {
        data->iMaxSockets = 32767;
        data->iMaxUdpDg = 65467;
    }
    __atomic_fetch_add(&startups, 1, __ATOMIC_RELAXED);
    return 0;
}

int ws_WSACleanup(void)
{
    LONG present = __atomic_load_n(&startups, __ATOMIC_RELAXED);
    while (present > 0) {
        if (__atomic_compare_exchange_n(&startups, &present, present - 1, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
            return 0;
    }
    SetLastError(WSANOTINITIALISED);
    return SOCKET_ERROR;
}
