#include "runtime/sse.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int record(void *arg, const struct moot_sse_event *e)
{
    struct moot_buf *out = arg;
    moot__buf_addf(out, "%s<", e->name);
    moot__buf_add(out, e->data, e->len);
    moot__buf_adds(out, e->unfinished ? ">..." : ">");
    return 0;
}

/* What comes of the bytes when they are cut every `step` bytes, beginning at `first`. */
static char *events_of(const char *data, size_t len, size_t first, size_t step)
{
    struct moot_sse s;
    struct moot_buf out;
    moot__buf_init(&out, 1u << 20);
    moot__sse_init(&s, 1u << 20);
    size_t at = 0;
    size_t n = first < len ? first : len;
    while (at < len) {
        assert_int_equal(moot__sse_feed(&s, data + at, n, record, &out), 0);
        at += n;
        n = step < len - at ? step : len - at;
    }
    assert_int_equal(moot__sse_end(&s, record, &out), 0);
    moot__sse_release(&s);
    return moot__buf_take(&out);
}

static void test_streams(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        const char *events;
    } cases[] = {
        {"", ""},
        {"data: a\n\n", "<a>"},
        {"data:a\n\ndata:  b\n\n", "<a>< b>"},
        {"data: a\r\n\r\ndata: b\r\n\r\n", "<a><b>"},
        {"data: a\r\rdata: b\r\r", "<a><b>"},
        {"data: a\n\r\ndata: b\r\n\n", "<a><b>"},
        {"\xef\xbb\xbf"
         "data: a\n\n",
         "<a>"},
        {"\xef\xbb"
         "data: a\n\n",
         ""},
        {"data: a\ndata: b\n\n", "<a\nb>"},
        {"data\n\n", "<>"},
        {"data:\ndata:\n\n", "<\n>"},
        {"\n\n\n", ""},
        {": ping\n\n: OPENROUTER PROCESSING\n\ndata: a\n\n", "<a>"},
        {"event: x\ndata: a\n\ndata: b\n\n", "x<a><b>"},
        {"data: a\nevent: x\n\n", "x<a>"},
        {"event: x\n\ndata: a\n\n", "<a>"},
        {"id: 7\nretry: 10\nunknown: 1\ndata: a\n\n", "<a>"},
        {"data: a\n", "<a>..."},
        {"data: a", "<a>..."},
        {"data: a\n\ndata: b", "<a><b>..."},
        {"error: {\"code\":1}\n", "error<{\"code\":1}>"},
        {"data: a\nerror: x\n\n", "error<x><a>"},
        {"error\n\nerror:\n\n", ""},
        {"data: {\"a\": \"x:y\"}\n\n", "<{\"a\": \"x:y\"}>"},
        {"data: \xe4\xbd\xa0\xf0\x9f\x98\x80\n\n", "<\xe4\xbd\xa0\xf0\x9f\x98\x80>"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        size_t len = strlen(cases[i].bytes);
        for (size_t first = 0; first <= len; first++) {
            for (size_t step = 1; step < 4; step++) {
                if (first == 0 && len > 0)
                    continue;
                char *got = events_of(cases[i].bytes, len, first, step);
                if (strcmp(got, cases[i].events) != 0)
                    fail_msg("case %zu cut at %zu by %zu: %s", i, first, step, got);
                free(got);
            }
        }
    }
}

static int stop_at_done(void *arg, const struct moot_sse_event *e)
{
    record(arg, e);
    return strcmp(e->data, "[DONE]") == 0 ? 1 : 0;
}

static void test_stop(void **state)
{
    (void)state;
    static const char bytes[] = "data: a\n\ndata: [DONE]\n\ndata: late\n\n";
    struct moot_sse s;
    struct moot_buf out;
    moot__buf_init(&out, 1000);
    moot__sse_init(&s, 1000);
    assert_int_equal(moot__sse_feed(&s, bytes, sizeof(bytes) - 1, stop_at_done, &out), 1);
    assert_int_equal(moot__sse_feed(&s, bytes, sizeof(bytes) - 1, stop_at_done, &out), 1);
    assert_int_equal(moot__sse_end(&s, stop_at_done, &out), 1);
    assert_string_equal(moot__buf_text(&out), "<a><[DONE]>");
    moot__sse_release(&s);
    moot__buf_release(&out);
}

static void test_limits(void **state)
{
    (void)state;
    char line[200];
    memset(line, 'x', sizeof(line));
    for (int how = 0; how < 3; how++) {
        struct moot_sse s;
        struct moot_buf out;
        moot__buf_init(&out, 1000);
        moot__sse_init(&s, 100);
        int status = 0;
        if (how == 0) /* a line in one piece */
            status = moot__sse_feed(&s, line, sizeof(line), record, &out);
        for (int i = 0; how == 1 && i < 200 && status == 0; i++)
            status = moot__sse_feed(&s, line, 1, record, &out);
        for (int i = 0; how == 2 && i < 200 && status == 0; i++)
            status = moot__sse_feed(&s, "data: x\n", 8, record, &out);
        assert_int_equal(status, MOOT_ETOOBIG);
        assert_int_equal(moot__sse_end(&s, record, &out), MOOT_ETOOBIG);
        moot__sse_release(&s);
        moot__buf_release(&out);
    }
    /* a long event name is cut, not refused */
    struct moot_sse s;
    struct moot_buf out;
    moot__buf_init(&out, 1000);
    moot__sse_init(&s, 1000);
    assert_int_equal(moot__sse_feed(&s, "event: ", 7, record, &out), 0);
    assert_int_equal(moot__sse_feed(&s, line, sizeof(line), record, &out), 0);
    assert_int_equal(moot__sse_feed(&s, "\ndata: a\n\n", 10, record, &out), 0);
    assert_int_equal(strlen(moot__buf_text(&out)), 63 + 3);
    moot__sse_release(&s);
    moot__buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
