/* What a model call costs at the least: the same request posted CALLS times, CONCURRENT at once, by
 * libcurl's multi interface on libuv and nothing else. Prints calls per second and CPU per call.
 *   bench_bare URL CONCURRENT CALLS */
#include "runtime/status.h"

#include <curl/curl.h>
#include <sys/resource.h>
#include <uv.h>

struct watched {
    uv_poll_t poll;
    curl_socket_t fd;
};

static struct {
    uv_loop_t loop;
    uv_timer_t timer;
    CURLM *multi;
    struct curl_slist *headers;
    const char *url;
    long left, running, failed;
    size_t bytes;
} b;

static const char body[] =
    "{\"model\":\"bench\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
    "\"max_tokens\":4096,\"messages\":[{\"role\":\"system\",\"content\":\"You are an assistant.\"},"
    "{\"role\":\"user\",\"content\":\"Answer in one paragraph: why do socks vanish?\"}]}";

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    (void)data;
    (void)arg;
    b.bytes += size * count;
    return size * count;
}

static void begin(CURL *easy)
{
    if (easy == NULL) {
        easy = curl_easy_init();
        MOOT_ASSERT(easy != NULL);
        curl_easy_setopt(easy, CURLOPT_URL, b.url);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, b.headers);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)sizeof(body) - 1);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    }
    b.left--;
    b.running++;
    curl_multi_add_handle(b.multi, easy);
}

static void collect(void)
{
    int queued;
    CURLMsg *message;
    while ((message = curl_multi_info_read(b.multi, &queued)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *easy = message->easy_handle;
        b.failed += message->data.result != CURLE_OK;
        b.running--;
        curl_multi_remove_handle(b.multi, easy);
        if (b.left > 0)
            begin(easy);
        else
            curl_easy_cleanup(easy);
    }
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct watched *watched = poll->data;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0, running;
    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    curl_multi_socket_action(b.multi, watched->fd, flags, &running);
    collect();
}

static void watched_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *mine)
{
    (void)easy;
    (void)arg;
    struct watched *watched = mine;
    if (what == CURL_POLL_REMOVE) {
        if (watched != NULL) {
            uv_poll_stop(&watched->poll);
            uv_close((uv_handle_t *)&watched->poll, watched_closed);
            curl_multi_assign(b.multi, fd, NULL);
        }
        return 0;
    }
    if (watched == NULL) {
        watched = calloc(1, sizeof(*watched));
        MOOT_ASSERT(watched != NULL);
        watched->fd = fd;
        uv_poll_init_socket(&b.loop, &watched->poll, fd);
        watched->poll.data = watched;
        curl_multi_assign(b.multi, fd, watched);
    }
    int events = ((what & CURL_POLL_IN) != 0 ? UV_READABLE : 0) |
                 ((what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0);
    uv_poll_start(&watched->poll, events, on_poll);
    return 0;
}

static void on_timer(uv_timer_t *timer)
{
    (void)timer;
    int running;
    curl_multi_socket_action(b.multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect();
}

static int on_timeout(CURLM *multi, long ms, void *arg)
{
    (void)multi;
    (void)arg;
    if (ms < 0)
        uv_timer_stop(&b.timer);
    else
        uv_timer_start(&b.timer, on_timer, (uint64_t)ms, 0);
    return 0;
}

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bench_bare URL CONCURRENT CALLS\n");
        return 2;
    }
    b.url = argv[1];
    long concurrent = strtol(argv[2], NULL, 10);
    long calls = b.left = strtol(argv[3], NULL, 10);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    uv_loop_init(&b.loop);
    uv_timer_init(&b.loop, &b.timer);
    b.multi = curl_multi_init();
    curl_multi_setopt(b.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(b.multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    curl_multi_setopt(b.multi, CURLMOPT_MAXCONNECTS, concurrent);
    b.headers = curl_slist_append(NULL, "Content-Type: application/json");
    double cpu = cpu_seconds();
    uint64_t start = uv_hrtime();
    while (b.running < concurrent && b.left > 0)
        begin(NULL);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    double seconds = (double)(uv_hrtime() - start) / 1e9;
    cpu = cpu_seconds() - cpu;
    curl_multi_cleanup(b.multi);
    curl_slist_free_all(b.headers);
    printf("{\"calls\": %ld, \"failed\": %ld, \"seconds\": %.3f, \"per_second\": %.0f, "
           "\"cpu_us_per_call\": %.1f}\n",
           calls, b.failed, seconds, (double)calls / seconds, cpu * 1e6 / (double)calls);
    return b.failed == 0 ? 0 : 1;
}
