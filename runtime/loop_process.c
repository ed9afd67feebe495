/* Child processes of the real world: each in a process group of its own, with a deadline and a cap
 * on what it may write. */
#include "runtime/loop_uv.h"

#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    KILL_GRACE_MS = 2000, /* from a kill, or from the end of a process, to giving up on its pipes */
    KEEP_FD_MAX = 256,
};

struct moot_process {
    struct moot_loop *loop;
    uv_process_t uv;
    uv_pipe_t pipes[2];
    uv_timer_t timer; /* the deadline, then the grace after a kill or an exit */
    int open;         /* handles that have not closed */
    int open_pipes;
    bool exited;
    bool ending;
    int64_t exit_code;
    int signal;
    int status;
    size_t max_output;
    int64_t deadline_ms;
    struct moot_buf output[2];
    char name[128]; /* argv[0], for messages */
    char scratch[16384];
    void (*done)(void *arg, const struct moot_spawn_result *r);
    void *arg;
};

static void process_free(struct moot_process *p)
{
    moot__buf_release(&p->output[0]);
    moot__buf_release(&p->output[1]);
    free(p);
}

static void process_report(struct moot_process *p)
{
    struct moot_spawn_result r = {
        .status = p->status,
        .exit_code = p->exited && p->signal == 0 ? (int)p->exit_code : -1,
        .signal = p->signal,
        .out = moot__buf_text(&p->output[0]),
        .out_len = p->output[0].len,
        .err_out = moot__buf_text(&p->output[1]),
        .err_len = p->output[1].len,
    };
    switch (p->status) {
    case MOOT_OK:
        break;
    case MOOT_ETIMEOUT:
        moot__fail(&r.error, p->status, "'%s' ran longer than %lld ms and was killed", p->name,
                   (long long)p->deadline_ms);
        break;
    case MOOT_ETOOBIG:
        moot__fail(&r.error, p->status, "'%s' wrote more than %zu bytes and was killed", p->name,
                   p->max_output);
        break;
    case MOOT_ECANCELED:
        moot__fail(&r.error, p->status, "'%s' was cancelled", p->name);
        break;
    default:
        moot__fail(&r.error, p->status, "'%s': %s", p->name, moot__status_text(p->status));
    }
    moot__loop_happened(p->loop);
    p->loop->tasks--;
    p->done(p->arg, &r);
    process_free(p);
}

static void process_closed(uv_handle_t *handle)
{
    struct moot_process *p = handle->data;
    if (--p->open == 0)
        process_report(p);
}

/* Closes what is left; the report follows when all of it has closed. */
static void process_end(struct moot_process *p)
{
    if (p->ending)
        return;
    p->ending = true;
    uv_handle_t *handles[] = {(uv_handle_t *)&p->uv, (uv_handle_t *)&p->timer,
                              (uv_handle_t *)&p->pipes[0], (uv_handle_t *)&p->pipes[1]};
    for (size_t i = 0; i < MOOT_COUNT(handles); i++) {
        if (!uv_is_closing(handles[i]))
            uv_close(handles[i], process_closed);
    }
}

static void process_gave_up(uv_timer_t *uv)
{
    process_end(uv->data);
}

static void process_kill(struct moot_process *p, int status)
{
    if (p->ending)
        return;
    if (p->status == MOOT_OK)
        p->status = status;
    if (!p->exited) {
        kill(-p->uv.pid, SIGKILL);
        uv_timer_start(&p->timer, process_gave_up, KILL_GRACE_MS, 0);
    }
}

static void process_late(uv_timer_t *uv)
{
    process_kill(uv->data, MOOT_ETIMEOUT);
}

static void process_exited(uv_process_t *uv, int64_t exit_code, int signal)
{
    struct moot_process *p = uv->data;
    p->exited = true;
    p->exit_code = exit_code;
    p->signal = signal;
    /* What it left running in its group ends with it; what left the group is not waited for long.
     */
    kill(-uv->pid, SIGKILL);
    if (p->open_pipes == 0)
        process_end(p);
    else
        uv_timer_start(&p->timer, process_gave_up, KILL_GRACE_MS, 0);
}

static void process_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct moot_process *p = handle->data;
    *buf = uv_buf_init(p->scratch, sizeof(p->scratch));
}

static void process_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
    struct moot_process *p = stream->data;
    struct moot_buf *output = &p->output[(uv_pipe_t *)stream == &p->pipes[0] ? 0 : 1];
    if (got > 0) {
        size_t room = p->max_output - output->len;
        size_t taken = (size_t)got < room ? (size_t)got : room;
        if (moot__buf_add(output, buf->base, taken) != MOOT_OK)
            process_kill(p, MOOT_ENOMEM);
        else if (taken < (size_t)got)
            process_kill(p, MOOT_ETOOBIG);
        return;
    }
    if (got == 0)
        return;
    uv_read_stop(stream);
    if (--p->open_pipes == 0 && p->exited)
        process_end(p);
}

/* Standard input is a file in memory: nothing has to be written while it runs, and a child that
 * does not read raises no SIGPIPE here. Returns the descriptor, or -1. */
