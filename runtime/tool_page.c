#include "runtime/tool_builtin.h"

#include "runtime/page.h"

/* One page on its way: fetched on the loop, read on the pool. */
struct fetch {
    struct moot_tool_call_run *run;
    struct moot_http_request request;
    struct moot_http *http;
    struct moot_buf body;
    char charset[64];
    struct moot_page *page;
    struct moot_error error;
    int status;
};

static int fetch_data(void *arg, const char *data, size_t len)
{
    struct fetch *f = arg;
    return moot__buf_add(&f->body, data, len);
}

static void fetch_read(void *arg)
{
    struct fetch *f = arg;
    f->status = moot__page_read(moot__buf_text(&f->body), f->body.len,
                                f->charset[0] != '\0' ? f->charset : NULL, &f->page, &f->error);
}

/* What a person is shown of it: how much it is, and what speaks to a machine there. */
static void fetch_note(struct moot_tool_call_run *run, const struct moot_page *page)
{
    struct moot_buf shown;
    size_t count = page->warnings[0] != '\0';
    moot__buf_init(&shown, MOOT_MAX_PAGE);
    moot__buf_addf(&shown, "%zu characters%s", strlen(page->text), page->cut ? " · cut" : "");
    for (const char *c = page->warnings; *c != '\0'; c++)
        count += *c == '\n';
    if (count > 0) {
        moot__buf_addf(&shown, " · %zu warning%s: ", count, count == 1 ? "" : "s");
        moot__buf_add(&shown, page->warnings, strcspn(page->warnings, "\n"));
        run->warnings = moot__copy(page->warnings, strlen(page->warnings));
    }
    run->shown = moot__buf_take(&shown);
    moot__buf_release(&shown);
    if (run->shown == NULL || (count > 0 && run->warnings == NULL))
        run->status = MOOT_ENOMEM;
}

static void fetch_show(void *arg)
{
    struct fetch *f = arg;
    struct moot_tool_call_run *run = f->run;
    if (f->status != MOOT_OK) {
        moot__tool_finish_error(run, f->status, f->error.message);
        return;
    }
    if (f->page->title != NULL)
        moot__buf_addf(&run->output, "%s\n\n", f->page->title);
    moot__buf_adds(&run->output, f->page->text);
    fetch_note(run, f->page);
    run->label = "web";
    moot__tool_finish(run);
}

/* The charset parameter of a content type. */
static void fetch_charset(struct fetch *f, const char *type)
{
    const char *at = strstr(type, "charset=");
    if (at == NULL)
        return;
    at += strlen("charset=");
    size_t length = strcspn(at, "; \t\"");
    if (length < sizeof(f->charset)) {
        memcpy(f->charset, at, length);
        f->charset[length] = '\0';
    }
}

static void fetch_done(void *arg, const struct moot_http_result *r)
{
    struct fetch *f = arg;
    struct moot_tool_call_run *run = f->run;
    const struct moot_world *w = run->world;
    char why[160];
    f->http = NULL;
    if (r->status != MOOT_OK) {
        moot__tool_finish_error(run, r->status, r->error.message);
        return;
    }
    if (r->http_status < 200 || r->http_status > 299) {
        snprintf(why, sizeof(why), "the server answered %ld", r->http_status);
        moot__tool_finish_error(run, MOOT_EPROTOCOL, why);
        return;
    }
    fetch_charset(f, r->content_type);
    if (w->pool(w->self, fetch_read, fetch_show, f) != MOOT_OK)
        moot__tool_finish_error(run, MOOT_ENOMEM, "out of memory");
}

static int page_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    static const struct moot_http_events events = {fetch_data, fetch_done};
    const struct moot_world *w = run->world;
    const char *url = moot__json_get_text(run->args, "url", "");
    struct fetch *f = calloc(1, sizeof(*f));
    if (f == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    run->self = f;
    f->run = run;
    moot__buf_init(&f->body, MOOT_MAX_PAGE);
    f->request.method = "GET";
    f->request.url = url;
    f->request.max_bytes = MOOT_MAX_PAGE;
    f->request.public_only = true;
    f->request.redirects = 3;
    struct moot_error why = {0};
    int status = MOOT_EINVAL;
    if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
        moot__fail(&why, status, "'%s' is no address of a web page (https://…)", url);
    else
        status = w->http_start(w->self, &f->request, &events, f, &f->http, &why);
    if (status != MOOT_OK)
        moot__tool_finish_error(run, status, why.message);
    return MOOT_OK;
}

static void page_cancel(struct moot_tool_call_run *run)
{
    struct fetch *f = run->self;
    const struct moot_world *w = run->world;
    if (f->http != NULL)
        w->http_cancel(w->self, f->http);
}

static void page_release(struct moot_tool_call_run *run)
{
    struct fetch *f = run->self;
    if (f == NULL)
        return;
    moot__buf_release(&f->body);
    moot__page_free(f->page);
    free(f);
}

const struct moot_builtin_tool moot__tool_read_page = {
    .name = "read_page",
    .description = "Reads a web page and gives its text.",
    .parameters = "{\"type\":\"object\",\"properties\":{\"url\":{\"type\":\"string\","
                  "\"description\":\"https address of the page\"}},\"required\":[\"url\"],"
                  "\"additionalProperties\":false}",
    .effect = MOOT_EFFECT_NONE,
    .ingests_untrusted = true,
    .start = page_start,
    .cancel = page_cancel,
    .release = page_release,
};
