#include "runtime/loop.h"
#include "tests/lib/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct moot_world *w;

struct got {
    int calls;
    int status;
    long http_status;
    int64_t retry_after_ms;
    int should_retry;
    bool any_bytes;
    char type[64];
    char url[128];
    struct moot_error error;
    struct moot_buf body;
    size_t pieces;
    size_t stop_after; /* pieces; 0: never */
    struct moot_http *http;
    bool cancel; /* from inside of data, instead of returning 1 */
};

static int got_data(void *arg, const char *data, size_t len)
{
    struct got *got = arg;
    moot__buf_add(&got->body, data, len);
    if (++got->pieces != got->stop_after)
        return 0;
    if (!got->cancel)
        return 1;
    w->http_cancel(w->self, got->http);
    return 0;
}

static void got_done(void *arg, const struct moot_http_result *r)
{
    struct got *got = arg;
    got->calls++;
    got->status = r->status;
    got->http_status = r->http_status;
    got->retry_after_ms = r->retry_after_ms;
    got->should_retry = r->should_retry;
    got->any_bytes = r->any_bytes;
    got->error = r->error;
    snprintf(got->type, sizeof(got->type), "%s", r->content_type);
    snprintf(got->url, sizeof(got->url), "%s", r->effective_url);
}

static const struct moot_http_events events = {.data = got_data, .done = got_done};

static void begin(struct got *got, const struct moot_http_request *request)
{
    struct moot_error err = {0};
    moot__buf_init(&got->body, 64u << 20);
    int status = w->http_start(w->self, request, &events, got, &got->http, &err);
    assert_int_equal(status, MOOT_OK);
    assert_int_equal(got->calls, 0);
}

static void wait_for(struct got *got)
{
    while (got->calls == 0)
        assert_int_equal(w->turn(w->self, 20000), MOOT_OK);
    assert_int_equal(got->calls, 1);
    assert_true((got->status == MOOT_OK) == (got->error.message[0] == '\0'));
}

static struct got fetch(const struct moot_http_request *request)
{
    struct got got = {0};
    begin(&got, request);
    wait_for(&got);
    return got;
}

/* Short deadlines, so that the cases that must run into one do so soon. */
static struct moot_http_request to(const char *url)
{
    return (struct moot_http_request){.method = "GET",
                                      .url = url,
                                      .connect_ms = 5000,
                                      .first_byte_ms = 5000,
                                      .idle_ms = 5000,
                                      .total_ms = 15000,
                                      .max_bytes = 1u << 20};
}

static struct got serve(const struct loopback_script *script, const struct moot_http_request *like)
{
    struct loopback *lb = loopback_start(script, 1);
    struct moot_http_request request = *like;
    request.url = loopback_url(lb, "/x");
    struct got got = fetch(&request);
    loopback_stop(lb);
    return got;
}

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
#define CHUNKED OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define KIB                                                                                        \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"                             \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define GZIP                                                                                       \
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57"                             \
    "\x28\x48\x4c\xce\x4e\x4d\xe1\x02\x00\xb6\xa7\xe1\xb2\x0d\x00\x00\x00"

struct fault {
    const char *name;
    struct loopback_script script;
    int status;
    long http_status;
    bool any_bytes;
    const char *body;
    int64_t first_byte_ms;
    int64_t idle_ms;
    int64_t total_ms;
};

