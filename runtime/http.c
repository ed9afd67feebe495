/* libcurl's multi interface on the loop.
 *
 * A transfer is one heap object: it looks its host up (on the pool: curl's own resolver joins a
 * thread when it is cancelled), runs one easy handle for each hop, and ends in http_finish. Curl is
 * never entered from inside one of its callbacks: what they decide is noted and done after them. */
#include "runtime/http_curl.h"

enum {
    CONNECT_MS = 10 * 1000,
    FIRST_BYTE_MS = 60 * 1000,
    IDLE_MS = 60 * 1000,
    TOTAL_MS = 10 * 60 * 1000,
};

static void http_transferred(struct moot_http *h, CURLcode code);

int moot__http_fail(struct moot_http *h, int status, const char *format, ...)
{
    if (h->status != MOOT_OK)
        return h->status;
    char text[sizeof(h->error.message)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    h->status = moot__fail(&h->error, status, "%s", text);
    return h->status;
}

/* Deadlines: one timer a transfer, set to the nearest; bytes only move `last_byte`. */

static int64_t http_due(const struct moot_http *h)
{
    int64_t due = h->phase_started;
    switch (h->phase) {
    case MOOT_PHASE_CONNECT:
        due += h->request.connect_ms;
        break;
    case MOOT_PHASE_FIRST_BYTE:
        due += h->request.first_byte_ms;
        break;
    case MOOT_PHASE_BODY:
        due = h->last_byte + h->request.idle_ms;
        break;
    }
    int64_t total = h->started + h->request.total_ms;
    return due < total ? due : total;
}

static void http_late(struct moot_http *h)
{
    const char *format = NULL;
    int64_t ms = 0;
    switch (h->phase) {
    case MOOT_PHASE_CONNECT:
        format = "no connection to %s within %lld ms";
        ms = h->request.connect_ms;
        break;
    case MOOT_PHASE_FIRST_BYTE:
        format = "%s did not begin to reply within %lld ms";
        ms = h->request.first_byte_ms;
        break;
    case MOOT_PHASE_BODY:
        format = "%s fell silent for %lld ms in the middle of its reply";
        ms = h->request.idle_ms;
        break;
    }
    if (http_due(h) == h->started + h->request.total_ms) {
        format = "%s did not finish its reply within %lld ms";
        ms = h->request.total_ms;
    }
    moot__http_fail(h, MOOT_ETIMEOUT, format, h->host, (long long)ms);
}

static void http_set_alarm(struct moot_http *h);

static void http_alarm(void *arg)
{
    struct moot_http *h = arg;
    h->alarm = NULL;
    if (h->engine->w->now_mono(h->engine->w->self) >= http_due(h)) {
        http_late(h);
        moot__http_finish(h);
        return;
    }
    http_set_alarm(h);
}

static void http_set_alarm(struct moot_http *h)
{
    struct moot_world *w = h->engine->w;
    int64_t due = http_due(h);
    if (h->alarm != NULL && h->alarm_due <= due)
        return;
    if (h->alarm != NULL)
        w->timer_stop(w->self, h->alarm);
    h->alarm = NULL;
    h->alarm_due = due;
    if (w->timer_start(w->self, due - w->now_mono(w->self), http_alarm, h, &h->alarm) != MOOT_OK)
        moot__http_fail(h, MOOT_ENOMEM, "out of memory");
}

void moot__http_enter(struct moot_http *h, enum moot_http_phase phase)
{
    h->phase = phase;
    h->phase_started = h->engine->w->now_mono(h->engine->w->self);
    h->last_byte = h->phase_started;
    http_set_alarm(h);
}

/* The multi handle on the loop */

static void engine_collect(struct moot_http_engine *engine)
{
    int left = 0;
    for (CURLMsg *m; (m = moot__curl.multi_info_read(engine->multi, &left)) != NULL;) {
        if (m->msg != CURLMSG_DONE)
            continue;
        /* The message dies with its handle's removal. */
        CURLcode code = m->data.result;
        http_transferred(moot__curl_data(m->easy_handle), code);
    }
}

static void engine_ready(void *arg, int fd, int events)
{
    struct moot_http_engine *engine = arg;
    int mask = 0;
    if ((events & MOOT_POLL_READ) != 0)
        mask |= CURL_CSELECT_IN;
    if ((events & MOOT_POLL_WRITE) != 0)
        mask |= CURL_CSELECT_OUT;
    int running = 0;
    moot__curl.multi_socket_action(engine->multi, fd, mask, &running);
    engine_collect(engine);
}

static void engine_timeout(void *arg)
{
    struct moot_http_engine *engine = arg;
    engine->timer = NULL;
    int running = 0;
    moot__curl.multi_socket_action(engine->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    engine_collect(engine);
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
    (void)multi;
    struct moot_http_engine *engine = arg;
    struct moot_world *w = engine->w;
    if (engine->timer != NULL)
        w->timer_stop(w->self, engine->timer);
    engine->timer = NULL;
    if (ms < 0)
        return 0;
    /* Never at once: this is inside of curl. */
    return w->timer_start(w->self, ms > 0 ? ms : 1, engine_timeout, engine, &engine->timer) ==
                   MOOT_OK
               ? 0
               : -1;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    (void)easy;
    struct moot_http_engine *engine = arg;
    struct moot_poll *poll = socket_arg;
    if (what == CURL_POLL_REMOVE) {
        moot__loop_poll_stop(poll);
        moot__curl.multi_assign(engine->multi, fd, NULL);
        return 0;
    }
    int events = 0;
    if (what != CURL_POLL_OUT)
        events |= MOOT_POLL_READ;
    if (what != CURL_POLL_IN)
        events |= MOOT_POLL_WRITE;
    if (poll != NULL)
        return moot__loop_poll_change(poll, events) == MOOT_OK ? 0 : -1;
    if (moot__loop_poll(engine->loop, fd, events, engine_ready, engine, &poll) != MOOT_OK)
        return -1;
    moot__curl.multi_assign(engine->multi, fd, poll);
    return 0;
}

int moot__http_engine_create(struct moot_loop *loop, struct moot_http_engine **out,
                             struct moot_error *err)
{
    struct moot_http_engine *engine = calloc(1, sizeof(*engine));
    if (engine == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    engine->loop = loop;
    engine->w = moot__loop_world(loop);
    int status = moot__curl_begin(err);
    if (status != MOOT_OK) {
        free(engine);
        return status;
    }
    engine->multi = moot__curl.multi_init();
    if (engine->multi == NULL) {
        moot__curl_end();
        free(engine);
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    moot__curl.multi_setopt(engine->multi, CURLMOPT_SOCKETFUNCTION,
                            (curl_socket_callback){on_socket});
    moot__curl.multi_setopt(engine->multi, CURLMOPT_SOCKETDATA, engine);
    moot__curl.multi_setopt(engine->multi, CURLMOPT_TIMERFUNCTION,
                            (curl_multi_timer_callback){on_timer});
    moot__curl.multi_setopt(engine->multi, CURLMOPT_TIMERDATA, engine);
    *out = engine;
    return MOOT_OK;
}

void moot__http_engine_stop(struct moot_http_engine *engine)
{
    if (engine == NULL)
        return;
    for (struct moot_http *h = engine->running; h != NULL; h = h->next)
        moot__http_cancel(h);
}

bool moot__http_engine_busy(const struct moot_http_engine *engine)
{
    return engine != NULL && engine->running != NULL;
}

void moot__http_engine_free(struct moot_http_engine *engine)
{
    if (engine == NULL)
        return;
    MOOT_ASSERT(engine->running == NULL);
    while (engine->spare_count > 0)
        moot__curl.easy_cleanup(engine->spare[--engine->spare_count]);
    moot__curl.multi_cleanup(engine->multi);
    if (engine->timer != NULL)
        engine->w->timer_stop(engine->w->self, engine->timer);
    moot__curl_end();
    free(engine);
}

/* The end of a transfer */

static void http_free(struct moot_http *h)
{
    moot__http_drop_hop(h);
    moot__curl.slist_free_all(h->headers);
    free(h->parts);
    free(h->joined);
    free(h->url);
    free(h->method);
    free(h);
}

void moot__http_finish(struct moot_http *h)
{
    struct moot_http_engine *engine = h->engine;
    struct moot_world *w = engine->w;
    if (h->alarm != NULL)
        w->timer_stop(w->self, h->alarm);
    if (h->begin != NULL)
        w->timer_stop(w->self, h->begin);
    if (h->next != NULL)
        h->next->prev = h->prev;
    if (h->prev != NULL)
        h->prev->next = h->next;
    else
        engine->running = h->next;
    struct moot_http_result r = {
        .status = h->status,
        .retry_after_ms = h->retry_after_ms,
        .should_retry = h->should_retry,
        .any_bytes = h->any_bytes,
        .content_type = "",
        .effective_url = h->url,
        .error = h->error,
    };
    const char *type = NULL;
    if (h->easy != NULL) {
        r.http_status = moot__curl_number(h->easy, CURLINFO_RESPONSE_CODE);
        type = moot__curl_text(h->easy, CURLINFO_CONTENT_TYPE);
    }
    if (type != NULL)
        r.content_type = type;
    /* Off the multi handle before the caller hears of it: a cancelled transfer sends no more. */
    if (h->added)
        moot__curl.multi_remove_handle(engine->multi, h->easy);
    h->added = false;
    moot__loop_happened(engine->loop);
    h->events.done(h->arg, &r);
    http_free(h);
}

static const char *http_reason(struct moot_http *h, CURLcode code)
{
    long number = moot__curl_number(h->easy, CURLINFO_OS_ERRNO);
    if (number != 0 &&
        (code == CURLE_COULDNT_CONNECT || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR))
        return strerror((int)number);
    return h->why[0] != '\0' ? h->why : moot__curl.easy_strerror(code);
}

static void http_explain(struct moot_http *h, CURLcode code)
{
    switch ((int)code) {
    case CURLE_COULDNT_CONNECT:
        if (h->refused)
            moot__http_fail(h, MOOT_EDENIED, "%s is not a public address", h->host);
        else
            moot__http_fail(h, MOOT_ENETWORK, "cannot connect to %s:%s: %s", h->host, h->port,
                            http_reason(h, code));
        break;
    case CURLE_OPERATION_TIMEDOUT:
        moot__http_fail(h, MOOT_ETIMEOUT, "no connection to %s:%s within %lld s", h->host, h->port,
                        (long long)(h->request.connect_ms / 1000));
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        moot__http_fail(h, MOOT_EDENIED, "%s shows no certificate that can be trusted: %s", h->host,
                        http_reason(h, code));
        moot__fail_hint(&h->error, "for a certificate of your own: SSL_CERT_FILE=FILE.pem");
        break;
    case CURLE_GOT_NOTHING:
        moot__http_fail(h, MOOT_ENETWORK, "%s closed the connection without a reply", h->host);
        break;
    case CURLE_PARTIAL_FILE:
        moot__http_fail(h, MOOT_ENETWORK, "the connection to %s ended in the middle of its reply",
                        h->host);
        break;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_BAD_DOWNLOAD_RESUME:
        moot__http_fail(h, MOOT_EPROTOCOL, "%s does not answer in HTTP: %s", h->host,
                        http_reason(h, code));
        break;
    default:
        moot__http_fail(h, code == CURLE_OUT_OF_MEMORY ? MOOT_ENOMEM : MOOT_ENETWORK, "%s: %s",
                        h->host, http_reason(h, code));
    }
}

/* A header that must not go to another host. */
static bool is_credential(const char *header)
{
    static const char *const names[] = {
        "authorization:", "cookie:",         "x-api-key:",
        "api-key:",       "x-goog-api-key:", "proxy-authorization:"};
    for (size_t i = 0; i < MOOT_COUNT(names); i++) {
        if (strncasecmp(header, names[i], strlen(names[i])) == 0)
            return true;
    }
    return false;
}

static int http_redirect(struct moot_http *h, const char *next)
{
    if (next == NULL)
        return moot__http_fail(h, MOOT_EPROTOCOL, "%s redirects to nowhere", h->host);
    if (h->hops_left == 0)
        return moot__http_fail(h, MOOT_EPROTOCOL, "%s redirects more than %d times", h->host,
                               h->request.redirects);
    if (h->request.public_only && strcmp(h->scheme, "https") == 0 &&
        strncasecmp(next, "https:", 6) != 0)
        return moot__http_fail(h, MOOT_EDENIED, "%s redirects from https to something weaker",
                               h->host);
    char *url = moot__copy(next, strlen(next));
    if (url == NULL)
        return moot__http_fail(h, MOOT_ENOMEM, "out of memory");
    struct curl_slist *kept = NULL;
    for (const struct curl_slist *at = h->headers; at != NULL; at = at->next) {
        if (is_credential(at->data))
            continue;
        struct curl_slist *more = moot__curl.slist_append(kept, at->data);
        if (more == NULL) {
            moot__curl.slist_free_all(kept);
            free(url);
            return moot__http_fail(h, MOOT_ENOMEM, "out of memory");
        }
        kept = more;
    }
    moot__http_drop_hop(h);
    moot__curl.slist_free_all(h->headers);
    h->headers = kept;
    free(h->url);
    h->url = url;
    h->hops_left--;
    return MOOT_OK;
}

static void http_transferred(struct moot_http *h, CURLcode code)
{
    if (code == CURLE_OK && h->status == MOOT_OK && moot__http_follows(h)) {
        if (http_redirect(h, moot__curl_text(h->easy, CURLINFO_REDIRECT_URL)) == MOOT_OK)
            moot__http_hop(h);
        else
            moot__http_finish(h);
        return;
    }
    if (code != CURLE_OK)
        http_explain(h, code);
    else if (!h->headers_done) /* curl takes this for an empty reply */
        moot__http_fail(h, MOOT_ENETWORK, "the connection to %s ended in the middle of its headers",
                        h->host);
    moot__http_finish(h);
}

static int64_t or_default(int64_t ms, int64_t absent)
{
    return ms > 0 ? ms : absent;
}

static int http_take(struct moot_http *h, const struct moot_http_request *request)
{
    h->request = *request;
    h->request.connect_ms = or_default(request->connect_ms, CONNECT_MS);
    h->request.first_byte_ms = or_default(request->first_byte_ms, FIRST_BYTE_MS);
    h->request.idle_ms = or_default(request->idle_ms, IDLE_MS);
    h->request.total_ms = or_default(request->total_ms, TOTAL_MS);
    if (h->request.max_bytes == 0)
        h->request.max_bytes = MOOT_MAX_REPLY;
    bool fetches = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    h->request.redirects = fetches ? request->redirects : 0;
    h->hops_left = h->request.redirects;
    h->method = moot__copy(request->method, strlen(request->method));
    h->url = moot__copy(request->url, strlen(request->url));
    h->parts = calloc(request->body_count + 1, sizeof(*h->parts));
    if (h->method == NULL || h->url == NULL || h->parts == NULL)
        return MOOT_ENOMEM;
    for (size_t i = 0; i < request->body_count; i++)
        h->parts[i] = request->body[i];
    h->part_count = request->body_count;
    /* Curl would wait a second for a "100 Continue" that few servers send. */
    h->headers = moot__curl.slist_append(NULL, "Expect:");
    if (h->headers == NULL)
        return MOOT_ENOMEM;
    for (size_t i = 0; request->headers != NULL && request->headers[i] != NULL; i++) {
        if (strpbrk(request->headers[i], "\r\n") != NULL)
            return MOOT_EINVAL;
        if (moot__curl.slist_append(h->headers, request->headers[i]) == NULL)
            return MOOT_ENOMEM;
    }
    return MOOT_OK;
}

int moot__http_start(struct moot_http_engine *engine, const struct moot_http_request *request,
                     const struct moot_http_events *events, void *arg, struct moot_http **out,
                     struct moot_error *err)
{
    struct moot_world *w = engine->w;
    struct moot_http *h = calloc(1, sizeof(*h));
    if (h == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    h->engine = engine;
    h->events = *events;
    h->arg = arg;
    h->retry_after_ms = -1;
    h->should_retry = -1;
    h->started = w->now_mono(w->self);
    int status = http_take(h, request);
    if (status == MOOT_OK)
        status = moot__http_parse(h);
    /* The first hop begins in a later turn, so that done never comes from inside of start. */
    if (status == MOOT_OK)
        status = w->timer_start(w->self, 0, moot__http_hop, h, &h->begin);
    if (status != MOOT_OK) {
        if (h->status != MOOT_OK && err != NULL)
            *err = h->error;
        else
            moot__fail(err, status, "cannot start a request: %s", moot__status_text(status));
        http_free(h);
        return status;
    }
    h->next = engine->running;
    if (h->next != NULL)
        h->next->prev = h;
    engine->running = h;
    *out = h;
    return MOOT_OK;
}

static void http_cancelled(void *arg)
{
    struct moot_http *h = arg;
    h->begin = NULL;
    moot__http_finish(h);
}

void moot__http_cancel(struct moot_http *h)
{
    if (h == NULL || h->status == MOOT_ECANCELED)
        return;
    struct moot_world *w = h->engine->w;
    h->status = moot__fail(&h->error, MOOT_ECANCELED, "cancelled");
    if (h->begin != NULL) /* it has not begun: moot__http_hop sees the status */
        return;
    if (w->timer_start(w->self, 0, http_cancelled, h, &h->begin) != MOOT_OK)
        h->begin = NULL; /* curl's next callback, or the deadline, ends it */
}
