#include "runtime/address.h"

#include "runtime/status.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/un.h>

#include <cmocka.h>

static bool public(const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return moot__address_public((struct sockaddr *)&in);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return moot__address_public((struct sockaddr *)&in6);
}

static void test_public(void **state)
{
    (void)state;
    static const char *const good[] = {"1.1.1.1",
                                       "8.8.8.8",
                                       "100.63.255.255",
                                       "100.128.0.0",
                                       "172.15.255.255",
                                       "172.32.0.0",
                                       "192.0.1.0",
                                       "198.17.255.255",
                                       "198.20.0.0",
                                       "223.255.255.255",
                                       "2606:4700:4700::1111",
                                       "2a00:1450:4001:800::200e",
                                       "::ffff:8.8.8.8"};
    for (size_t i = 0; i < MOOT_COUNT(good); i++) {
        if (!public(good[i]))
            fail_msg("%s is public", good[i]);
    }
}

static void test_special(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:10.1.2.3",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "2001:10::1",
        "2002:7f00:1::1",
        "3fff::1",
    };
    for (size_t i = 0; i < MOOT_COUNT(bad); i++) {
        if (public(bad[i]))
            fail_msg("%s is not public", bad[i]);
    }
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    assert_false(moot__address_public((struct sockaddr *)&local));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_public),
        cmocka_unit_test(test_special),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