static const struct fault faults[] = {
    {"a plain reply",
     {{LB_TEXT(OK_HEAD "Content-Length: 5\r\n\r\nhello")}},
     0,
     200,
     true,
     .body = "hello"},
    {"no length: to the end", {{LB_TEXT(OK_HEAD "\r\nhello")}}, 0, 200, true, .body = "hello"},
    {"chunks of one byte",
     {{LB_SLOW(CHUNKED "1\r\nh\r\n1\r\ni\r\n0\r\n\r\n", 0)}},
     0,
     200,
     true,
     .body = "hi"},
    {"an empty reply with 500",
     {{LB_TEXT("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")}},
     0,
     500,
     true,
     .body = ""},
    {"204", {{LB_TEXT("HTTP/1.1 204 No Content\r\n\r\n")}}, 0, 204, true, .body = ""},
    {"100 and again 100, then 200",
     {{LB_TIMES("HTTP/1.1 100 Continue\r\n\r\n", 100),
       LB_TEXT(OK_HEAD "Content-Length: 2\r\n\r\nok")}},
     0,
     200,
     true,
     .body = "ok"},
    {"more than Content-Length",
     {{LB_TEXT(OK_HEAD "Content-Length: 2\r\n\r\nokoverflow")}},
     0,
     200,
     true,
     .body = "ok"},
    {"packed without being asked",
     {{LB_TEXT(OK_HEAD "Content-Encoding: gzip\r\nContent-Length: 33\r\n\r\n"),
       LB_BYTES(GZIP, sizeof(GZIP) - 1)}},
     0,
     200,
     true,
     .body = "hello packed\n"},
    {"a redirect is a reply when none is followed",
     {{LB_TEXT("HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 2\r\n\r\nno")}},
     0,
     302,
     true,
     .body = "no"},
    {"closed without a byte", {{LB_DO(LB_CLOSE)}}, MOOT_ENETWORK, 0, false, .body = ""},
    {"reset without a byte", {{LB_DO(LB_RESET)}}, MOOT_ENETWORK, 0, false, .body = ""},
    {"closed after the headers",
     {{LB_TEXT(OK_HEAD "Content-Length: 9\r\n\r\n")}},
     MOOT_ENETWORK,
     200,
     true,
     .body = ""},
    {"less than Content-Length",
     {{LB_TEXT(OK_HEAD "Content-Length: 9\r\n\r\nhell")}},
     MOOT_ENETWORK,
     200,
     true,
     .body = "hell"},
    {"no last chunk", {{LB_TEXT(CHUNKED "2\r\nhi\r\n")}}, MOOT_ENETWORK, 200, true, .body = "hi"},
    {"no such chunk size",
     {{LB_TEXT(CHUNKED "zz\r\nhi\r\n")}},
     MOOT_ENETWORK,
     200,
     true,
     .body = ""},
    {"a negative length",
     {{LB_TEXT(OK_HEAD "Content-Length: -5\r\n\r\nhello")}},
     MOOT_EPROTOCOL,
     200,
     true,
     .body = ""},
    {"not HTTP", {{LB_TEXT("220 mail.example ESMTP\r\n")}}, MOOT_EPROTOCOL, 0, false, .body = ""},
    {"a packed body that is none",
     {{LB_TEXT(OK_HEAD "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello")}},
     MOOT_EPROTOCOL,
     200,
     true,
     .body = ""},
    {"an encoding nobody knows",
     {{LB_TEXT(OK_HEAD "Content-Encoding: rot13\r\nContent-Length: 5\r\n\r\nuryyb")}},
     MOOT_EPROTOCOL,
     200,
     true,
     .body = ""},
    {"silence", {{LB_DO(LB_HANG)}}, MOOT_ETIMEOUT, 0, false, .body = "", .first_byte_ms = 50},
    {"silence inside the status line",
     {{LB_TEXT("HTTP/1.1 2"), LB_DO(LB_HANG)}},
     MOOT_ETIMEOUT,
     0,
     false,
     .body = "",
     .first_byte_ms = 50},
    {"silence in the body",
     {{LB_TEXT(OK_HEAD "Content-Length: 9\r\n\r\nhell"), LB_DO(LB_HANG)}},
     MOOT_ETIMEOUT,
     200,
     true,
     .body = "hell",
     .idle_ms = 50},
    {"bytes so slow that the whole takes too long",
     {{LB_TEXT(OK_HEAD "\r\n"), LB_SLOW(KIB KIB KIB KIB, 5), LB_DO(LB_HANG)}},
     MOOT_ETIMEOUT,
     200,
     true,
     .body = NULL,
     .total_ms = 150},
    {"a flood of headers",
     {{LB_TEXT(OK_HEAD), LB_TIMES("X-Flood: " KIB "\r\n", 4000), LB_DO(LB_HANG)}},
     MOOT_ETOOBIG,
     200,
     true,
     .body = ""},
    {"a body without end",
     {{LB_TEXT(OK_HEAD "\r\n"), LB_TIMES(KIB, 100000)}},
     MOOT_ETOOBIG,
     200,
     true,
     .body = NULL},
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(faults); i++) {
        const struct fault *f = &faults[i];
        struct moot_http_request request = to("");
        if (f->first_byte_ms > 0)
            request.first_byte_ms = f->first_byte_ms;
        if (f->idle_ms > 0)
            request.idle_ms = f->idle_ms;
        if (f->total_ms > 0)
            request.total_ms = f->total_ms;
        struct got got = serve(&f->script, &request);
        if (got.status != f->status || got.http_status != f->http_status ||
            got.any_bytes != f->any_bytes ||
            (f->body != NULL && strcmp(moot__buf_text(&got.body), f->body) != 0))
            fail_msg("%s: status %d, http %ld, any %d, body '%s', error '%s'", f->name, got.status,
                     got.http_status, got.any_bytes, moot__buf_text(&got.body), got.error.message);
        moot__buf_release(&got.body);
    }
}

