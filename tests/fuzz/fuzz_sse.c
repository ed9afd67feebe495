/* The same bytes whole and cut in two give the same events. */
#include "runtime/sse.h"
#include "tests/fuzz/fuzz.h"

static int event(void *arg, const struct moot_sse_event *e)
{
    struct moot_buf *out = arg;
    moot__buf_addf(out, "[%s|%d|", e->name, e->unfinished);
    moot__buf_add(out, e->data, e->len);
    MOOT_ASSERT(e->data[e->len] == '\0');
    moot__buf_addc(out, ']');
    return 0;
}

static void run(const char *data, size_t len, size_t cut, struct moot_buf *out)
{
    struct moot_sse s;
    moot__sse_init(&s, 4096);
    int status = moot__sse_feed(&s, data, cut, event, out);
    if (status == 0)
        status = moot__sse_feed(&s, data + cut, len - cut, event, out);
    if (status == 0)
        status = moot__sse_end(&s, event, out);
    moot__buf_addf(out, "%d", status);
    moot__sse_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moot_buf whole;
    struct moot_buf cut;
    moot__buf_init(&whole, 1u << 24);
    moot__buf_init(&cut, 1u << 24);
    run((const char *)data, size, size, &whole);
    run((const char *)data, size, size > 0 ? data[0] % size : 0, &cut);
    MOOT_ASSERT(whole.len == cut.len);
    MOOT_ASSERT(whole.len == 0 || memcmp(whole.data, cut.data, whole.len) == 0);
    moot__buf_release(&whole);
    moot__buf_release(&cut);
    return 0;
}
