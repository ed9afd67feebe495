/* Certificates, against a TLS server of openssl's. Skipped, saying so, where there is no openssl.
 */
#include "runtime/loop.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct moot_world *w;
static char dir[64];

struct got {
    int calls;
    int status;
    long http_status;
    struct moot_error error;
};

static void got_done(void *arg, const struct moot_http_result *r)
{
    struct got *got = arg;
    got->calls++;
    got->status = r->status;
    got->http_status = r->http_status;
    got->error = r->error;
}

static struct got fetch(int port)
{
    static const struct moot_http_events events = {.done = got_done};
    struct got got = {0};
    struct moot_http *http = NULL;
    char url[64];
    snprintf(url, sizeof(url), "https://127.0.0.1:%d/", port);
    struct moot_http_request request = {.method = "GET", .url = url, .total_ms = 20000};
    assert_int_equal(w->http_start(w->self, &request, &events, &got, &http, NULL), MOOT_OK);
    while (got.calls == 0)
        assert_int_equal(w->turn(w->self, 30000), MOOT_OK);
    return got;
}

/* Starts a shell in `dir`; its output comes through *out. */
static pid_t start(const char *script, int *out)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], 1);
        if (chdir(dir) == 0)
            execl("/bin/sh", "sh", "-c", script, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    *out = ends[0];
    return pid;
}

static int run(const char *script)
{
    int out = -1;
    int status = 0;
    pid_t pid = start(script, &out);
    close(out);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A server with a certificate for `name` ("IP:127.0.0.1", "DNS:other.example"). */
static pid_t serve(const char *name, int *port, int *out)
{
    char script[512];
    char text[512] = "";
    size_t len = 0;
    snprintf(script, sizeof(script),
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
             "-keyout key.pem -out cert.pem -subj /CN=test -addext subjectAltName=%s 2>/dev/null",
             name);
    assert_int_equal(run(script), 0);
    pid_t pid = start(
        "exec openssl s_server -accept 127.0.0.1:0 -cert cert.pem -key key.pem -www 2>/dev/null",
        out);
    for (const char *at = NULL; at == NULL || strchr(at, '\n') == NULL;
         at = strstr(text, "ACCEPT ")) {
        ssize_t n = read(*out, text + len, sizeof(text) - 1 - len);
        assert_true(n > 0);
        len += (size_t)n;
    }
    const char *colon = strrchr(strstr(text, "ACCEPT "), ':');
    assert_non_null(colon);
    *port = (int)strtol(colon + 1, NULL, 10);
    return pid;
}

static void stop(pid_t pid, int out)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(out);
}

static void need_openssl(void)
{
    if (run("openssl version >/dev/null 2>&1") != 0) {
        print_message("SKIPPED: openssl is not here\n");
        skip();
    }
}

static void trust_own_certificate(void)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/cert.pem", dir);
    setenv("SSL_CERT_FILE", path, 1);
}

static void test_nobody_vouches(void **state)
{
    (void)state;
    need_openssl();
    int port = 0;
    int out = -1;
    pid_t pid = serve("IP:127.0.0.1", &port, &out);
    struct got got = fetch(port);
    assert_int_equal(got.status, MOOT_EDENIED);
    assert_int_equal(got.http_status, 0);
    assert_non_null(strstr(got.error.message, "no certificate that can be trusted"));
    assert_non_null(strstr(got.error.hint, "SSL_CERT_FILE"));
    trust_own_certificate();
    got = fetch(port);
    assert_int_equal(got.status, MOOT_OK);
    assert_int_equal(got.http_status, 200);
    stop(pid, out);
}

static void test_another_host(void **state)
{
    (void)state;
    need_openssl();
    int port = 0;
    int out = -1;
    pid_t pid = serve("DNS:other.example", &port, &out);
    trust_own_certificate();
    struct got got = fetch(port);
    assert_int_equal(got.status, MOOT_EDENIED);
    assert_int_equal(got.http_status, 0);
    stop(pid, out);
}

static int set_up(void **state)
{
    (void)state;
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY",   "all_proxy",
                                        "ALL_PROXY",   "SSL_CERT_FILE", "CURL_CA_BUNDLE"};
    for (size_t i = 0; i < MOOT_COUNT(names); i++)
        unsetenv(names[i]);
    snprintf(dir, sizeof(dir), "/tmp/moot-tls-XXXXXX");
    assert_non_null(mkdtemp(dir));
    return moot__world_real(&w, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    w->destroy(w->self);
    run("rm -f key.pem cert.pem");
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nobody_vouches, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_host, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