/* Cut or reset after every single byte: an error, or the whole reply. */
static void test_cut_at_every_byte(void **state)
{
    (void)state;
    static const char reply[] = OK_HEAD "Content-Length: 11\r\n\r\nhello world";
    for (size_t at = 0; at < sizeof(reply) - 1; at++) {
        for (int how = 0; how < 2; how++) {
            struct loopback_script script = {0};
            size_t n = 0;
            if (at > 0)
                script.steps[n++] = (struct loopback_step){.op = LB_SEND, .data = reply, .len = at};
            script.steps[n++].op = how == 0 ? LB_CLOSE : LB_RESET;
            struct moot_http_request request = to("");
            struct got got = serve(&script, &request);
            if (got.status != MOOT_ENETWORK && got.status != MOOT_EPROTOCOL)
                fail_msg("cut at %zu: %d", at, got.status);
            moot__buf_release(&got.body);
        }
    }
}

static void test_retry_headers(void **state)
{
    (void)state;
    static const struct {
        const char *headers;
        int64_t ms;
        int should;
    } cases[] = {
        {"", -1, -1},
        {"Retry-After: 7\r\n", 7000, -1},
        {"retry-after: 0\r\n", 0, -1},
        {"Retry-After: 1.5\r\n", 1500, -1},
        {"Retry-After: -3\r\n", -1, -1},
        {"Retry-After: soon\r\n", -1, -1},
        {"Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n", 0, -1},
        {"Retry-After: 7\r\nretry-after-ms: 250\r\n", 250, -1},
        {"retry-after-ms: 250.7\r\nRetry-After: 7\r\n", 250, -1},
        {"x-should-retry: true\r\n", -1, 1},
        {"x-should-retry: false\r\n", -1, 0},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        char reply[256];
        snprintf(reply, sizeof(reply), "HTTP/1.1 429 Slow\r\n%sContent-Length: 0\r\n\r\n",
                 cases[i].headers);
        struct loopback_script script = {{LB_TEXT(reply)}};
        struct moot_http_request request = to("");
        struct got got = serve(&script, &request);
        assert_int_equal(got.status, MOOT_OK);
        if (got.retry_after_ms != cases[i].ms || got.should_retry != cases[i].should)
            fail_msg("'%s': %lld %d", cases[i].headers, (long long)got.retry_after_ms,
                     got.should_retry);
        moot__buf_release(&got.body);
    }
    struct loopback_script far = {
        {LB_TEXT("HTTP/1.1 429 Slow\r\nRetry-After: 99999999999999999999999\r\n"
                 "Content-Length: 0\r\n\r\n")}};
    struct moot_http_request request = to("");
    struct got got = serve(&far, &request);
    assert_true(got.retry_after_ms > 1000000000);
    moot__buf_release(&got.body);
}

