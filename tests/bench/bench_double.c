/* A model endpoint on the loopback that costs next to nothing: answers every POST after DELAY ms
 * with a short chat completion, streamed if the request asks for a stream: the same length each
 * time, but the words of only one in so many, so that a conversation gets somewhere. Prints its
 * port.
 *   bench_double DELAY_MS [WORDS] */
#include "runtime/buf.h"

#include <signal.h>
#include <uv.h>

enum { DOUBLE_MAX_REQUEST = 4 * 1024 * 1024, VARIANTS = 97 };

struct peer {
    uv_tcp_t tcp;
    uv_timer_t timer;
    uv_write_t write;
    struct moot_buf in;
    size_t request_len; /* of the request being answered */
    bool answering;
    int open_handles;
};

static struct {
    uv_loop_t loop;
    uint64_t delay_ms;
    struct moot_buf stream[VARIANTS], plain[VARIANTS];
    size_t served;
} d;

static void peer_closed(uv_handle_t *handle)
{
    struct peer *peer = handle->data;
    if (--peer->open_handles > 0)
        return;
    moot__buf_release(&peer->in);
    free(peer);
}

static void peer_close(struct peer *peer)
{
    if (uv_is_closing((uv_handle_t *)&peer->tcp))
        return;
    uv_close((uv_handle_t *)&peer->tcp, peer_closed);
    uv_close((uv_handle_t *)&peer->timer, peer_closed);
}

static void peer_answer(struct peer *peer);

static void on_written(uv_write_t *write, int status)
{
    struct peer *peer = write->data;
    peer->answering = false;
    if (status != 0) {
        peer_close(peer);
        return;
    }
    size_t rest = peer->in.len - peer->request_len;
    memmove(peer->in.data, peer->in.data + peer->request_len, rest);
    moot__buf_truncate(&peer->in, rest);
    peer_answer(peer);
}

static void on_time(uv_timer_t *timer)
{
    struct peer *peer = timer->data;
    size_t variant = d.served++ % VARIANTS;
    struct moot_buf *reply =
        strstr(peer->in.data, "\"stream\":true") != NULL ? &d.stream[variant] : &d.plain[variant];
    uv_buf_t out = uv_buf_init(reply->data, (unsigned)reply->len);
    peer->write.data = peer;
    if (uv_write(&peer->write, (uv_stream_t *)&peer->tcp, &out, 1, on_written) != 0)
        peer_close(peer);
}

/* Begins to answer when a whole request is there. */
static void peer_answer(struct peer *peer)
{
    if (peer->answering || peer->in.len == 0)
        return;
    const char *head_end = strstr(peer->in.data, "\r\n\r\n");
    if (head_end == NULL)
        return;
    size_t head = (size_t)(head_end - peer->in.data) + 4, body = 0;
    const char *length = strcasestr(peer->in.data, "\r\ncontent-length:");
    if (length != NULL && length < head_end)
        body = strtoul(length + 17, NULL, 10);
    if (peer->in.len < head + body)
        return;
    peer->request_len = head + body;
    peer->answering = true;
    uv_timer_start(&peer->timer, on_time, d.delay_ms, 0);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    static char room[64 * 1024];
    (void)handle;
    (void)suggested;
    *out = uv_buf_init(room, sizeof(room));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct peer *peer = stream->data;
    if (n < 0 || moot__buf_add(&peer->in, buf->base, (size_t)n) != MOOT_OK) {
        peer_close(peer);
        return;
    }
    peer_answer(peer);
}

static void on_connection(uv_stream_t *server, int status)
{
    if (status != 0)
        return;
    struct peer *peer = calloc(1, sizeof(*peer));
    MOOT_ASSERT(peer != NULL);
    moot__buf_init(&peer->in, DOUBLE_MAX_REQUEST);
    peer->open_handles = 2;
    uv_tcp_init(&d.loop, &peer->tcp);
    uv_timer_init(&d.loop, &peer->timer);
    peer->tcp.data = peer->timer.data = peer;
    if (uv_accept(server, (uv_stream_t *)&peer->tcp) != 0) {
        peer_close(peer);
        return;
    }
    uv_tcp_nodelay(&peer->tcp, 1);
    uv_read_start((uv_stream_t *)&peer->tcp, on_alloc, on_read);
}

static void reply_make(struct moot_buf *out, const char *type, const struct moot_buf *body)
{
    moot__buf_init(out, DOUBLE_MAX_REQUEST);
    moot__buf_addf(out, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", type,
                   body->len);
    moot__buf_add(out, body->data, body->len);
}

static void reply_of(size_t variant, int words)
{
    static const char *const meta =
        "\"id\":\"chatcmpl-b\",\"created\":1700000000,\"model\":\"bench\"";
    static const char *const usage =
        "\"usage\":{\"prompt_tokens\":40,\"completion_tokens\":16,\"total_tokens\":56}";
    struct moot_buf stream, plain;
    moot__buf_init(&stream, DOUBLE_MAX_REQUEST);
    moot__buf_init(&plain, DOUBLE_MAX_REQUEST);
    moot__buf_addf(&plain,
                   "{%s,\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":"
                   "{\"role\":\"assistant\",\"content\":\"",
                   meta);
    for (int i = 0; i < words; i++) {
        moot__buf_addf(&stream,
                       "data: {%s,\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,"
                       "\"delta\":{\"content\":\"w%02zux%d \"},\"finish_reason\":null}]}\n\n",
                       meta, variant, i);
        moot__buf_addf(&plain, "w%02zux%d ", variant, i);
    }
    moot__buf_addf(&stream,
                   "data: {%s,\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,"
                   "\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
                   "data: {%s,\"object\":\"chat.completion.chunk\",\"choices\":[],%s}\n\n"
                   "data: [DONE]\n\n",
                   meta, meta, usage);
    moot__buf_addf(&plain, "\"},\"finish_reason\":\"stop\"}],%s}", usage);
    reply_make(&d.stream[variant], "text/event-stream", &stream);
    reply_make(&d.plain[variant], "application/json", &plain);
    moot__buf_release(&stream);
    moot__buf_release(&plain);
}

int main(int argc, char **argv)
{
    d.delay_ms = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    for (size_t i = 0; i < VARIANTS; i++)
        reply_of(i, argc > 2 ? (int)strtoul(argv[2], NULL, 10) : 16);
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&d.loop);
    uv_tcp_t server;
    uv_tcp_init(&d.loop, &server);
    struct sockaddr_in address;
    uv_ip4_addr("127.0.0.1", 0, &address);
    uv_tcp_bind(&server, (const struct sockaddr *)&address, 0);
    MOOT_ASSERT(uv_listen((uv_stream_t *)&server, 1024, on_connection) == 0);
    int len = sizeof(address);
    uv_tcp_getsockname(&server, (struct sockaddr *)&address, &len);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return uv_run(&d.loop, UV_RUN_DEFAULT);
}
