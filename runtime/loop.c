/* The real world on libuv.
 *
 * A turn runs the loop until one of the caller's callbacks has run: each of them goes through
 * moot__loop_happened, which also keeps the loop from waiting after a timer that was due at once.
 * Every operation is one heap object that holds its handles, ends in one function, and is freed
 * when the last handle has closed; the caller's callback is the last thing that function does. */
#include "runtime/http.h"
#include "runtime/loop_uv.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

enum { WATCH_POLL_MS = 2000 }; /* for file systems that report no changes */

struct moot_world *moot__loop_world(struct moot_loop *loop)
{
    return &loop->world;
}

void moot__loop_happened(struct moot_loop *loop)
{
    loop->happened = true;
    uv_stop(&loop->uv);
}

/* Clocks and chance */

static int64_t loop_now_mono(void *self)
{
    (void)self;
    return (int64_t)(uv_hrtime() / 1000000u);
}

static int64_t loop_now_wall(void *self)
{
    (void)self;
    struct timespec now;
    int failed = clock_gettime(CLOCK_REALTIME, &now);
    MOOT_ASSERT(failed == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void draw_random(void *out, size_t len)
{
    char *at = out;
    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        /* Without randomness there are no keys and no salts: nothing may go on. */
        MOOT_ASSERT(got > 0);
        at += got;
        len -= (size_t)got;
    }
}

/* A salt for each message would be a system call each: many are drawn at once. */
static void loop_random(void *self, void *out, size_t len)
{
    struct moot_loop *loop = self;
    if (len > sizeof(loop->random)) {
        draw_random(out, len);
        return;
    }
    if (len > loop->random_left) {
        draw_random(loop->random, sizeof(loop->random));
        loop->random_left = sizeof(loop->random);
    }
    /* What is given out is forgotten: some of it becomes keys. */
    uint8_t *from = loop->random + (sizeof(loop->random) - loop->random_left);
    memcpy(out, from, len);
    explicit_bzero(from, len);
    loop->random_left -= len;
}

/* Timers */

struct moot_timer {
    uv_timer_t uv; /* first: a pointer to it is one to the timer */
    struct moot_loop *loop;
    void (*fire)(void *arg);
    void *arg;
    int64_t due;
};

static void timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void timer_end(struct moot_timer *timer)
{
    MOOT_ASSERT(timer->loop->timers > 0);
    timer->loop->timers--;
    uv_close((uv_handle_t *)&timer->uv, timer_closed);
}

static void timer_fired(uv_timer_t *uv)
{
    struct moot_timer *timer = uv->data;
    int64_t left = timer->due - loop_now_mono(timer->loop);
    if (left > 0) { /* the loop's clock is coarser than ours */
        uv_timer_start(uv, timer_fired, (uint64_t)left, 0);
        return;
    }
    void (*fire)(void *) = timer->fire;
    void *arg = timer->arg;
    moot__loop_happened(timer->loop);
    timer_end(timer);
    fire(arg);
}

static int loop_timer_start(void *self, int64_t ms, void (*fire)(void *arg), void *arg,
                            struct moot_timer **out)
{
    struct moot_loop *loop = self;
    struct moot_timer *timer = calloc(1, sizeof(*timer));
    if (timer == NULL)
        return MOOT_ENOMEM;
    if (ms < 0)
        ms = 0;
    timer->loop = loop;
    timer->fire = fire;
    timer->arg = arg;
    timer->due = loop_now_mono(loop) + ms;
    uv_timer_init(&loop->uv, &timer->uv);
    timer->uv.data = timer;
    uv_update_time(&loop->uv);
    uv_timer_start(&timer->uv, timer_fired, (uint64_t)ms, 0);
    loop->timers++;
    *out = timer;
    return MOOT_OK;
}

static void loop_timer_stop(void *self, struct moot_timer *timer)
{
    (void)self;
    if (timer != NULL)
        timer_end(timer);
}

/* Descriptors */

struct moot_poll {
    uv_poll_t uv;
    int fd;
    void (*ready)(void *arg, int fd, int events);
    void *arg;
};

static void poll_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void poll_ready(uv_poll_t *uv, int status, int events)
{
    struct moot_poll *poll = uv->data;
    int ready = 0;
    if (status < 0 || (events & (UV_READABLE | UV_DISCONNECT)) != 0)
        ready |= MOOT_POLL_READ;
    if (status < 0 || (events & UV_WRITABLE) != 0)
        ready |= MOOT_POLL_WRITE;
    /* The callee may stop the poll: nothing of it is touched afterwards. */
    poll->ready(poll->arg, poll->fd, ready);
}

int moot__loop_poll_change(struct moot_poll *poll, int events)
{
    int uv_events = 0;
    if ((events & MOOT_POLL_READ) != 0)
        uv_events |= UV_READABLE;
    if ((events & MOOT_POLL_WRITE) != 0)
        uv_events |= UV_WRITABLE;
    return uv_poll_start(&poll->uv, uv_events, poll_ready) < 0 ? MOOT_EIO : MOOT_OK;
}

int moot__loop_poll(struct moot_loop *loop, int fd, int events,
                    void (*ready)(void *arg, int fd, int events), void *arg, struct moot_poll **out)
{
    struct moot_poll *poll = calloc(1, sizeof(*poll));
    if (poll == NULL)
        return MOOT_ENOMEM;
    poll->fd = fd;
    poll->ready = ready;
    poll->arg = arg;
    if (uv_poll_init(&loop->uv, &poll->uv, fd) < 0) {
        free(poll);
        return MOOT_EIO;
    }
    poll->uv.data = poll;
    int status = moot__loop_poll_change(poll, events);
    if (status != MOOT_OK) {
        moot__loop_poll_stop(poll);
        return status;
    }
    *out = poll;
    return MOOT_OK;
}

void moot__loop_poll_stop(struct moot_poll *poll)
{
    if (poll == NULL)
        return;
    uv_poll_stop(&poll->uv);
    uv_close((uv_handle_t *)&poll->uv, poll_closed);
}

/* Names */

struct moot_resolve {
    uv_getaddrinfo_t uv;
    struct moot_loop *loop;
    void (*done)(void *arg, const struct addrinfo *found, const char *why);
    void *arg;
};

static void resolve_done(uv_getaddrinfo_t *uv, int status, struct addrinfo *found)
{
    struct moot_resolve *resolve = uv->data;
    resolve->loop->tasks--;
    if (resolve->done != NULL) {
        bool good = status == 0 && found != NULL;
        const char *why = good ? NULL : status == 0 ? "no address" : uv_strerror(status);
        resolve->done(resolve->arg, good ? found : NULL, why);
    }
    uv_freeaddrinfo(found);
    free(resolve);
}

int moot__loop_resolve(struct moot_loop *loop, const char *host,
                       void (*done)(void *arg, const struct addrinfo *found, const char *why),
                       void *arg, struct moot_resolve **out)
{
    struct moot_resolve *resolve = calloc(1, sizeof(*resolve));
    if (resolve == NULL)
        return MOOT_ENOMEM;
    resolve->loop = loop;
    resolve->done = done;
    resolve->arg = arg;
    resolve->uv.data = resolve;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    if (uv_getaddrinfo(&loop->uv, &resolve->uv, resolve_done, host, NULL, &hints) < 0) {
        free(resolve);
        return MOOT_EINVAL;
    }
    loop->tasks++;
    *out = resolve;
    return MOOT_OK;
}

void moot__loop_resolve_cancel(struct moot_resolve *resolve)
{
    if (resolve == NULL)
        return;
    /* A lookup that has begun cannot be stopped; it is left to end by itself. */
    resolve->done = NULL;
    uv_cancel((uv_req_t *)&resolve->uv);
}

/* HTTP */

static int loop_http_start(void *self, const struct moot_http_request *request,
                           const struct moot_http_events *events, void *arg, struct moot_http **out,
                           struct moot_error *err)
{
    struct moot_loop *loop = self;
    if (loop->http == NULL) {
        int status = moot__http_engine_create(loop, &loop->http, err);
        if (status != MOOT_OK)
            return status;
    }
    return moot__http_start(loop->http, request, events, arg, out, err);
}

static void loop_http_cancel(void *self, struct moot_http *http)
{
    (void)self;
    moot__http_cancel(http);
}

/* Other threads */

struct job {
    uv_work_t uv;
    struct moot_loop *loop;
    void (*work)(void *arg);
    void (*done)(void *arg);
    void *arg;
};

static void job_work(uv_work_t *uv)
{
    struct job *job = uv->data;
    job->work(job->arg);
}

static void job_done(uv_work_t *uv, int status)
{
    (void)status; /* nothing cancels it */
    struct job job = *(struct job *)uv->data;
    free(uv->data);
    moot__loop_happened(job.loop);
    job.loop->tasks--;
    job.done(job.arg);
}

static int loop_pool(void *self, void (*work)(void *arg), void (*done)(void *arg), void *arg)
{
    struct moot_loop *loop = self;
    struct job *job = calloc(1, sizeof(*job));
    if (job == NULL)
        return MOOT_ENOMEM;
    job->loop = loop;
    job->work = work;
    job->done = done;
    job->arg = arg;
    job->uv.data = job;
    if (uv_queue_work(&loop->uv, &job->uv, job_work, job_done) < 0) {
        free(job);
        return MOOT_EIO;
    }
    loop->tasks++;
    return MOOT_OK;
}

/* Watched folders */

struct moot_watch {
    struct moot_loop *loop;
    uv_fs_event_t event;
    uv_timer_t poll;
    bool following; /* the event handle is at work */
    int open;
    char *dir;
    void (*changed)(void *arg);
    void *arg;
};

static void watch_event(uv_fs_event_t *event, const char *name, int events, int status)
{
    (void)name;
    (void)events;
    struct moot_watch *watch = event->data;
    if (status < 0) { /* the folder went away: the poll tries again */
        uv_fs_event_stop(event);
        watch->following = false;
    }
    moot__loop_happened(watch->loop);
    watch->changed(watch->arg);
}

static void watch_follow(struct moot_watch *watch)
{
    if (!watch->following)
        watch->following = uv_fs_event_start(&watch->event, watch_event, watch->dir, 0) == 0;
}

static void watch_poll(uv_timer_t *timer)
{
    struct moot_watch *watch = timer->data;
    watch_follow(watch);
    moot__loop_happened(watch->loop);
    watch->changed(watch->arg);
}

static void watch_closed(uv_handle_t *handle)
{
    struct moot_watch *watch = handle->data;
    if (--watch->open > 0)
        return;
    free(watch->dir);
    free(watch);
}

static int loop_watch(void *self, const char *dir, void (*changed)(void *arg), void *arg,
                      struct moot_watch **out)
{
    struct moot_loop *loop = self;
    struct moot_watch *watch = calloc(1, sizeof(*watch));
    if (watch == NULL)
        return MOOT_ENOMEM;
    watch->loop = loop;
    watch->changed = changed;
    watch->arg = arg;
    watch->dir = moot__copy(dir, strlen(dir));
    if (watch->dir == NULL) {
        free(watch);
        return MOOT_ENOMEM;
    }
    watch->event.data = watch;
    watch->poll.data = watch;
    watch->open = 2;
    uv_fs_event_init(&loop->uv, &watch->event);
    uv_timer_init(&loop->uv, &watch->poll);
    watch_follow(watch);
    uv_timer_start(&watch->poll, watch_poll, WATCH_POLL_MS, WATCH_POLL_MS);
    loop->watches++;
    *out = watch;
    return MOOT_OK;
}

static void loop_unwatch(void *self, struct moot_watch *watch)
{
    (void)self;
    if (watch == NULL)
        return;
    watch->loop->watches--;
    uv_close((uv_handle_t *)&watch->event, watch_closed);
    uv_close((uv_handle_t *)&watch->poll, watch_closed);
}

/* Turns */

static void turn_over(uv_timer_t *timer)
{
    moot__loop_happened(timer->data);
}

static bool loop_idle(const struct moot_loop *loop)
{
    return loop->timers == 0 && loop->watches == 0 && loop->tasks == 0 &&
           !moot__http_engine_busy(loop->http);
}

static int loop_turn(void *self, int64_t timeout_ms)
{
    struct moot_loop *loop = self;
    loop->happened = false;
    if (timeout_ms == 0 || loop_idle(loop)) {
        uv_run(&loop->uv, UV_RUN_NOWAIT);
        return !loop->happened && loop_idle(loop) ? MOOT_EINCOMPLETE : MOOT_OK;
    }
    if (timeout_ms > 0) {
        uv_update_time(&loop->uv);
        uv_timer_start(&loop->limit, turn_over, (uint64_t)timeout_ms, 0);
    }
    while (!loop->happened && !loop_idle(loop))
        uv_run(&loop->uv, UV_RUN_ONCE);
    uv_timer_stop(&loop->limit);
    return MOOT_OK;
}

static void loop_woken(uv_async_t *async)
{
    moot__loop_happened(async->data);
}

static void loop_wake(void *self)
{
    struct moot_loop *loop = self;
    uv_async_send(&loop->wake);
}

static void loop_destroy(void *self)
{
    struct moot_loop *loop = self;
    moot__http_engine_stop(loop->http);
    while (loop->tasks > 0 || moot__http_engine_busy(loop->http))
        uv_run(&loop->uv, UV_RUN_ONCE);
    moot__http_engine_free(loop->http);
    MOOT_ASSERT(loop->timers == 0);
    MOOT_ASSERT(loop->watches == 0);
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_close((uv_handle_t *)&loop->limit, NULL);
    while (uv_run(&loop->uv, UV_RUN_DEFAULT) != 0)
        continue;
    int left = uv_loop_close(&loop->uv);
    MOOT_ASSERT(left == 0);
    free(loop);
}

int moot__world_real(struct moot_world **out, struct moot_error *err)
{
    struct moot_loop *loop = calloc(1, sizeof(*loop));
    if (loop == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int failed = uv_loop_init(&loop->uv);
    if (failed < 0) {
        free(loop);
        return moot__fail(err, MOOT_EIO, "cannot make an event loop: %s", uv_strerror(failed));
    }
    failed = uv_async_init(&loop->uv, &loop->wake, loop_woken);
    if (failed < 0) {
        uv_loop_close(&loop->uv);
        free(loop);
        return moot__fail(err, MOOT_EIO, "cannot make an event loop: %s", uv_strerror(failed));
    }
    uv_timer_init(&loop->uv, &loop->limit);
    loop->wake.data = loop;
    loop->limit.data = loop;
    loop->world = (struct moot_world){
        .self = loop,
        .now_mono = loop_now_mono,
        .now_wall = loop_now_wall,
        .random = loop_random,
        .timer_start = loop_timer_start,
        .timer_stop = loop_timer_stop,
        .http_start = loop_http_start,
        .http_cancel = loop_http_cancel,
        .spawn = moot__loop_spawn,
        .spawn_kill = moot__loop_spawn_kill,
        .pool = loop_pool,
        .watch = loop_watch,
        .unwatch = loop_unwatch,
        .turn = loop_turn,
        .wake = loop_wake,
        .destroy = loop_destroy,
    };
    *out = &loop->world;
    return MOOT_OK;
}