static void test_post_gathers_parts(void **state)
{
    (void)state;
    static const struct loopback_script script = {{LB_TEXT(OK_HEAD "Content-Length: 2\r\n\r\nok")}};
    struct loopback *lb = loopback_start(&script, 1);
    size_t len = 300000;
    char *big = malloc(len);
    assert_non_null(big);
    memset(big, 'z', len);
    struct moot_part parts[] = {{"{\"a\":", 5}, {"", 0}, {big, len}, {"}", 1}};
    const char *headers[] = {"Content-Type: application/json", "Authorization: Bearer k", NULL};
    struct moot_http_request request = to(loopback_url(lb, "/v1"));
    request.method = "POST";
    request.headers = headers;
    request.body = parts;
    request.body_count = MOOT_COUNT(parts);
    struct got got = fetch(&request);
    assert_int_equal(got.status, MOOT_OK);
    assert_string_equal(got.type, "text/plain");
    const char *sent = loopback_request(lb, 0);
    assert_non_null(strstr(sent, "POST /v1 HTTP/1.1\r\n"));
    assert_non_null(strstr(sent, "Content-Length: 300006\r\n"));
    assert_non_null(strstr(sent, "Authorization: Bearer k\r\n"));
    assert_non_null(strstr(sent, "Accept-Encoding: identity\r\n"));
    assert_null(strstr(sent, "Expect"));
    const char *body = loopback_body(lb, 0);
    assert_int_equal(strlen(body), len + 6);
    assert_memory_equal(body, "{\"a\":zzz", 8);
    assert_string_equal(body + len + 4, "z}");
    moot__buf_release(&got.body);
    free(big);
    loopback_stop(lb);
}

/* The server closes a kept connection just as the next request goes out: it is sent again, from its
 * first byte, on a fresh one. */
static void test_reused_connection_that_was_closed(void **state)
{
    (void)state;
    static const struct loopback_script scripts[] = {
        {{LB_TEXT(OK_HEAD "Content-Length: 2\r\n\r\nok"), LB_DO(LB_NEXT)}},
        {{LB_DO(LB_CLOSE)}},
        {{LB_TEXT(OK_HEAD "Content-Length: 5\r\n\r\nagain")}},
    };
    struct loopback *lb = loopback_start(scripts, 3);
    struct moot_part part = {"body", 4};
    struct moot_http_request request = to(loopback_url(lb, "/"));
    request.method = "POST";
    request.body = &part;
    request.body_count = 1;
    struct got got = fetch(&request);
    moot__buf_release(&got.body);
    got = fetch(&request);
    assert_int_equal(got.status, MOOT_OK);
    assert_string_equal(moot__buf_text(&got.body), "again");
    assert_string_equal(loopback_body(lb, 2), "body");
    moot__buf_release(&got.body);
    loopback_stop(lb);
}

static void test_nobody_there(void **state)
{
    (void)state;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in here = {.sin_family = AF_INET};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&here, sizeof(here)), 0);
    socklen_t len = sizeof(here);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&here, &len), 0);
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", ntohs(here.sin_port));
    struct moot_http_request request = to(url);
    struct got got = fetch(&request); /* bound, but nobody listens */
    assert_int_equal(got.status, MOOT_ENETWORK);
    assert_non_null(strstr(got.error.message, "Connection refused"));
    moot__buf_release(&got.body);
    close(fd);

    request = to("http://nothing.invalid/");
    got = fetch(&request);
    assert_int_equal(got.status, MOOT_ENETWORK);
    assert_non_null(strstr(got.error.message, "cannot find nothing.invalid"));
    moot__buf_release(&got.body);
}

static void test_tls_faults(void **state)
{
    (void)state;
    static const struct loopback_script silent = {{LB_DO(LB_NO_READ), LB_DO(LB_HANG)}};
    static const struct loopback_script plain = {
        {LB_DO(LB_NO_READ), LB_TEXT("HTTP/1.1 400 Bad\r\n\r\n"), LB_DO(LB_HANG)}};
    struct loopback *lb = loopback_start(&silent, 1);
    char url[64];
    snprintf(url, sizeof(url), "https://127.0.0.1:%d/", loopback_port(lb));
    struct moot_http_request request = to(url);
    request.connect_ms = 80;
    struct got got = fetch(&request);
    assert_int_equal(got.status, MOOT_ETIMEOUT);
    moot__buf_release(&got.body);
    loopback_stop(lb);

    lb = loopback_start(&plain, 1);
    snprintf(url, sizeof(url), "https://127.0.0.1:%d/", loopback_port(lb));
    request = to(url);
    got = fetch(&request);
    assert_int_equal(got.status, MOOT_ENETWORK);
    moot__buf_release(&got.body);
    loopback_stop(lb);
}

