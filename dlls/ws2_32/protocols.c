/* The catalogue of transport protocols: TCP and UDP over both versions of IP, as Windows lists them. */
#include <litewin/winsock.h>
#include "dlls/ws2_32/startup.h"
#include "kernel/utf.h"

static const GUID provider_v4 = {
    0xe70f1aa0, 0xab8b, 0x11cf, {0x8c, 0xa3, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92}};
static const GUID provider_v6 = {
    0xf9eab0c0, 0x26d4, 0x11d0, {0xbb, 0xbf, 0x00, 0xaa, 0x00, 0x6c, 0x34, 0xe4}};

#define STREAM_SERVICE                                                                          \
    (XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER | XP1_GRACEFUL_CLOSE | XP1_EXPEDITED_DATA | \
     XP1_IFS_HANDLES)
#define DATAGRAM_SERVICE                                                                          \
    (XP1_CONNECTIONLESS | XP1_MESSAGE_ORIENTED | XP1_SUPPORT_BROADCAST | XP1_SUPPORT_MULTIPOINT | \
     XP1_IFS_HANDLES)
#define SIZE_OF_SOCKADDR_IN6 28

static const struct protocol {
    WCHAR name[24];
    int family, address_size, type, protocol;
    DWORD service, largest_message;
} protocols[] = {
    {L"MSAFD Tcpip [TCP/IP]", AF_INET, sizeof(SOCKADDR_IN), SOCK_STREAM, IPPROTO_TCP, STREAM_SERVICE, 0},
    {L"MSAFD Tcpip [UDP/IP]", AF_INET, sizeof(SOCKADDR_IN), SOCK_DGRAM, IPPROTO_UDP, DATAGRAM_SERVICE, 65467},
    {L"MSAFD Tcpip [TCP/IPv6]", AF_INET6, SIZE_OF_SOCKADDR_IN6, SOCK_STREAM, IPPROTO_TCP, STREAM_SERVICE, 0},
    {L"MSAFD Tcpip [UDP/IPv6]", AF_INET6, SIZE_OF_SOCKADDR_IN6, SOCK_DGRAM, IPPROTO_UDP, DATAGRAM_SERVICE,
     65467},
};

#define FIRST_CATALOG_ID 1001
#define CATALOG_VERSION  2

/* All but the name, up to which the two kinds of WSAPROTOCOL_INFO are alike. */
static void describe(WSAPROTOCOL_INFOW *info, const struct protocol *protocol)
{
    DWORD id = FIRST_CATALOG_ID + (protocol - protocols);
    *info = (WSAPROTOCOL_INFOW){
        .dwServiceFlags1 = protocol->service,
        .dwProviderFlags = PFL_MATCHES_PROTOCOL_ZERO,
        .ProviderId = protocol->family == AF_INET ? provider_v4 : provider_v6,
        .dwCatalogEntryId = id,
        .ProtocolChain = {.ChainLen = BASE_PROTOCOL, .ChainEntries = {id}},
        .iVersion = CATALOG_VERSION,
        .iAddressFamily = protocol->family,
        .iMaxSockAddr = protocol->address_size,
        .iMinSockAddr = protocol->address_size,
        .iSocketType = protocol->type,
        .iProtocol = protocol->protocol,
        .iNetworkByteOrder = BIGENDIAN,
        .iSecurityScheme = SECURITY_PROTOCOL_NONE,
        .dwMessageSize = protocol->largest_message,
    };
}

static bool is_wanted(const struct protocol *protocol, const int *wanted)
{
    if (!wanted)
        return true;
    while (*wanted && *wanted != protocol->protocol)
        wanted++;
    return *wanted;
}

/* Sets the size to what the answer takes. */
static bool has_room(const int *wanted, const void *buffer, DWORD *size, size_t each)
{
    DWORD needed = 0;
    for (size_t i = 0; i < ARRAYSIZE(protocols); i++)
        needed += is_wanted(&protocols[i], wanted) ? each : 0;
    bool enough = *size >= needed && (buffer || !needed);
    *size = needed;
    return enough;
}

static bool is_answerable(const int *wanted, const void *buffer, DWORD *size, size_t each)
{
    int error = !socket_library_started()              ? WSANOTINITIALISED
                : !size                                ? WSAEFAULT
                : has_room(wanted, buffer, size, each) ? 0
                                                       : WSAENOBUFS;
    if (error)
        SetLastError(error);
    return !error;
}

int ws_WSAEnumProtocolsW(int *wanted, WSAPROTOCOL_INFOW *buffer, DWORD *size)
{
    int count = 0;
    if (!is_answerable(wanted, buffer, size, sizeof *buffer))
        return SOCKET_ERROR;
    for (size_t i = 0; i < ARRAYSIZE(protocols); i++) {
        if (is_wanted(&protocols[i], wanted)) {
            describe(&buffer[count], &protocols[i]);
            memcpy(buffer[count].szProtocol, protocols[i].name, sizeof protocols[i].name);
            count++;
        }
    }
    return count;
}

int ws_WSAEnumProtocolsA(int *wanted, WSAPROTOCOL_INFOA *buffer, DWORD *size)
{
    int count = 0;
    if (!is_answerable(wanted, buffer, size, sizeof *buffer))
        return SOCKET_ERROR;
    for (size_t i = 0; i < ARRAYSIZE(protocols); i++) {
        if (is_wanted(&protocols[i], wanted)) {
            WSAPROTOCOL_INFOW wide;
            describe(&wide, &protocols[i]);
            memset(&buffer[count], 0, sizeof buffer[count]);
            memcpy(&buffer[count], &wide, offsetof(WSAPROTOCOL_INFOW, szProtocol));
            utf8_from_utf16(buffer[count].szProtocol, WSAPROTOCOL_LEN, protocols[i].name,
                            lstrlenW(protocols[i].name), UTF_REPLACE);
            count++;
        }
    }
    return count;
}
