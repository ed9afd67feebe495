#include "tests/lib/loopback.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { CONNECTIONS_MAX = 512, REQUESTS_MAX = 512, REQUEST_BYTES_MAX = 4 << 20 };

struct loopback {
    const struct loopback_script *scripts;
    size_t count;
    int port;
    int listener;
    int stop[2]; /* readable once the server must end */
    pthread_t acceptor;
    pthread_mutex_t lock;
    pthread_t threads[CONNECTIONS_MAX];
    size_t connections;
    char *requests[REQUESTS_MAX];
    size_t served;
    char url[256];
};

struct peer {
    struct loopback *lb;
    int fd;
    bool no_read_done;
};

/* Waits for the descriptor; false when the server must stop. */
static bool wait_for(struct peer *p, short events, int ms)
{
    struct pollfd fds[2] = {{.fd = p->lb->stop[0], .events = POLLIN},
                            {.fd = p->fd, .events = events}};
    int n = poll(fds, p->fd >= 0 ? 2 : 1, ms);
    return n >= 0 && fds[0].revents == 0;
}

static bool send_all(struct peer *p, const char *data, size_t len)
{
    while (len > 0) {
        if (!wait_for(p, POLLOUT, -1))
            return false;
        ssize_t n = send(p->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static bool pause_for(struct peer *p, int ms)
{
    struct pollfd fd = {.fd = p->lb->stop[0], .events = POLLIN};
    return poll(&fd, 1, ms) == 0;
}

static size_t content_length(const char *head)
{
    const char *at = strcasestr(head, "\r\ncontent-length:");
    return at != NULL ? strtoul(at + 17, NULL, 10) : 0;
}

/* Reads one whole request and keeps it. The scripts' number, or -1 when none came. */
static int read_request(struct peer *p)
{
    size_t size = 65536;
    size_t len = 0;
    char *text = malloc(size + 1);
    if (text == NULL)
        return -1;
    for (;;) {
        text[len] = '\0';
        char *end = strstr(text, "\r\n\r\n");
        if (end != NULL && len >= (size_t)(end - text) + 4 + content_length(text))
            break;
        if (len == size) {
            size *= 2;
            char *more = size <= REQUEST_BYTES_MAX ? realloc(text, size + 1) : NULL;
            if (more == NULL)
                goto gone;
            text = more;
        }
        if (!wait_for(p, POLLIN, -1))
            goto gone;
        ssize_t n = recv(p->fd, text + len, size - len, MSG_DONTWAIT);
        if (n <= 0)
            goto gone;
        len += (size_t)n;
    }
    pthread_mutex_lock(&p->lb->lock);
    size_t i = p->lb->served;
    if (i < REQUESTS_MAX)
        p->lb->requests[p->lb->served++] = text;
    pthread_mutex_unlock(&p->lb->lock);
    if (i < REQUESTS_MAX)
        return (int)(i < p->lb->count ? i : p->lb->count - 1);
gone:
    free(text);
    return -1;
}

static void hang(struct peer *p)
{
    char sink[512];
    while (wait_for(p, POLLIN, -1) && recv(p->fd, sink, sizeof(sink), 0) > 0)
        continue;
}

static void reset(struct peer *p)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static bool send_step(struct peer *p, const struct loopback_step *s)
{
    size_t len = s->len > 0 ? s->len : strlen(s->data);
    for (int i = 0; i < (s->times > 0 ? s->times : 1); i++) {
        if (!send_all(p, s->data, len))
            return false;
    }
    return true;
}

static bool trickle_step(struct peer *p, const struct loopback_step *s)
{
    for (size_t i = 0; i < strlen(s->data); i++) {
        if (!send_all(p, s->data + i, 1) || (s->ms > 0 && !pause_for(p, s->ms)))
            return false;
    }
    return true;
}

/* Returns true when the connection goes on with another request. */
static bool run_script(struct peer *p, const struct loopback_script *script)
{
    for (size_t i = 0; i < LOOPBACK_STEPS; i++) {
        const struct loopback_step *s = &script->steps[i];
        switch (s->op) {
        case LB_SEND:
            if (!send_step(p, s))
                return false;
            break;
        case LB_TRICKLE:
            if (!trickle_step(p, s))
                return false;
            break;
        case LB_PAUSE:
            if (!pause_for(p, s->ms))
                return false;
            break;
        case LB_RESET:
            reset(p);
            return false;
        case LB_HANG:
            hang(p);
            return false;
        case LB_NEXT:
            return true;
        case LB_NO_READ:
            break;
        case LB_END:
        case LB_CLOSE:
            return false;
        }
    }
    return false;
}

static void *serve(void *arg)
{
    struct peer p = *(struct peer *)arg;
    free(arg);
    int one = 1;
    setsockopt(p.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (p.lb->scripts[0].steps[0].op == LB_NO_READ) {
        run_script(&p, &p.lb->scripts[0]);
    } else {
        int i = 0;
        do {
            i = read_request(&p);
        } while (i >= 0 && run_script(&p, &p.lb->scripts[i]));
    }
    close(p.fd);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct loopback *lb = arg;
    struct peer at = {.lb = lb, .fd = lb->listener};
    while (wait_for(&at, POLLIN, -1)) {
        int fd = accept4(lb->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        struct peer *p = calloc(1, sizeof(*p));
        bool begun = false;
        if (p != NULL && lb->connections < CONNECTIONS_MAX) {
            p->lb = lb;
            p->fd = fd;
            begun = pthread_create(&lb->threads[lb->connections], NULL, serve, p) == 0;
        }
        if (!begun) {
            free(p);
            close(fd);
            continue;
        }
        pthread_mutex_lock(&lb->lock);
        lb->connections++;
        pthread_mutex_unlock(&lb->lock);
    }
    return NULL;
}

struct loopback *loopback_start(const struct loopback_script *scripts, size_t count)
{
    struct loopback *lb = calloc(1, sizeof(*lb));
    assert_non_null(lb);
    lb->scripts = scripts;
    lb->count = count;
    pthread_mutex_init(&lb->lock, NULL);
    assert_int_equal(pipe2(lb->stop, O_CLOEXEC), 0);
    lb->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(lb->listener >= 0);
    struct sockaddr_in here = {.sin_family = AF_INET};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(lb->listener, (struct sockaddr *)&here, sizeof(here)), 0);
    assert_int_equal(listen(lb->listener, 128), 0);
    socklen_t len = sizeof(here);
    assert_int_equal(getsockname(lb->listener, (struct sockaddr *)&here, &len), 0);
    lb->port = ntohs(here.sin_port);
    assert_int_equal(pthread_create(&lb->acceptor, NULL, accept_all, lb), 0);
    return lb;
}

void loopback_stop(struct loopback *lb)
{
    ssize_t n = write(lb->stop[1], "x", 1);
    assert_int_equal(n, 1);
    pthread_join(lb->acceptor, NULL);
    for (size_t i = 0; i < lb->connections; i++)
        pthread_join(lb->threads[i], NULL);
    for (size_t i = 0; i < lb->served; i++)
        free(lb->requests[i]);
    close(lb->listener);
    close(lb->stop[0]);
    close(lb->stop[1]);
    pthread_mutex_destroy(&lb->lock);
    free(lb);
}

int loopback_port(const struct loopback *lb)
{
    return lb->port;
}

const char *loopback_url(struct loopback *lb, const char *path)
{
    snprintf(lb->url, sizeof(lb->url), "http://127.0.0.1:%d%s", lb->port, path);
    return lb->url;
}

size_t loopback_requests(struct loopback *lb)
{
    pthread_mutex_lock(&lb->lock);
    size_t n = lb->served;
    pthread_mutex_unlock(&lb->lock);
    return n;
}

size_t loopback_connections(struct loopback *lb)
{
    pthread_mutex_lock(&lb->lock);
    size_t n = lb->connections;
    pthread_mutex_unlock(&lb->lock);
    return n;
}

const char *loopback_request(struct loopback *lb, size_t i)
{
    assert_true(i < loopback_requests(lb));
    return lb->requests[i];
}

const char *loopback_body(struct loopback *lb, size_t i)
{
    const char *end = strstr(loopback_request(lb, i), "\r\n\r\n");
    assert_non_null(end);
    return end + 4;
}