static int process_input(const char *input, size_t len)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    size_t written = 0;
    while (fd >= 0 && written < len) {
        ssize_t n = write(fd, input + written, len - written);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            close(fd);
            return -1;
        }
        written += (size_t)n;
    }
    if (fd >= 0 && lseek(fd, 0, SEEK_SET) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int process_stdio(struct moot_process *p, const struct moot_spawn *spec, int input_fd,
                         uv_stdio_container_t stdio[KEEP_FD_MAX], int *count)
{
    for (int i = 0; i < KEEP_FD_MAX; i++)
        stdio[i].flags = UV_IGNORE;
    if (input_fd >= 0) {
        stdio[0].flags = UV_INHERIT_FD;
        stdio[0].data.fd = input_fd;
    }
    for (int i = 0; i < 2; i++) {
        stdio[i + 1].flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
        stdio[i + 1].data.stream = (uv_stream_t *)&p->pipes[i];
    }
    *count = 3;
    for (size_t i = 0; i < spec->keep_fd_count; i++) {
        int fd = spec->keep_fds[i];
        if (fd < 3 || fd >= KEEP_FD_MAX)
            return MOOT_EINVAL;
        stdio[fd].flags = UV_INHERIT_FD;
        stdio[fd].data.fd = fd;
        if (fd >= *count)
            *count = fd + 1;
    }
    return MOOT_OK;
}

static void process_failed_closed(uv_handle_t *handle)
{
    struct moot_process *p = handle->data;
    if (--p->open == 0) {
        p->loop->tasks--;
        process_free(p);
    }
}

static int process_start(struct moot_process *p, const struct moot_spawn *spec, int input_fd,
                         struct moot_error *err)
{
    static const char *const no_env[] = {NULL};
    uv_stdio_container_t stdio[KEEP_FD_MAX];
    int count = 0;
    int status = process_stdio(p, spec, input_fd, stdio, &count);
    if (status != MOOT_OK)
        return moot__fail(err, status, "cannot start '%s': a descriptor is out of range", p->name);
    /* libuv takes argv and env without const and does not change them. */
    uv_process_options_t options = {
        .exit_cb = process_exited,
        .file = spec->argv[0],
        .args = (char **)(uintptr_t)spec->argv,
        .env = (char **)(uintptr_t)(spec->env != NULL ? spec->env : no_env),
        .cwd = spec->cwd,
        .flags = UV_PROCESS_DETACHED, /* its own session and process group */
        .stdio_count = count,
        .stdio = stdio,
    };
    /* Also what this program was itself given open must not reach a child. */
    close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
    int failed = uv_spawn(&p->loop->uv, &p->uv, &options);
    if (failed < 0)
        return moot__fail(err, failed == UV_ENOENT ? MOOT_ENOTFOUND : MOOT_EIO,
                          "cannot start '%s': %s", p->name, uv_strerror(failed));
    for (int i = 0; i < 2; i++) {
        p->open_pipes++;
        uv_read_start((uv_stream_t *)&p->pipes[i], process_alloc, process_read);
    }
    if (spec->deadline_ms > 0) {
        uv_update_time(&p->loop->uv);
        uv_timer_start(&p->timer, process_late, (uint64_t)spec->deadline_ms, 0);
    }
    return MOOT_OK;
}

int moot__loop_spawn(void *self, const struct moot_spawn *spec,
                     void (*done)(void *arg, const struct moot_spawn_result *r), void *arg,
                     struct moot_process **out, struct moot_error *err)
{
    struct moot_loop *loop = self;
    struct moot_process *p = calloc(1, sizeof(*p));
    if (p == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    p->loop = loop;
    p->done = done;
    p->arg = arg;
    p->deadline_ms = spec->deadline_ms;
    p->max_output = spec->max_output > 0 ? spec->max_output : MOOT_MAX_TOOL_OUTPUT;
    moot__buf_init(&p->output[0], p->max_output);
    moot__buf_init(&p->output[1], p->max_output);
    snprintf(p->name, sizeof(p->name), "%s", spec->argv[0]);
    int input_fd = spec->input != NULL ? process_input(spec->input, spec->input_len) : -1;
    if (spec->input != NULL && input_fd < 0) {
        int status = moot__fail(err, MOOT_EIO, "cannot hold the input of '%s': %s", p->name,
                                strerror(errno));
        process_free(p);
        return status;
    }
    uv_timer_init(&loop->uv, &p->timer);
    uv_pipe_init(&loop->uv, &p->pipes[0], 0);
    uv_pipe_init(&loop->uv, &p->pipes[1], 0);
    uv_handle_t *handles[] = {(uv_handle_t *)&p->timer, (uv_handle_t *)&p->pipes[0],
                              (uv_handle_t *)&p->pipes[1], (uv_handle_t *)&p->uv};
    for (size_t i = 0; i < MOOT_COUNT(handles); i++)
        handles[i]->data = p;
    loop->tasks++;
    p->open = MOOT_COUNT(handles);
    int status = process_start(p, spec, input_fd, err);
    if (input_fd >= 0)
        close(input_fd);
    if (status != MOOT_OK) {
        if (p->uv.type != UV_PROCESS) /* it failed before uv_spawn made a handle of it */
            p->open--;
        for (int i = 0; i < p->open; i++)
            uv_close(handles[i], process_failed_closed);
        return status;
    }
    *out = p;
    return MOOT_OK;
}

void moot__loop_spawn_kill(void *self, struct moot_process *p)
{
    (void)self;
    if (p == NULL || p->ending)
        return;
    p->status = MOOT_ECANCELED;
    if (p->exited)
        process_end(p);
    else
        process_kill(p, MOOT_ECANCELED);
}
