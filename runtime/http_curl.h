/* Transfers from inside, for the files http*.c alone: the only header that shows curl.
 *
 * Curl is opened at the first request; each of its functions is reached through moot__curl. */
#ifndef MOOT_HTTP_CURL_H
#define MOOT_HTTP_CURL_H

#include "runtime/http.h"

#include <curl/curl.h>
#include <sys/socket.h>

#define MOOT_CURL_FUNCTIONS(X)                                                                     \
    X(easy_cleanup)                                                                                \
    X(easy_getinfo)                                                                                \
    X(easy_init)                                                                                   \
    X(easy_reset)                                                                                  \
    X(easy_setopt)                                                                                 \
    X(easy_strerror)                                                                               \
    X(free)                                                                                        \
    X(getdate)                                                                                     \
    X(global_cleanup)                                                                              \
    X(global_init)                                                                                 \
    X(multi_add_handle)                                                                            \
    X(multi_assign)                                                                                \
    X(multi_cleanup)                                                                               \
    X(multi_info_read)                                                                             \
    X(multi_init)                                                                                  \
    X(multi_remove_handle)                                                                         \
    X(multi_setopt)                                                                                \
    X(multi_socket_action)                                                                         \
    X(multi_strerror)                                                                              \
    X(slist_append)                                                                                \
    X(slist_free_all)                                                                              \
    X(url)                                                                                         \
    X(url_cleanup)                                                                                 \
    X(url_get)                                                                                     \
    X(url_set)

struct moot_curl {
#define MOOT_CURL_FIELD(name) __typeof__(curl_##name) *name;
    MOOT_CURL_FUNCTIONS(MOOT_CURL_FIELD)
#undef MOOT_CURL_FIELD
};

/* Filled by moot__curl_begin. */
extern struct moot_curl moot__curl;

/* Opens libcurl and sets it up; counted, so that each call has its end. MOOT_EUNSUPPORTED,
 * MOOT_EIO. */
int moot__curl_begin(struct moot_error *err);
void moot__curl_end(void);

/* Options and facts by what kind of value they have: a variadic function would take any. */
void moot__curl_set_number(CURL *easy, CURLoption option, long value);
void moot__curl_set_size(CURL *easy, CURLoption option, curl_off_t value);
void moot__curl_set_text(CURL *easy, CURLoption option, const char *value);
void moot__curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value);
void moot__curl_set_data(CURL *easy, CURLoption option, void *value);
long moot__curl_number(CURL *easy, CURLINFO fact);
const char *moot__curl_text(CURL *easy, CURLINFO fact); /* NULL: there is none */
void *moot__curl_data(CURL *easy);                      /* of CURLOPT_PRIVATE */

enum {
    MOOT_HTTP_ADDRESSES = 16, /* of one host that are tried */
    MOOT_HTTP_SPARE = 32,     /* easy handles that are kept for the next request */
};

struct moot_http_engine {
    struct moot_loop *loop;
    struct moot_world *w;
    CURLM *multi;
    struct moot_timer *timer;
    struct moot_http *running;    /* doubly linked */
    CURL *spare[MOOT_HTTP_SPARE]; /* handles that are over, as good as new */
    size_t spare_count;
};

enum moot_http_phase { MOOT_PHASE_CONNECT, MOOT_PHASE_FIRST_BYTE, MOOT_PHASE_BODY };

struct moot_http {
    struct moot_http_engine *engine;
    struct moot_http *next;
    struct moot_http *prev;

    /* what was asked for; strings are copies */
    char *method;
    char *url; /* of this hop */
    struct curl_slist *headers;
    struct moot_part *parts; /* the bytes are the caller's */
    size_t part_count;
    size_t part;
    size_t offset;
    char *joined;                     /* a small body in one piece, or NULL */
    struct moot_http_request request; /* times and limits, defaults filled in */
    struct moot_http_events events;
    void *arg;

    /* this hop */
    CURL *easy;
    bool added; /* to the multi handle */
    struct moot_resolve *resolve;
    struct curl_slist *addresses;
    char host[256];
    char scheme[8];
    char port[8];
    char proxy_host[256];
    char proxy_port[8];
    struct sockaddr_storage proxy_addresses[MOOT_HTTP_ADDRESSES];
    size_t proxy_address_count;
    char why[CURL_ERROR_SIZE];
    int hops_left;

    enum moot_http_phase phase;
    int64_t started;
    int64_t phase_started;
    int64_t last_byte;
    int64_t alarm_due;
    struct moot_timer *alarm;
    struct moot_timer *begin; /* starts a hop, or ends a cancelled transfer, in a later turn */

    /* what came */
    size_t header_bytes;
    size_t body_bytes;
    bool any_bytes;
    bool headers_done; /* their closing blank line came */
    bool has_location;
    bool refused; /* an address was not public */
    int64_t retry_after_ms;
    int should_retry;

    int status; /* why we end it ourselves, or MOOT_OK */
    struct moot_error error;
};

/* Notes why the transfer ends; the first reason counts. Returns it. */
int moot__http_fail(struct moot_http *h, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Enters a phase, with its deadline. */
void moot__http_enter(struct moot_http *h, enum moot_http_phase phase);
/* Tells the caller how it ended; the transfer is gone then. Not from inside of curl. */
void moot__http_finish(struct moot_http *h);

/* Takes h->url apart. MOOT_EINVAL, MOOT_EDENIED. */
int moot__http_parse(struct moot_http *h);
/* Looks the host up and hands the request to curl, or finishes. A timer's callback. */
void moot__http_hop(void *arg);
/* Whether the reply at hand is a redirect that will be followed. */
bool moot__http_follows(struct moot_http *h);
/* Gives up the easy handle and all that belongs to one hop. */
void moot__http_drop_hop(struct moot_http *h);

#endif
