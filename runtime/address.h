/* Which network addresses belong to the public internet. */
#ifndef MOOT_ADDRESS_H
#define MOOT_ADDRESS_H

#include <stdbool.h>

struct sockaddr;

/* False for private, loopback, link-local (metadata services too), shared, documentation, multicast
 * and reserved addresses, also when mapped or translated into IPv6, and for all other families. */
bool moot__address_public(const struct sockaddr *address);

#endif
