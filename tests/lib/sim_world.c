#include "tests/lib/sim_world.h"

#include <stdatomic.h>

#define SIM_WALL_START 1795597200000 /* 2026-11-25 09:00 UTC */

enum sim_kind { SIM_TIMER, SIM_HTTP, SIM_PROGRAM, SIM_WORKER, SIM_WATCH, SIM_KIND_COUNT };

/* What every open operation begins with: its place in the heap of what is to come, and in the list
 * of all that is open. */
struct sim_op {
    enum sim_kind kind;
    struct sim_world *world;
    int64_t at;
    size_t turn;  /* in which it became due at once; 0: it was due later */
    uint64_t tie; /* orders events of one instant */
    uint64_t seq;
    size_t heap_index; /* from 1; 0: not in the heap */
    void (*fire)(struct sim_op *op);
    struct sim_op *prev, *next;
};

struct moot_timer {
    struct sim_op op;
    void (*fire)(void *arg);
    void *arg;
};

struct moot_http {
    struct sim_op op;
    struct moot_http_events events;
    void *arg;
    struct sim_http_reply reply;
    char *url;
    size_t sent;
    size_t break_at; /* SIZE_MAX: nowhere */
    size_t max_bytes;
    int64_t idle_ms;
    int64_t deadline;
    struct moot_http_result end;
    bool ending;
};

struct moot_process {
    struct sim_op op;
    void (*done)(void *arg, const struct moot_spawn_result *r);
    void *arg;
    struct sim_program program;
    int status;
    bool cancelled;
};

struct sim_worker {
    struct sim_op op;
    void (*work)(void *arg);
    void (*done)(void *arg);
    void *arg;
};

struct moot_watch {
    struct sim_op op;
    char *dir;
    void (*changed)(void *arg);
    void *arg;
};

struct sim_world {
    struct moot_world table;
    struct sim_world_options options;
    int64_t now;
    int64_t wall_shift;
    uint64_t random_state; /* what the program draws */
    uint64_t fault_state;  /* what goes wrong: apart, so that faults do not change what is drawn */
    uint64_t next_seq;
    struct sim_op **heap; /* from index 1 */
    size_t heap_count, heap_size;
    struct sim_op open; /* head of the list */
    struct sim_world_counts counts;
    atomic_bool woken;
};

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static bool chance(struct sim_world *w, int permille)
{
    return permille > 0 && next_random(&w->fault_state) % 1000 < (uint64_t)permille;
}

static int64_t some_delay(struct sim_world *w)
{
    int64_t max = w->options.faults.delay_max_ms;
    return max > 0 ? (int64_t)(next_random(&w->fault_state) % (uint64_t)(max + 1)) : 0;
}

/* The heap: earliest first, then by turn, by tie, then in the order of starting. */

static bool before(const struct sim_op *a, const struct sim_op *b)
{
    if (a->at != b->at)
        return a->at < b->at;
    if (a->turn != b->turn)
        return a->turn < b->turn;
    return a->tie != b->tie ? a->tie < b->tie : a->seq < b->seq;
}

static void heap_put(struct sim_world *w, size_t i, struct sim_op *op)
{
    w->heap[i] = op;
    op->heap_index = i;
}

static void heap_up(struct sim_world *w, size_t i)
{
    struct sim_op *op = w->heap[i];
    while (i > 1 && before(op, w->heap[i / 2])) {
        heap_put(w, i, w->heap[i / 2]);
        i /= 2;
    }
    heap_put(w, i, op);
}

static void heap_down(struct sim_world *w, size_t i)
{
    struct sim_op *op = w->heap[i];
    while (2 * i <= w->heap_count) {
        size_t child = 2 * i;
        if (child < w->heap_count && before(w->heap[child + 1], w->heap[child]))
            child++;
        if (!before(w->heap[child], op))
            break;
        heap_put(w, i, w->heap[child]);
        i = child;
    }
    heap_put(w, i, op);
}

