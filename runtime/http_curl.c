#include "runtime/http_curl.h"

#include "runtime/shared.h"

struct moot_curl moot__curl;

static const struct moot_symbol symbols[] = {
#define SYMBOL(name) {"curl_" #name, offsetof(struct moot_curl, name)},
    MOOT_CURL_FUNCTIONS(SYMBOL)
#undef SYMBOL
};

static struct moot_shared library = {
    .soname = MOOT_SONAME_CURL,
    .package = "libcurl4",
    .purpose = "a request over the network",
    .symbols = symbols,
    .count = MOOT_COUNT(symbols),
    .table = &moot__curl,
};

int moot__curl_begin(struct moot_error *err)
{
    int status = moot__shared_open(&library, err);
    if (status == MOOT_OK && moot__curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        status = moot__fail(err, MOOT_EIO, "cannot set up libcurl");
    return status;
}

void moot__curl_end(void)
{
    moot__curl.global_cleanup();
}

/* The numbers of options and facts say what kind of value they have. */

static void expect_option(CURLoption option, int kind)
{
    MOOT_ASSERT((int)option / 10000 * 10000 == kind);
}

void moot__curl_set_number(CURL *easy, CURLoption option, long value)
{
    expect_option(option, CURLOPTTYPE_LONG);
    moot__curl.easy_setopt(easy, option, value);
}

void moot__curl_set_size(CURL *easy, CURLoption option, curl_off_t value)
{
    expect_option(option, CURLOPTTYPE_OFF_T);
    moot__curl.easy_setopt(easy, option, value);
}

void moot__curl_set_text(CURL *easy, CURLoption option, const char *value)
{
    expect_option(option, CURLOPTTYPE_STRINGPOINT);
    moot__curl.easy_setopt(easy, option, value);
}

void moot__curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value)
{
    expect_option(option, CURLOPTTYPE_SLISTPOINT);
    moot__curl.easy_setopt(easy, option, value);
}

void moot__curl_set_data(CURL *easy, CURLoption option, void *value)
{
    expect_option(option, CURLOPTTYPE_CBPOINT);
    moot__curl.easy_setopt(easy, option, value);
}

static void expect_fact(CURLINFO fact, int kind)
{
    MOOT_ASSERT(((int)fact & CURLINFO_TYPEMASK) == kind);
}

long moot__curl_number(CURL *easy, CURLINFO fact)
{
    long value = 0;
    expect_fact(fact, CURLINFO_LONG);
    moot__curl.easy_getinfo(easy, fact, &value);
    return value;
}

const char *moot__curl_text(CURL *easy, CURLINFO fact)
{
    char *value = NULL;
    expect_fact(fact, CURLINFO_STRING);
    moot__curl.easy_getinfo(easy, fact, &value);
    return value;
}

void *moot__curl_data(CURL *easy)
{
    char *value = NULL;
    moot__curl.easy_getinfo(easy, CURLINFO_PRIVATE, &value);
    return value;
}
