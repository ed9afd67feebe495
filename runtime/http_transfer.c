/* One hop of a transfer: the lookup, the options of the easy handle, and what curl calls back. */
#include "moot/moot.h"
#include "runtime/address.h"
#include "runtime/http_curl.h"

#include <arpa/inet.h>
#include <netdb.h>

enum {
    HEADERS_MAX = 256 * 1024,
    JOIN_MAX = 16 * 1024,
    PROXY_PORT = 1080,
};

/* Curl's callbacks */

static size_t on_read(char *out, size_t size, size_t count, void *arg)
{
    struct moot_http *h = arg;
    size_t room = size * count;
    size_t filled = 0;
    while (filled < room && h->part < h->part_count) {
        const struct moot_part *part = &h->parts[h->part];
        size_t left = part->len - h->offset;
        size_t n = left < room - filled ? left : room - filled;
        if (n > 0)
            memcpy(out + filled, part->data + h->offset, n);
        filled += n;
        h->offset += n;
        if (h->offset == part->len) {
            h->part++;
            h->offset = 0;
        }
    }
    return filled;
}

/* Curl rewinds the body when it sends a request again on a fresh connection. */
static int on_seek(void *arg, curl_off_t offset, int origin)
{
    struct moot_http *h = arg;
    if (origin != SEEK_SET || offset != 0)
        return CURL_SEEKFUNC_CANTSEEK;
    h->part = 0;
    h->offset = 0;
    return CURL_SEEKFUNC_OK;
}

bool moot__http_follows(struct moot_http *h)
{
    /* Curl tells the address (CURLINFO_REDIRECT_URL) only at the end of the body. */
    long code = moot__curl_number(h->easy, CURLINFO_RESPONSE_CODE);
    return h->request.redirects > 0 && h->has_location &&
           (code == 301 || code == 302 || code == 303 || code == 307 || code == 308);
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct moot_http *h = arg;
    size_t len = size * count;
    h->last_byte = h->engine->w->now_mono(h->engine->w->self);
    if (h->status != MOOT_OK)
        return 0;
    if (moot__http_follows(h))
        return len;
    if (len > h->request.max_bytes || h->body_bytes > h->request.max_bytes - len) {
        moot__http_fail(h, MOOT_ETOOBIG, "the reply of %s has more than %zu bytes", h->host,
                        h->request.max_bytes);
        return 0;
    }
    h->body_bytes += len;
    if (h->events.data == NULL || len == 0)
        return len;
    moot__loop_happened(h->engine->loop);
    if (h->events.data(h->arg, data, len) != 0) {
        moot__http_fail(h, MOOT_ECANCELED, "cancelled");
        return 0;
    }
    return len;
}

/* "120", "1.5", or a date. -1: neither. */
static int64_t retry_after_parse(const char *text, struct moot_world *w)
{
    int64_t ms = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (ms > INT64_MAX / 100000)
            return INT64_MAX / 100000;
        ms = ms * 10 + (*at - '0');
    }
    if (at > text && (*at == '\0' || *at == '.')) {
        ms *= 1000;
        if (*at == '.' && at[1] >= '0' && at[1] <= '9')
            ms += (at[1] - '0') * 100;
        return ms;
    }
    time_t date = moot__curl.getdate(text, NULL);
    if (date == (time_t)-1)
        return -1;
    ms = (int64_t)date * 1000 - w->now_wall(w->self);
    return ms > 0 ? ms : 0;
}

/* The value of the header if it is the named one, trimmed into `out`. */
static bool header_value(const char *line, size_t len, const char *name, char *out, size_t size)
{
    size_t n = strlen(name);
    if (len <= n || line[n] != ':' || strncasecmp(line, name, n) != 0)
        return false;
    const char *from = line + n + 1;
    const char *to = line + len;
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && (to[-1] == '\r' || to[-1] == '\n' || to[-1] == ' ' || to[-1] == '\t'))
        to--;
    snprintf(out, size, "%.*s", (int)(to - from), from);
    return true;
}

