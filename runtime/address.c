#include "runtime/address.h"

#include "runtime/status.h"

#include <netinet/in.h>

struct net4 {
    uint32_t net;
    int bits;
};

/* The special-purpose registry of IANA (RFC 6890 and its successors). */
static const struct net4 special4[] = {
    {0x00000000u, 8},  {0x0a000000u, 8},  {0x64400000u, 10}, {0x7f000000u, 8},  {0xa9fe0000u, 16},
    {0xac100000u, 12}, {0xc0000000u, 24}, {0xc0000200u, 24}, {0xc0586300u, 24}, {0xc0a80000u, 16},
    {0xc6120000u, 15}, {0xc6336400u, 24}, {0xcb007100u, 24}, {0xe0000000u, 4},  {0xf0000000u, 4},
};

static bool public4(uint32_t address)
{
    for (size_t i = 0; i < MOOT_COUNT(special4); i++) {
        uint32_t mask = ~0u << (32 - special4[i].bits);
        if ((address & mask) == special4[i].net)
            return false;
    }
    return true;
}

/* Only 2000::/3 is handed out, and of it these are special: 2001::/23 (Teredo among them),
 * documentation, and 6to4, which carries an IPv4 address of anyone's choosing. */
static bool public6(const uint8_t a[16])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (memcmp(a, mapped, sizeof(mapped)) == 0)
        return public4((uint32_t)a[12] << 24 | (uint32_t)a[13] << 16 | (uint32_t)a[14] << 8 |
                       a[15]);
    if ((a[0] & 0xe0) != 0x20)
        return false;
    if (a[0] == 0x20 && a[1] == 0x01 && a[2] < 0x02)
        return false;
    if (a[0] == 0x20 && a[1] == 0x01 && a[2] == 0x0d && a[3] == 0xb8)
        return false;
    if (a[0] == 0x20 && a[1] == 0x02)
        return false;
    return !(a[0] == 0x3f && a[1] == 0xff && (a[2] & 0xf0) == 0);
}

bool moot__address_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof(in));
        return public4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, address, sizeof(in6));
        return public6(in6.sin6_addr.s6_addr);
    }
    return false;
}