static void unschedule(struct sim_op *op)
{
    struct sim_world *w = op->world;
    size_t i = op->heap_index;
    if (i == 0)
        return;
    op->heap_index = 0;
    struct sim_op *last = w->heap[w->heap_count--];
    if (last == op)
        return;
    heap_put(w, i, last);
    heap_up(w, i);
    heap_down(w, last->heap_index);
}

/* Room in the heap is made when an operation is opened, so that scheduling cannot fail. */
static void schedule(struct sim_op *op, int64_t in_ms)
{
    struct sim_world *w = op->world;
    unschedule(op);
    op->at = w->now + (in_ms > 0 ? in_ms : 0);
    op->turn = in_ms > 0 ? 0 : w->counts.turns + 1;
    op->seq = w->next_seq++;
    op->tie = w->options.shuffle ? next_random(&w->fault_state) : 0;
    MOOT_ASSERT(w->heap_count + 1 < w->heap_size);
    w->heap[++w->heap_count] = op;
    op->heap_index = w->heap_count;
    heap_up(w, w->heap_count);
}

static size_t *count_of(struct sim_world *w, enum sim_kind kind)
{
    size_t *counts[SIM_KIND_COUNT] = {&w->counts.timers, &w->counts.http, &w->counts.programs,
                                      &w->counts.workers, &w->counts.watches};
    return counts[kind];
}

static void *op_open(struct sim_world *w, enum sim_kind kind, size_t size,
                     void (*fire)(struct sim_op *op))
{
    size_t open = 0;
    for (int k = 0; k < SIM_KIND_COUNT; k++)
        open += *count_of(w, (enum sim_kind)k);
    if (open + 2 >= w->heap_size) {
        size_t room = w->heap_size * 2 + 64;
        struct sim_op **heap = realloc(w->heap, room * sizeof(*heap));
        if (heap == NULL)
            return NULL;
        w->heap = heap;
        w->heap_size = room;
    }
    struct sim_op *op = calloc(1, size);
    if (op == NULL)
        return NULL;
    op->kind = kind;
    op->world = w;
    op->fire = fire;
    op->prev = w->open.prev;
    op->next = &w->open;
    op->prev->next = op;
    op->next->prev = op;
    (*count_of(w, kind))++;
    return op;
}

/* Frees an operation and what it owns. */
static void op_close(struct sim_op *op)
{
    unschedule(op);
    op->prev->next = op->next;
    op->next->prev = op->prev;
    (*count_of(op->world, op->kind))--;
    if (op->kind == SIM_HTTP) {
        struct moot_http *h = (struct moot_http *)op;
        moot__buf_release(&h->reply.body);
        free(h->url);
    } else if (op->kind == SIM_PROGRAM) {
        struct moot_process *p = (struct moot_process *)op;
        moot__buf_release(&p->program.out);
        moot__buf_release(&p->program.err_out);
    } else if (op->kind == SIM_WATCH) {
        free(((struct moot_watch *)op)->dir);
    }
    free(op);
}

static int64_t sim_now_mono(void *self)
{
    return ((struct sim_world *)self)->now;
}

static int64_t sim_now_wall(void *self)
{
    struct sim_world *w = self;
    int64_t start = w->options.wall_ms != 0 ? w->options.wall_ms : SIM_WALL_START;
    return start + w->now + w->wall_shift;
}

static void sim_random(void *self, void *out, size_t len)
{
    struct sim_world *w = self;
    unsigned char *bytes = out;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (unsigned char)next_random(&w->random_state);
}

static void timer_fire(struct sim_op *op)
{
    struct moot_timer *t = (struct moot_timer *)op;
    void (*fire)(void *) = t->fire;
    void *arg = t->arg;
    op_close(op);
    fire(arg);
}

static int sim_timer_start(void *self, int64_t ms, void (*fire)(void *arg), void *arg,
                           struct moot_timer **out)
{
    struct moot_timer *t = op_open(self, SIM_TIMER, sizeof(*t), timer_fire);
    if (t == NULL)
        return MOOT_ENOMEM;
    t->fire = fire;
    t->arg = arg;
    schedule(&t->op, ms);
    *out = t;
    return MOOT_OK;
}