static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
    struct moot_http *h = arg;
    size_t len = size * count;
    char value[128];
    if (!h->any_bytes || h->phase != MOOT_PHASE_BODY) {
        h->any_bytes = true;
        moot__http_enter(h, MOOT_PHASE_BODY);
    }
    h->last_byte = h->engine->w->now_mono(h->engine->w->self);
    h->header_bytes += len;
    if (h->header_bytes > HEADERS_MAX)
        moot__http_fail(h, MOOT_ETOOBIG, "the headers of %s have more than %d bytes", h->host,
                        HEADERS_MAX);
    if (h->status != MOOT_OK)
        return 0;
    if (len > 5 && memcmp(line, "HTTP/", 5) == 0) { /* another reply begins, after a 1xx */
        h->retry_after_ms = -1;
        h->should_retry = -1;
        h->has_location = false;
        h->headers_done = false;
    } else if (len <= 2) {
        h->headers_done = true;
    } else if (header_value(line, len, "location", value, sizeof(value))) {
        h->has_location = true;
    } else if (header_value(line, len, "retry-after-ms", value, sizeof(value))) {
        int64_t seconds = retry_after_parse(value, h->engine->w);
        if (seconds >= 0)
            h->retry_after_ms = seconds / 1000;
    } else if (header_value(line, len, "retry-after", value, sizeof(value))) {
        if (h->retry_after_ms < 0)
            h->retry_after_ms = retry_after_parse(value, h->engine->w);
    } else if (header_value(line, len, "x-should-retry", value, sizeof(value))) {
        h->should_retry = strcasecmp(value, "true") == 0 ? 1 : 0;
    }
    return len;
}

static int on_connected(void *arg, char *to, char *from, int to_port, int from_port)
{
    (void)to;
    (void)from;
    (void)to_port;
    (void)from_port;
    struct moot_http *h = arg;
    moot__http_enter(h, MOOT_PHASE_FIRST_BYTE);
    return h->status == MOOT_OK ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static bool address_is_proxy(const struct moot_http *h, const struct sockaddr *address, size_t len)
{
    for (size_t i = 0; i < h->proxy_address_count; i++) {
        if (memcmp(&h->proxy_addresses[i], address, len) == 0)
            return true;
    }
    return false;
}

static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct moot_http *h = arg;
    (void)purpose;
    if (h->request.public_only && !moot__address_public(&address->addr) &&
        !address_is_proxy(h, &address->addr, address->addrlen)) {
        h->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* One hop */

static bool url_part(CURLU *url, CURLUPart part, unsigned int flags, char *out, size_t size)
{
    char *text = NULL;
    if (moot__curl.url_get(url, part, &text, flags) != CURLUE_OK)
        return false;
    bool fits = strlen(text) < size;
    if (fits)
        memcpy(out, text, strlen(text) + 1);
    moot__curl.free(text);
    return fits;
}

/* Takes the hop's URL apart. MOOT_EINVAL, MOOT_EDENIED. */
int moot__http_parse(struct moot_http *h)
{
    CURLU *url = moot__curl.url();
    if (url == NULL)
        return moot__http_fail(h, MOOT_ENOMEM, "out of memory");
    bool good =
        moot__curl.url_set(url, CURLUPART_URL, h->url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        url_part(url, CURLUPART_SCHEME, 0, h->scheme, sizeof(h->scheme)) &&
        url_part(url, CURLUPART_HOST, CURLU_PUNYCODE, h->host, sizeof(h->host)) &&
        url_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, h->port, sizeof(h->port));
    char *text = NULL;
    bool has_user = good && moot__curl.url_get(url, CURLUPART_USER, &text, 0) == CURLUE_OK;
    moot__curl.free(text);
    moot__curl.url_cleanup(url);
    if (!good || (strcmp(h->scheme, "http") != 0 && strcmp(h->scheme, "https") != 0))
        return moot__http_fail(h, MOOT_EINVAL, "'%.200s' is no http or https address", h->url);
    if (has_user && h->request.public_only)
        return moot__http_fail(h, MOOT_EDENIED, "an address with a user name in it is not fetched");
    return MOOT_OK;
}

/* The proxy that curl may take for this hop; curl itself decides by no_proxy. */
static void http_find_proxy(struct moot_http *h)
{
    bool tls = strcmp(h->scheme, "https") == 0;
    const char *names[] = {tls ? "https_proxy" : "http_proxy", tls ? "HTTPS_PROXY" : "all_proxy",
                           "all_proxy", "ALL_PROXY"};
    const char *text = NULL;
    for (size_t i = 0; i < MOOT_COUNT(names) && (text == NULL || text[0] == '\0'); i++)
        text = getenv(names[i]);
    h->proxy_host[0] = '\0';
    h->proxy_address_count = 0;
    CURLU *url = text != NULL && text[0] != '\0' ? moot__curl.url() : NULL;
    if (url == NULL)
        return;
    if (moot__curl.url_set(url, CURLUPART_URL, text,
                           CURLU_DEFAULT_SCHEME | CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME) ==
            CURLUE_OK &&
        url_part(url, CURLUPART_HOST, CURLU_PUNYCODE, h->proxy_host, sizeof(h->proxy_host)) &&
        !url_part(url, CURLUPART_PORT, 0, h->proxy_port, sizeof(h->proxy_port)))
        snprintf(h->proxy_port, sizeof(h->proxy_port), "%d", PROXY_PORT);
    moot__curl.url_cleanup(url);
}

static bool is_literal(const char *host)
{
    struct in_addr v4;
    return host[0] == '[' || inet_pton(AF_INET, host, &v4) == 1;
}

/* Tells curl the addresses of a name, so that it does not look it up itself. */
static int http_pin(struct moot_http *h, const char *host, const char *port,
                    const struct addrinfo *found)
{
    struct moot_buf entry;
    moot__buf_init(&entry, 4096);
    moot__buf_addf(&entry, "+%s:%s:", host, port);
    size_t count = 0;
    for (const struct addrinfo *a = found; a != NULL && count < MOOT_HTTP_ADDRESSES;
         a = a->ai_next) {
        char text[INET6_ADDRSTRLEN + 2];
        if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) !=
            0)
            continue;
        bool v6 = a->ai_family == AF_INET6;
        moot__buf_addf(&entry, "%s%s%s%s", count++ > 0 ? "," : "", v6 ? "[" : "", text,
                       v6 ? "]" : "");
    }
    struct curl_slist *list = NULL;
    if (entry.status == MOOT_OK && count > 0)
        list = moot__curl.slist_append(h->addresses, moot__buf_text(&entry));
    moot__buf_release(&entry);
    if (list == NULL)
        return moot__http_fail(h, MOOT_ENOMEM, "out of memory");
    h->addresses = list;
    return MOOT_OK;
}