static void test_bad_addresses(void **state)
{
    (void)state;
    static const char *const bad[] = {"",        "file:///etc/passwd", "gopher://x/", "ftp://x/",
                                      "http://", "http://a b/"};
    for (size_t i = 0; i < MOOT_COUNT(bad); i++) {
        struct moot_http_request request = to(bad[i]);
        struct got got = {0};
        struct moot_error err = {0};
        if (w->http_start(w->self, &request, &events, &got, &got.http, &err) != MOOT_EINVAL)
            fail_msg("'%s' was taken", bad[i]);
        assert_string_not_equal(err.message, "");
    }
    const char *headers[] = {"X: a\r\nY: b", NULL};
    struct moot_http_request request = to("http://127.0.0.1/");
    request.headers = headers;
    struct got got = {0};
    assert_int_equal(w->http_start(w->self, &request, &events, &got, &got.http, NULL), MOOT_EINVAL);
}

static void test_public_only(void **state)
{
    (void)state;
    static const struct loopback_script script = {{LB_TEXT(OK_HEAD "Content-Length: 2\r\n\r\nok")}};
    struct loopback *lb = loopback_start(&script, 1);
    static const char *const hosts[] = {
        "127.0.0.1",       "0",         "2130706433",         "0x7f.1",
        "017700000001",    "[::1]",     "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]",
        "169.254.169.254", "10.0.0.1",  "localhost",          "localhost.",
        "a@127.0.0.1",     "100.64.1.1"};
    for (size_t i = 0; i < MOOT_COUNT(hosts); i++) {
        char url[128];
        snprintf(url, sizeof(url), "http://%s:%d/", hosts[i], loopback_port(lb));
        struct moot_http_request request = to(url);
        request.public_only = true;
        struct got got = {0};
        struct moot_error err = {0};
        moot__buf_init(&got.body, 1000);
        int status = w->http_start(w->self, &request, &events, &got, &got.http, &err);
        if (status == MOOT_OK) {
            wait_for(&got);
            status = got.status;
        }
        /* (a final dot is a name that some resolvers do not find) */
        if (status != MOOT_EDENIED && (status != MOOT_ENETWORK || i != 11))
            fail_msg("%s: %d %s", hosts[i], status, got.error.message);
        moot__buf_release(&got.body);
    }
    assert_int_equal(loopback_connections(lb), 0);
    loopback_stop(lb);
}

static void test_redirects(void **state)
{
    (void)state;
    static const struct loopback_script scripts[] = {
        {{LB_TEXT("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 2\r\n\r\nno"),
          LB_DO(LB_NEXT)}},
        {{LB_TEXT(OK_HEAD "Content-Length: 2\r\n\r\nok")}},
        {{LB_TEXT("HTTP/1.1 302 Found\r\nLocation: /c\r\nContent-Length: 0\r\n\r\n"),
          LB_DO(LB_NEXT)}},
    };
    struct loopback *lb = loopback_start(scripts, 3);
    const char *headers[] = {"Authorization: Bearer k", "X-Kept: yes", NULL};
    struct moot_http_request request = to(loopback_url(lb, "/a"));
    request.headers = headers;
    request.redirects = 3;
    struct got got = fetch(&request);
    assert_int_equal(got.status, MOOT_OK);
    assert_int_equal(got.http_status, 200);
    assert_string_equal(moot__buf_text(&got.body), "ok");
    assert_non_null(strstr(got.url, "/b"));
    assert_non_null(strstr(loopback_request(lb, 0), "Authorization"));
    assert_null(strstr(loopback_request(lb, 1), "Authorization"));
    assert_non_null(strstr(loopback_request(lb, 1), "X-Kept: yes"));
    moot__buf_release(&got.body);

    got = fetch(&request); /* round and round */
    assert_int_equal(got.status, MOOT_EPROTOCOL);
    assert_int_equal(loopback_requests(lb), 2 + 4);
    moot__buf_release(&got.body);
    loopback_stop(lb);

    static const struct loopback_script away = {
        {LB_TEXT("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"
                 "Content-Length: 0\r\n\r\n")}};
    request = to("");
    request.redirects = 3;
    got = serve(&away, &request);
    assert_int_not_equal(got.status, MOOT_OK);
    moot__buf_release(&got.body);
}