static void sim_timer_stop(void *self, struct moot_timer *timer)
{
    MOOT_ASSERT(timer->op.world == self && timer->op.kind == SIM_TIMER);
    op_close(&timer->op);
}

/* HTTP: one event at a time for each exchange. Whatever ends it sets `end` first and lets the next
 * event call done. */

static void http_end(struct moot_http *h, int status, const char *why, int64_t in_ms)
{
    h->ending = true;
    h->end.status = status;
    if (status != MOOT_OK)
        moot__fail(&h->end.error, status, "%s: %s", h->url, why);
    schedule(&h->op, in_ms);
}

/* The next thing to happen to it: a piece after `in_ms`, or the timeout that comes before. */
static void http_next(struct moot_http *h, int64_t in_ms, int64_t patience_ms)
{
    int64_t left = h->deadline - h->op.world->now;
    int64_t patience = patience_ms < left ? patience_ms : left;
    if (in_ms < 0 || in_ms > patience)
        http_end(h, MOOT_ETIMEOUT, "no byte in time", patience);
    else
        schedule(&h->op, in_ms);
}

static void http_finish(struct moot_http *h)
{
    struct moot_http_events events = h->events;
    void *arg = h->arg;
    struct moot_http_result end = h->end;
    char *url = h->url;
    h->url = NULL;
    end.any_bytes = end.http_status != 0;
    end.effective_url = url;
    op_close(&h->op);
    events.done(arg, &end);
    free(url);
}

static void http_piece(struct moot_http *h)
{
    struct moot_buf *body = &h->reply.body;
    size_t stop = h->break_at < body->len ? h->break_at : body->len;
    size_t len = stop - h->sent;
    if (h->reply.piece > 0 && len > h->reply.piece)
        len = h->reply.piece;
    const char *data = moot__buf_text(body) + h->sent;
    h->sent += len;
    if (h->sent > h->max_bytes) {
        http_end(h, MOOT_ETOOBIG, "the reply is too big", 0);
        return;
    }
    /* The callback may cancel, which must not be overruled. */
    int stopped = len > 0 && h->events.data != NULL ? h->events.data(h->arg, data, len) : 0;
    if (h->ending)
        return;
    if (stopped != 0)
        http_end(h, MOOT_ECANCELED, "stopped by its reader", 0);
    else if (h->sent == h->break_at)
        http_end(h, MOOT_ENETWORK, "the connection broke", 0);
    else if (h->sent == body->len)
        http_end(h, h->reply.status, "a scripted failure", 0);
    else
        http_next(h, h->reply.piece_ms, h->idle_ms);
}

static void http_fire(struct sim_op *op)
{
    struct moot_http *h = (struct moot_http *)op;
    if (h->ending) {
        http_finish(h);
        return;
    }
    h->end.http_status = h->reply.http_status;
    h->end.retry_after_ms = h->reply.retry_after_ms;
    h->end.should_retry = h->reply.should_retry;
    h->end.content_type = h->reply.content_type;
    http_piece(h);
}

static int http_body(const struct moot_http_request *request, struct moot_buf *out)
{
    moot__buf_init(out, MOOT_MAX_JSON);
    for (size_t i = 0; i < request->body_count; i++)
        moot__buf_add(out, request->body[i].data, request->body[i].len);
    return out->status;
}

static int64_t or_default(int64_t ms, int64_t absent)
{
    return ms > 0 ? ms : absent;
}