static void http_set_callbacks(struct moot_http *h)
{
    CURL *easy = h->easy;
    moot__curl_set_data(easy, CURLOPT_PRIVATE, h);
    moot__curl_set_data(easy, CURLOPT_ERRORBUFFER, h->why);
    moot__curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, (curl_write_callback){on_body});
    moot__curl_set_data(easy, CURLOPT_WRITEDATA, h);
    moot__curl.easy_setopt(easy, CURLOPT_HEADERFUNCTION, (curl_write_callback){on_header});
    moot__curl_set_data(easy, CURLOPT_HEADERDATA, h);
    moot__curl.easy_setopt(easy, CURLOPT_READFUNCTION, (curl_read_callback){on_read});
    moot__curl_set_data(easy, CURLOPT_READDATA, h);
    moot__curl.easy_setopt(easy, CURLOPT_SEEKFUNCTION, (curl_seek_callback){on_seek});
    moot__curl_set_data(easy, CURLOPT_SEEKDATA, h);
    moot__curl.easy_setopt(easy, CURLOPT_PREREQFUNCTION, (curl_prereq_callback){on_connected});
    moot__curl_set_data(easy, CURLOPT_PREREQDATA, h);
    moot__curl.easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, (curl_opensocket_callback){on_open});
    moot__curl_set_data(easy, CURLOPT_OPENSOCKETDATA, h);
}

/* Curl sends a small body that it has whole together with the headers, in one packet. Where there
 * is no memory for it, it goes out part by part as a large one does. */
static void http_join(struct moot_http *h, size_t size)
{
    if (size > JOIN_MAX || h->joined != NULL)
        return;
    h->joined = malloc(size + 1);
    char *at = h->joined;
    for (size_t i = 0; i < h->part_count && at != NULL; i++) {
        memcpy(at, h->parts[i].data, h->parts[i].len);
        at += h->parts[i].len;
    }
}