static void test_cancel(void **state)
{
    (void)state;
    static const struct loopback_script script = {
        {LB_TEXT(OK_HEAD "Content-Length: 50\r\n\r\nhello"), LB_DO(LB_HANG)}};
    struct loopback *lb = loopback_start(&script, 1);
    struct moot_http_request request = to(loopback_url(lb, "/"));
    for (int when = 0; when < 4; when++) {
        struct got got = {0};
        got.stop_after = when >= 2 ? 1 : 0;
        got.cancel = when == 3;
        begin(&got, &request);
        if (when == 1) {
            for (int i = 0; i < 3; i++)
                w->turn(w->self, 0);
        }
        if (when < 2) {
            w->http_cancel(w->self, got.http);
            assert_int_equal(got.calls, 0);
        }
        wait_for(&got);
        assert_int_equal(got.status, MOOT_ECANCELED);
        moot__buf_release(&got.body);
    }
    /* a lookup is cancelled too */
    request = to("http://nothing.invalid/");
    struct got got = {0};
    begin(&got, &request);
    w->turn(w->self, 0);
    w->turn(w->self, 0);
    w->http_cancel(w->self, got.http);
    wait_for(&got);
    moot__buf_release(&got.body);
    loopback_stop(lb);
}

static void test_many_at_once(void **state)
{
    (void)state;
    enum { MANY = 100 };
    static const struct loopback_script script = {
        {LB_TEXT(CHUNKED), LB_TIMES("3\r\nabc\r\n", 50), LB_TEXT("0\r\n\r\n")}};
    struct loopback *lb = loopback_start(&script, 1);
    struct moot_http_request request = to(loopback_url(lb, "/"));
    struct got *got = calloc(MANY, sizeof(*got));
    assert_non_null(got);
    for (int i = 0; i < MANY; i++)
        begin(&got[i], &request);
    for (int i = 0; i < MANY; i++) {
        wait_for(&got[i]);
        assert_int_equal(got[i].status, MOOT_OK);
        assert_int_equal(got[i].body.len, 150);
        moot__buf_release(&got[i].body);
    }
    free(got);
    loopback_stop(lb);
}

static void test_proxy(void **state)
{
    (void)state;
    static const struct loopback_script scripts[] = {
        {{LB_TEXT(OK_HEAD "Content-Length: 2\r\n\r\nok")}},
        {{LB_TEXT("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")}},
    };
    struct loopback *lb = loopback_start(scripts, 2);
    setenv("http_proxy", loopback_url(lb, ""), 1);
    setenv("https_proxy", loopback_url(lb, ""), 1);
    struct moot_http_request request = to("http://shop.invalid/page");
    struct got got = fetch(&request);
    assert_int_equal(got.status, MOOT_OK);
    assert_non_null(strstr(loopback_request(lb, 0), "GET http://shop.invalid/page HTTP/1.1\r\n"));
    moot__buf_release(&got.body);
    request = to("https://shop.invalid/page");
    got = fetch(&request);
    assert_int_equal(got.status, MOOT_ENETWORK);
    assert_non_null(strstr(loopback_request(lb, 1), "CONNECT shop.invalid:443"));
    moot__buf_release(&got.body);
    /* a proxy on this machine is allowed; a target there is not */
    request = to("http://127.0.0.1:1/");
    request.public_only = true;
    got = fetch(&request);
    assert_int_equal(got.status, MOOT_EDENIED);
    moot__buf_release(&got.body);
    unsetenv("http_proxy");
    unsetenv("https_proxy");
    loopback_stop(lb);
}

static int set_up(void **state)
{
    (void)state;
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY",  "no_proxy",    "NO_PROXY"};
    for (size_t i = 0; i < MOOT_COUNT(names); i++)
        unsetenv(names[i]);
    return moot__world_real(&w, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    w->destroy(w->self);
    return 0;
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_faults),
        WORLD_TEST(test_cut_at_every_byte),
        WORLD_TEST(test_retry_headers),
        WORLD_TEST(test_post_gathers_parts),
        WORLD_TEST(test_reused_connection_that_was_closed),
        WORLD_TEST(test_nobody_there),
        WORLD_TEST(test_tls_faults),
        WORLD_TEST(test_bad_addresses),
        WORLD_TEST(test_public_only),
        WORLD_TEST(test_redirects),
        WORLD_TEST(test_cancel),
        WORLD_TEST(test_many_at_once),
        WORLD_TEST(test_proxy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