static void http_script(struct sim_world *w, struct moot_http *h,
                        const struct moot_http_request *request, const struct moot_buf *body)
{
    h->reply = (struct sim_http_reply){.http_status = 200,
                                       .content_type = "application/json",
                                       .retry_after_ms = -1,
                                       .should_retry = -1};
    moot__buf_init(&h->reply.body, MOOT_MAX_REPLY);
    h->end =
        (struct moot_http_result){.retry_after_ms = -1, .should_retry = -1, .content_type = ""};
    if (w->options.http == NULL) {
        h->reply.http_status = 0;
        http_end(h, MOOT_ENETWORK, "nobody listens", 0);
        return;
    }
    w->options.http(w->options.arg, request, moot__buf_text((struct moot_buf *)body), body->len,
                    &h->reply);
    if (h->reply.delay_ms >= 0)
        h->reply.delay_ms += some_delay(w);
    if (chance(w, w->options.faults.break_permille))
        h->break_at = (size_t)(next_random(&w->fault_state) % (h->reply.body.len + 1));
    http_next(h, h->reply.delay_ms, or_default(request->first_byte_ms, 60000));
}

static int sim_http_start(void *self, const struct moot_http_request *request,
                          const struct moot_http_events *events, void *arg, struct moot_http **out,
                          struct moot_error *err)
{
    struct sim_world *w = self;
    if (chance(w, w->options.faults.start_permille))
        return moot__fail(err, MOOT_EIO, "%s: an injected failure", request->url);
    struct moot_buf body;
    if (http_body(request, &body) != MOOT_OK)
        return moot__fail(err, body.status, "%s: cannot take the request", request->url);
    struct moot_http *h = op_open(w, SIM_HTTP, sizeof(*h), http_fire);
    char *url = moot__copy(request->url, strlen(request->url));
    if (h == NULL || url == NULL) {
        if (h != NULL)
            op_close(&h->op);
        free(url);
        moot__buf_release(&body);
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    h->url = url;
    h->events = *events;
    h->arg = arg;
    h->break_at = SIZE_MAX;
    h->max_bytes = request->max_bytes > 0 ? request->max_bytes : MOOT_MAX_REPLY;
    h->idle_ms = or_default(request->idle_ms, 60000);
    h->deadline = w->now + or_default(request->total_ms, 600000);
    w->counts.http_started++;
    http_script(w, h, request, &body);
    moot__buf_release(&body);
    *out = h;
    return MOOT_OK;
}

static void sim_http_cancel(void *self, struct moot_http *http)
{
    MOOT_ASSERT(http->op.world == self && http->op.kind == SIM_HTTP);
    http_end(http, MOOT_ECANCELED, "cancelled", 0);
}

static void program_fire(struct sim_op *op)
{
    struct moot_process *p = (struct moot_process *)op;
    struct sim_program program = p->program;
    struct moot_spawn_result r = {.status = p->status,
                                  .exit_code = p->status == MOOT_OK ? program.exit_code : -1,
                                  .signal = p->status == MOOT_OK ? program.signal : 9,
                                  .out = moot__buf_text(&program.out),
                                  .out_len = program.out.len,
                                  .err_out = moot__buf_text(&program.err_out),
                                  .err_len = program.err_out.len};
    if (p->status != MOOT_OK)
        moot__fail(&r.error, p->status, "the program was killed: %s", moot__status_text(p->status));
    void (*done)(void *, const struct moot_spawn_result *) = p->done;
    void *arg = p->arg;
    p->program = (struct sim_program){0}; /* its buffers live until done has returned */
    op_close(op);
    done(arg, &r);
    moot__buf_release(&program.out);
    moot__buf_release(&program.err_out);
}

static int64_t program_script(struct sim_world *w, struct moot_process *p,
                              const struct moot_spawn *spec)
{
    size_t max = spec->max_output > 0 ? spec->max_output : MOOT_MAX_TOOL_OUTPUT;
    moot__buf_init(&p->program.out, MOOT_MAX_JSON);
    moot__buf_init(&p->program.err_out, MOOT_MAX_JSON);
    w->options.spawn(w->options.arg, spec, &p->program);
    int64_t ms = p->program.delay_ms;
    if (ms >= 0)
        ms += some_delay(w);
    if (chance(w, w->options.faults.spawn_permille)) {
        p->program.exit_code = -1;
        p->program.signal = 11;
    }
    if (p->program.out.len > max || p->program.err_out.len > max) {
        p->status = MOOT_ETOOBIG;
        struct moot_buf *outs[] = {&p->program.out, &p->program.err_out};
        for (size_t i = 0; i < MOOT_COUNT(outs); i++)
            moot__buf_truncate(outs[i], outs[i]->len < max ? outs[i]->len : max);
    }
    if (spec->deadline_ms > 0 && (ms < 0 || ms > spec->deadline_ms)) {
        p->status = MOOT_ETIMEOUT;
        return spec->deadline_ms;
    }
    return ms;
}

static int sim_spawn(void *self, const struct moot_spawn *spec,
                     void (*done)(void *arg, const struct moot_spawn_result *r), void *arg,
                     struct moot_process **out, struct moot_error *err)
{
    struct sim_world *w = self;
    if (w->options.spawn == NULL)
        return moot__fail(err, MOOT_EIO, "%s: no such program", spec->argv[0]);
    if (chance(w, w->options.faults.start_permille))
        return moot__fail(err, MOOT_EIO, "%s: an injected failure", spec->argv[0]);
    struct moot_process *p = op_open(w, SIM_PROGRAM, sizeof(*p), program_fire);
    if (p == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    p->done = done;
    p->arg = arg;
    w->counts.programs_started++;
    int64_t ms = program_script(w, p, spec);
    if (ms >= 0)
        schedule(&p->op, ms);
    *out = p;
    return MOOT_OK;
}

static void sim_spawn_kill(void *self, struct moot_process *process)
{
    MOOT_ASSERT(process->op.world == self && process->op.kind == SIM_PROGRAM);
    process->status = MOOT_ECANCELED;
    schedule(&process->op, 0);
}

static void worker_fire(struct sim_op *op)
{
    struct sim_worker worker = *(struct sim_worker *)op;
    op_close(op);
    worker.work(worker.arg);
    worker.done(worker.arg);
}

static int sim_pool(void *self, void (*work)(void *arg), void (*done)(void *arg), void *arg)
{
    struct sim_worker *worker = op_open(self, SIM_WORKER, sizeof(*worker), worker_fire);
    if (worker == NULL)
        return MOOT_ENOMEM;
    worker->work = work;
    worker->done = done;
    worker->arg = arg;
    schedule(&worker->op, some_delay(self));
    return MOOT_OK;
}

static void watch_fire(struct sim_op *op)
{
    struct moot_watch *watch = (struct moot_watch *)op;
    watch->changed(watch->arg);
}

static int sim_watch(void *self, const char *dir, void (*changed)(void *arg), void *arg,
                     struct moot_watch **out)
{
    struct moot_watch *watch = op_open(self, SIM_WATCH, sizeof(*watch), watch_fire);
    if (watch == NULL)
        return MOOT_ENOMEM;
    watch->dir = moot__copy(dir, strlen(dir));
    if (watch->dir == NULL) {
        op_close(&watch->op);
        return MOOT_ENOMEM;
    }
    watch->changed = changed;
    watch->arg = arg;
    *out = watch;
    return MOOT_OK;
}

static void sim_unwatch(void *self, struct moot_watch *watch)
{
    MOOT_ASSERT(watch->op.world == self && watch->op.kind == SIM_WATCH);
    op_close(&watch->op);
}

/* Runs what is due now and was there when the turn began: whatever starts meanwhile and is due at
 * once stands behind it in the heap. */
static void run_due(struct sim_world *w)
{
    uint64_t limit = w->next_seq;
    while (w->heap_count > 0 && w->heap[1]->at <= w->now && w->heap[1]->seq < limit) {
        struct sim_op *op = w->heap[1];
        unschedule(op);
        op->fire(op);
    }
}

static int sim_turn(void *self, int64_t timeout_ms)
{
    struct sim_world *w = self;
    w->counts.turns++;
    bool woken = atomic_exchange(&w->woken, false);
    if (w->heap_count == 0) {
        if (timeout_ms > 0 && !woken)
            w->now += timeout_ms;
        return woken ? MOOT_OK : MOOT_EINCOMPLETE;
    }
    int64_t wait = w->heap[1]->at - w->now;
    if (woken || timeout_ms == 0)
        wait = 0;
    else if (timeout_ms > 0 && wait > timeout_ms)
        wait = timeout_ms;
    if (wait > 0)
        w->now += wait;
    run_due(w);
    return MOOT_OK;
}

static void sim_wake(void *self)
{
    atomic_store(&((struct sim_world *)self)->woken, true);
}

static void sim_free(struct sim_world *w)
{
    while (w->open.next != &w->open)
        op_close(w->open.next);
    free(w->heap);
    free(w);
}

static bool is_ending(const struct sim_op *op)
{
    if (op->kind == SIM_HTTP)
        return ((const struct moot_http *)op)->end.status == MOOT_ECANCELED;
    if (op->kind == SIM_PROGRAM)
        return ((const struct moot_process *)op)->status == MOOT_ECANCELED;
    return op->kind == SIM_WORKER; /* cannot be cancelled; it is waited for */
}

static void sim_destroy(void *self)
{
    struct sim_world *w = self;
    while (w->open.next != &w->open) {
        for (struct sim_op *op = w->open.next; op != &w->open; op = op->next)
            MOOT_ASSERT(is_ending(op));
        sim_turn(w, -1);
    }
    sim_free(w);
}

static const struct moot_world sim_table = {
    .now_mono = sim_now_mono,
    .now_wall = sim_now_wall,
    .random = sim_random,
    .timer_start = sim_timer_start,
    .timer_stop = sim_timer_stop,
    .http_start = sim_http_start,
    .http_cancel = sim_http_cancel,
    .spawn = sim_spawn,
    .spawn_kill = sim_spawn_kill,
    .pool = sim_pool,
    .watch = sim_watch,
    .unwatch = sim_unwatch,
    .turn = sim_turn,
    .wake = sim_wake,
    .destroy = sim_destroy,
};

struct moot_world *sim_world_new(const struct sim_world_options *options)
{
    struct sim_world *w = calloc(1, sizeof(*w));
    if (w == NULL)
        return NULL;
    if (options != NULL)
        w->options = *options;
    w->table = sim_table;
    w->table.self = w;
    w->random_state = w->options.seed;
    w->fault_state = w->options.seed ^ 0x5851f42d4c957f2du;
    w->next_seq = 1;
    w->open.prev = w->open.next = &w->open;
    return &w->table;
}

void sim_world_drop(struct moot_world *w)
{
    sim_free(w->self);
}

void sim_world_faults(struct moot_world *w, const struct sim_faults *faults)
{
    ((struct sim_world *)w->self)->options.faults = *faults;
}

void sim_world_touch(struct moot_world *w, const char *dir)
{
    struct sim_world *sim = w->self;
    for (struct sim_op *op = sim->open.next; op != &sim->open; op = op->next) {
        if (op->kind == SIM_WATCH && strcmp(((struct moot_watch *)op)->dir, dir) == 0)
            schedule(op, 0);
    }
}

void sim_world_shift_wall(struct moot_world *w, int64_t ms)
{
    ((struct sim_world *)w->self)->wall_shift += ms;
}

int sim_world_run(struct moot_world *w, int64_t ms)
{
    struct sim_world *sim = w->self;
    int64_t end = sim->now + ms;
    int status = MOOT_OK;
    while (status == MOOT_OK && (sim->now < end || sim->heap_count > 0)) {
        if (sim->heap_count > 0 && sim->heap[1]->at > end)
            break;
        status = sim_turn(sim, end - sim->now);
    }
    return status;
}

struct sim_world_counts sim_world_counts(const struct moot_world *w)
{
    return ((const struct sim_world *)w->self)->counts;
}