static void http_set_method(struct moot_http *h)
{
    size_t size = 0;
    for (size_t i = 0; i < h->part_count; i++)
        size += h->parts[i].len;
    if (strcmp(h->method, "POST") == 0) {
        http_join(h, size);
        moot__curl_set_number(h->easy, CURLOPT_POST, 1);
        moot__curl_set_size(h->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
        if (h->joined != NULL)
            moot__curl_set_text(h->easy, CURLOPT_POSTFIELDS, h->joined);
    } else if (h->part_count > 0) {
        moot__curl_set_number(h->easy, CURLOPT_UPLOAD, 1);
        moot__curl_set_size(h->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size);
        moot__curl_set_text(h->easy, CURLOPT_CUSTOMREQUEST, h->method);
    } else if (strcmp(h->method, "HEAD") == 0) {
        moot__curl_set_number(h->easy, CURLOPT_NOBODY, 1);
    } else if (strcmp(h->method, "GET") != 0) {
        moot__curl_set_text(h->easy, CURLOPT_CUSTOMREQUEST, h->method);
    }
}

static void http_set_options(struct moot_http *h)
{
    CURL *easy = h->easy;
    http_set_callbacks(h);
    http_set_method(h);
    moot__curl_set_text(easy, CURLOPT_URL, h->url);
    moot__curl_set_list(easy, CURLOPT_HTTPHEADER, h->headers);
    moot__curl_set_list(easy, CURLOPT_RESOLVE, h->addresses);
    moot__curl_set_text(easy, CURLOPT_USERAGENT, "folkmoot/" MOOT_VERSION);
    moot__curl_set_number(easy, CURLOPT_NOSIGNAL, 1);
    moot__curl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    moot__curl_set_number(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
    moot__curl_set_number(easy, CURLOPT_TCP_KEEPALIVE, 1);
    moot__curl_set_number(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    /* Without it a burst of requests opens a connection each instead of sharing one. */
    moot__curl_set_number(easy, CURLOPT_PIPEWAIT, 1);
    /* Asks for plain bytes, and decodes what comes packed all the same: the cap counts them after.
     */
    moot__curl_set_text(easy, CURLOPT_ACCEPT_ENCODING, "identity");
    moot__curl_set_number(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)h->request.connect_ms);
    const char *authorities = getenv("CURL_CA_BUNDLE");
    if (authorities == NULL || authorities[0] == '\0')
        authorities = getenv("SSL_CERT_FILE");
    if (authorities != NULL && authorities[0] != '\0')
        moot__curl_set_text(easy, CURLOPT_CAINFO, authorities);
    if (h->request.public_only) {
        /* No connection of someone who may go further. */
        moot__curl_set_number(easy, CURLOPT_FRESH_CONNECT, 1);
        moot__curl_set_number(easy, CURLOPT_FORBID_REUSE, 1);
    }
}

static void http_transfer(struct moot_http *h)
{
    h->part = 0;
    h->offset = 0;
    struct moot_http_engine *engine = h->engine;
    h->easy =
        engine->spare_count > 0 ? engine->spare[--engine->spare_count] : moot__curl.easy_init();
    if (h->easy == NULL) {
        moot__http_fail(h, MOOT_ENOMEM, "out of memory");
        moot__http_finish(h);
        return;
    }
    http_set_options(h);
    CURLMcode code = moot__curl.multi_add_handle(h->engine->multi, h->easy);
    if (code != CURLM_OK) {
        moot__http_fail(h, MOOT_EIO, "cannot start a transfer: %s",
                        moot__curl.multi_strerror(code));
        moot__http_finish(h);
        return;
    }
    h->added = true;
}

static void http_look_up_proxy(struct moot_http *h);

static void http_looked_up(void *arg, const struct addrinfo *found, const char *why)
{
    struct moot_http *h = arg;
    h->resolve = NULL;
    if (found == NULL && h->proxy_host[0] == '\0')
        moot__http_fail(h, MOOT_ENETWORK, "cannot find %s: %s", h->host, why);
    for (const struct addrinfo *a = found; a != NULL; a = a->ai_next) {
        if (h->request.public_only && !moot__address_public(a->ai_addr))
            h->refused = true;
    }
    if (h->refused)
        moot__http_fail(h, MOOT_EDENIED, "%s is not a public address", h->host);
    if (h->status != MOOT_OK ||
        (found != NULL && !is_literal(h->host) && http_pin(h, h->host, h->port, found) != MOOT_OK))
        moot__http_finish(h);
    else
        http_look_up_proxy(h);
}

static void http_looked_up_proxy(void *arg, const struct addrinfo *found, const char *why)
{
    struct moot_http *h = arg;
    h->resolve = NULL;
    if (found == NULL)
        moot__http_fail(h, MOOT_ENETWORK, "cannot find the proxy %s: %s", h->proxy_host, why);
    for (const struct addrinfo *a = found;
         a != NULL && h->proxy_address_count < MOOT_HTTP_ADDRESSES; a = a->ai_next) {
        struct sockaddr_storage *to = &h->proxy_addresses[h->proxy_address_count++];
        memset(to, 0, sizeof(*to));
        memcpy(to, a->ai_addr, a->ai_addrlen);
        in_port_t port = htons((in_port_t)strtoul(h->proxy_port, NULL, 10));
        if (a->ai_family == AF_INET)
            ((struct sockaddr_in *)to)->sin_port = port;
        else if (a->ai_family == AF_INET6)
            ((struct sockaddr_in6 *)to)->sin6_port = port;
    }
    if (h->status != MOOT_OK ||
        (!is_literal(h->proxy_host) && http_pin(h, h->proxy_host, h->proxy_port, found) != MOOT_OK))
        moot__http_finish(h);
    else
        http_transfer(h);
}

/* The host without the brackets of an IPv6 address. */
static void bare_host(const char *host, char out[256])
{
    size_t len = strlen(host);
    if (host[0] == '[' && len > 1) {
        host++;
        len -= 2;
    }
    memcpy(out, host, len);
    out[len] = '\0';
}

static void http_look_up_proxy(struct moot_http *h)
{
    char name[256];
    if (h->proxy_host[0] == '\0') {
        http_transfer(h);
        return;
    }
    bare_host(h->proxy_host, name);
    if (moot__loop_resolve(h->engine->loop, name, http_looked_up_proxy, h, &h->resolve) !=
        MOOT_OK) {
        moot__http_fail(h, MOOT_ENETWORK, "cannot find the proxy %s", h->proxy_host);
        moot__http_finish(h);
    }
}

void moot__http_hop(void *arg)
{
    struct moot_http *h = arg;
    char name[256];
    h->begin = NULL;
    h->refused = false;
    if (h->status == MOOT_OK && moot__http_parse(h) == MOOT_OK)
        moot__http_enter(h, MOOT_PHASE_CONNECT);
    if (h->status != MOOT_OK) {
        moot__http_finish(h);
        return;
    }
    http_find_proxy(h);
    if (is_literal(h->host) && !h->request.public_only) {
        http_look_up_proxy(h);
        return;
    }
    bare_host(h->host, name);
    if (moot__loop_resolve(h->engine->loop, name, http_looked_up, h, &h->resolve) != MOOT_OK) {
        moot__http_fail(h, MOOT_ENETWORK, "cannot find %s", h->host);
        moot__http_finish(h);
    }
}

/* A handle without its options is as a new one; connections are the multi handle's. */
static void http_spare(struct moot_http_engine *engine, CURL *easy)
{
    if (easy == NULL)
        return;
    if (engine->spare_count == MOOT_HTTP_SPARE) {
        moot__curl.easy_cleanup(easy);
        return;
    }
    moot__curl.easy_reset(easy);
    engine->spare[engine->spare_count++] = easy;
}

void moot__http_drop_hop(struct moot_http *h)
{
    moot__loop_resolve_cancel(h->resolve);
    h->resolve = NULL;
    if (h->added)
        moot__curl.multi_remove_handle(h->engine->multi, h->easy);
    h->added = false;
    http_spare(h->engine, h->easy);
    h->easy = NULL;
    moot__curl.slist_free_all(h->addresses);
    h->addresses = NULL;
}
