#include "runtime/run.h"

void moot__run_init(struct moot_run *r)
{
    memset(r, 0, sizeof(*r));
    moot__map_init(&r->convs);
    moot__map_init(&r->ended);
    moot__map_init(&r->stops);
    moot__map_init(&r->usage);
    moot__map_init(&r->tool_uses);
}

static void call_release(struct moot_run_call *call)
{
    free(call->from);
    free(call->tool);
    free(call->reason);
    for (size_t i = 0; i < call->whom_count; i++)
        free(call->whom[i]);
    free(call->whom);
}

static void conv_free(void *value)
{
    struct moot_run_conv *c = value;
    if (c == NULL)
        return;
    free(c->path);
    free(c->opener);
    free(c->manager);
    free(c->item);
    free(c->task);
    free(c->root);
    moot__map_release(&c->authors, NULL);
    for (size_t i = 0; i < c->label_count; i++)
        free(c->labels[i]);
    free(c->labels);
    for (size_t i = 0; i < c->call_count; i++)
        call_release(&c->calls[i]);
    free(c->calls);
    free(c);
}

void moot__run_release(struct moot_run *r)
{
    moot__map_release(&r->convs, conv_free);
    moot__map_release(&r->ended, free);
    moot__map_release(&r->stops, free);
    moot__map_release(&r->usage, free);
    moot__map_release(&r->tool_uses, NULL);
    for (size_t i = 0; i < r->like_count; i++) {
        free(r->likes[i].root);
        free(r->likes[i].tool);
        moot__json_free(r->likes[i].args);
    }
    free(r->likes);
    free(r->stop);
    moot__run_init(r);
}

bool moot__run_below(const char *path, const char *above)
{
    size_t length = strlen(above);
    return strncmp(path, above, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

struct moot_run_conv *moot__run_conv(const struct moot_run *r, const char *path)
{
    return moot__map_get(&r->convs, path);
}

uint32_t moot__run_next_n(const struct moot_run_conv *c, const char *author)
{
    return (uint32_t)(uintptr_t)moot__map_get(&c->authors, author) + 1;
}

struct moot_run_call *moot__run_call(struct moot_run_conv *c, const char *from, uint32_t n)
{
    for (size_t i = 0; i < c->call_count; i++) {
        if (c->calls[i].n == n && strcmp(c->calls[i].from, from) == 0)
            return &c->calls[i];
    }
    return NULL;
}

struct moot_run_call *moot__run_call_by_id(struct moot_run_conv *c,
                                           const uint8_t id[MOOT_HASH_SIZE])
{
    for (size_t i = 0; i < c->call_count; i++) {
        if (memcmp(c->calls[i].id, id, MOOT_HASH_SIZE) == 0)
            return &c->calls[i];
    }
    return NULL;
}

/* Keys of usage: ids hold no '|', so the parts cannot run together. */
static void usage_key(char *out, size_t size, const char *root, const char *kind, const char *id)
{
    const char *parts[] = {root, kind != NULL ? "|" : "", kind != NULL ? kind : "",
                           kind != NULL ? "|" : "", kind != NULL ? id : ""};
    size_t at = 0;
    for (size_t i = 0; i < MOOT_COUNT(parts); i++) {
        size_t len = strnlen(parts[i], size - 1 - at);
        memcpy(out + at, parts[i], len);
        at += len;
    }
    out[at] = '\0';
}

const struct moot_usage *moot__run_usage(const struct moot_run *r, const char *root,
                                         const char *kind, const char *id)
{
    char key[MOOT_MAX_PATH_CONV + MOOT_MAX_ID + 16];
    usage_key(key, sizeof(key), root, kind, id);
    return moot__map_get(&r->usage, key);
}

static struct moot_usage *usage_at(struct moot_run *r, const char *root, const char *kind,
                                   const char *id)
{
    char key[MOOT_MAX_PATH_CONV + MOOT_MAX_ID + 16];
    usage_key(key, sizeof(key), root, kind, id);
    struct moot_usage *u = moot__map_get(&r->usage, key);
    if (u != NULL)
        return u;
    u = calloc(1, sizeof(*u));
    if (u != NULL && moot__map_put(&r->usage, key, u) != MOOT_OK) {
        free(u);
        return NULL;
    }
    return u;
}

static int64_t add_bounded(int64_t a, int64_t b)
{
    if (b > 0 && a > INT64_MAX - b)
        return INT64_MAX;
    return a + b < 0 ? 0 : a + b;
}

/* Adds to the four places a call counts in: the run, the item, its task there, its agent there. */
static int usage_add(struct moot_run *r, const struct moot_run_conv *c, const char *agent,
                     const struct moot_usage *more)
{
    struct moot_usage *places[4] = {usage_at(r, "", NULL, NULL), NULL, NULL, NULL};
    size_t count = 1;
    if (c->root != NULL && c->root[0] != '\0')
        places[count++] = usage_at(r, c->root, NULL, NULL);
    if (c->root != NULL && c->task != NULL)
        places[count++] = usage_at(r, c->root, "task", c->task);
    if (c->root != NULL && agent != NULL)
        places[count++] = usage_at(r, c->root, "agent", agent);
    for (size_t i = 0; i < count; i++) {
        struct moot_usage *u = places[i];
        if (u == NULL)
            return MOOT_ENOMEM;
        u->turns = add_bounded(u->turns, more->turns);
        u->calls = add_bounded(u->calls, more->calls);
        u->tokens = add_bounded(u->tokens, more->tokens);
        u->cost = add_bounded(u->cost, more->cost);
        u->ms = add_bounded(u->ms, more->ms);
        u->reserved_tokens = add_bounded(u->reserved_tokens, more->reserved_tokens);
        u->reserved_cost = add_bounded(u->reserved_cost, more->reserved_cost);
        u->open = add_bounded(u->open, more->open);
    }
    return MOOT_OK;
}

int64_t moot__run_tool_uses(const struct moot_run *r, const char *root, const char *tool)
{
    char key[MOOT_MAX_PATH_CONV + MOOT_MAX_ID + 16];
    usage_key(key, sizeof(key), root, "tool", tool);
    return (int64_t)(intptr_t)moot__map_get(&r->tool_uses, key);
}

static int tool_uses_add(struct moot_run *r, const char *root, const char *tool)
{
    char key[MOOT_MAX_PATH_CONV + MOOT_MAX_ID + 16];
    usage_key(key, sizeof(key), root, "tool", tool);
    intptr_t count = (intptr_t)moot__map_get(&r->tool_uses, key);
    return moot__map_put(&r->tool_uses, key,
                         (void *)(count + 1)); /* NOLINT(performance-no-int-to-ptr) */
}

static int64_t money(const struct moot_json *body, const char *key)
{
    int64_t value = 0;
    const char *digits = moot__json_get_text(body, key, NULL);
    return digits != NULL && moot__int_parse(digits, &value) && value > 0 ? value : 0;
}

static int apply_begin(struct moot_run *r, const struct moot_message *m, struct moot_error *err)
{
    if (r->begun)
        return moot__fail(err, MOOT_EFOLD, "a second genesis");
    struct moot_run_conv *c = calloc(1, sizeof(*c));
    if (c == NULL)
        return MOOT_ENOMEM;
    c->path = strdup("");
    c->root = strdup("");
    if (c->path == NULL || c->root == NULL || moot__map_put(&r->convs, "", c) != MOOT_OK) {
        conv_free(c);
        return MOOT_ENOMEM;
    }
    snprintf(r->id, sizeof(r->id), "%s", m->run);
    r->begun = true;
    return MOOT_OK;
}

/* The conversation above a path: "3/email#2" for "3/email#2/judge1", none for "3". */
static struct moot_run_conv *conv_above(const struct moot_run *r, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return NULL;
    char above[MOOT_MAX_PATH_CONV];
    snprintf(above, sizeof(above), "%.*s", (int)(slash - path), path);
    return moot__run_conv(r, above);
}

static char *copy_or_null(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

static int apply_open(struct moot_run *r, const struct moot_message *m, struct moot_error *err)
{
    if (moot__run_conv(r, m->conv) != NULL || moot__map_get(&r->ended, m->conv) != NULL)
        return moot__fail(err, MOOT_EFOLD, "conversation %s is opened a second time", m->conv);
    struct moot_run_conv *above = conv_above(r, m->conv);
    if (above == NULL && strchr(m->conv, '/') != NULL)
        return moot__fail(err, MOOT_EFOLD, "conversation %s is opened below none", m->conv);
    struct moot_run_conv *c = calloc(1, sizeof(*c));
    if (c == NULL)
        return MOOT_ENOMEM;
    c->parent = above;
    c->path = strdup(m->conv);
    c->opener = strdup(m->from);
    c->root = strdup(above != NULL ? above->root : m->conv);
    c->item = copy_or_null(m->item);
    c->task = copy_or_null(m->task);
    const struct moot_json *who = moot__json_get(m->body, "participants");
    c->manager =
        moot__json_count(who) > 1 ? copy_or_null(moot__json_text(moot__json_first(who))) : NULL;
    c->attempt = moot__json_get_int(m->body, "attempt", above != NULL ? above->attempt : 1);
    c->opened_at = moot__json_get_int(m->body, "at", r->at);
    c->depth = above != NULL ? above->depth + 1 : 0;
    bool lost = c->path == NULL || c->opener == NULL || c->root == NULL ||
                (m->item != NULL && c->item == NULL) || (m->task != NULL && c->task == NULL);
    if (lost || moot__map_put(&r->convs, c->path, c) != MOOT_OK) {
        conv_free(c);
        return MOOT_ENOMEM;
    }
    c->private_read = above != NULL && above->private_read;
    if (above != NULL)
        above->children++;
    return MOOT_OK;
}

bool moot__run_like_covers(const struct moot_run_like *l, const struct moot_run_conv *c,
                           const char *tool, const struct moot_json *args)
{
    if (l->count <= 0 || strcmp(l->tool, tool) != 0 || strcmp(l->root, c->root) != 0)
        return false;
    const struct moot_json *want = moot__json_first(l->args);
    for (; want != NULL; want = moot__json_next(want)) {
        if (!moot__json_equal(want, moot__json_get(args, moot__json_key(want))))
            return false;
    }
    return true;
}

/* A call that an earlier consent covers uses it up by one. */
static void use_like(struct moot_run *r, const struct moot_run_conv *c, const char *tool,
                     const struct moot_json *body)
{
    const char *text = moot__json_get_text(body, "args", "");
    struct moot_json *args = NULL;
    if (moot__json_parse(text, strlen(text), &args, NULL) != MOOT_OK)
        return;
    for (size_t i = 0; i < r->like_count; i++) {
        if (moot__run_like_covers(&r->likes[i], c, tool, args)) {
            r->likes[i].count--;
            break;
        }
    }
    moot__json_free(args);
}

static int call_open(struct moot_run *r, struct moot_run_conv *c, const struct moot_message *m)
{
    struct moot_run_call *calls = realloc(c->calls, (c->call_count + 1) * sizeof(*calls));
    if (calls == NULL)
        return MOOT_ENOMEM;
    c->calls = calls;
    struct moot_run_call *call = &calls[c->call_count];
    memset(call, 0, sizeof(*call));
    call->kind = m->kind;
    call->n = m->n;
    call->from = strdup(m->from);
    if (call->from == NULL)
        return MOOT_ENOMEM;
    c->call_count++;
    memcpy(call->id, m->id, MOOT_HASH_SIZE);
    struct moot_usage more = {0};
    if (m->kind == MOOT_MODEL_CALL) {
        const struct moot_json *reserve = moot__json_get(m->body, "reserve");
        call->tokens = moot__json_get_int(reserve, "tokens", 0);
        call->cost = money(reserve, "cost");
        more.calls = 1;
        more.reserved_tokens = call->tokens;
        more.reserved_cost = call->cost;
    } else if (m->kind == MOOT_TOOL_CALL) {
        call->tool = strdup(moot__json_get_text(m->body, "tool", ""));
        if (call->tool == NULL || tool_uses_add(r, c->root, call->tool) != MOOT_OK)
            return MOOT_ENOMEM;
        if (moot__json_get_bool(m->body, "like", false))
            use_like(r, c, call->tool, m->body);
    }
    if (m->kind == MOOT_QUESTION) {
        r->asked++;
        call->expires = moot__json_get_int(m->body, "expires", 0);
        for (size_t i = 0; i < m->to_count; i++)
            if (moot__message_add(&call->whom, &call->whom_count, m->to[i]) != MOOT_OK)
                return MOOT_ENOMEM;
    }
    more.open = 1;
    return usage_add(r, c, m->from, &more);
}

static struct moot_run_call *call_answered(struct moot_run_conv *c, const struct moot_message *m)
{
    return m->has_re ? moot__run_call_by_id(c, m->re) : NULL;
}

static int call_close(struct moot_run *r, struct moot_run_conv *c, struct moot_run_call *call,
                      const struct moot_message *m)
{
    struct moot_usage more = {
        .open = -1, .reserved_tokens = -call->tokens, .reserved_cost = -call->cost};
    more.ms = moot__json_get_int(m->body, "took", 0);
    if (m->kind == MOOT_MODEL_REPLY) {
        const struct moot_json *usage = moot__json_get(m->body, "usage");
        more.tokens =
            moot__json_get_int(usage, "input", 0) + moot__json_get_int(usage, "output", 0);
        more.cost = money(m->body, "cost");
        if (moot__json_get(m->body, "cost") == NULL)
            r->cost_unknown = true;
    }
    int status = usage_add(r, c, call->from, &more);
    call_release(call);
    *call = c->calls[--c->call_count];
    return status;
}

/* A failed try of a model call: what it cost counts, the call stays open. */
static int apply_try(struct moot_run *r, struct moot_run_conv *c, const struct moot_message *m)
{
    struct moot_run_call *call = call_answered(c, m);
    if (call == NULL)
        return MOOT_OK;
    const struct moot_json *usage = moot__json_get(m->body, "usage");
    struct moot_usage more = {
        .tokens = moot__json_get_int(usage, "input", 0) + moot__json_get_int(usage, "output", 0),
        .cost = money(m->body, "cost"),
    };
    return usage_add(r, c, call->from, &more);
}

static int apply_like(struct moot_run *r, const struct moot_run_conv *c,
                      const struct moot_run_call *call, const struct moot_json *like, int64_t count)
{
    struct moot_run_like *likes = realloc(r->likes, (r->like_count + 1) * sizeof(*likes));
    if (likes == NULL)
        return MOOT_ENOMEM;
    r->likes = likes;
    struct moot_run_like *l = &likes[r->like_count];
    l->root = strdup(c->root);
    l->tool = strdup(call->tool != NULL ? call->tool : "");
    l->args = moot__json_copy(like);
    l->count = count;
    if (l->root == NULL || l->tool == NULL || l->args == NULL) {
        free(l->root);
        free(l->tool);
        moot__json_free(l->args);
        return MOOT_ENOMEM;
    }
    r->like_count++;
    return MOOT_OK;
}

static int apply_consent(struct moot_run *r, struct moot_run_conv *c, const struct moot_message *m,
                         struct moot_error *err)
{
    if (m->kind == MOOT_APPROVAL_REQUEST) {
        struct moot_run_call *call = call_answered(c, m);
        if (call == NULL)
            return moot__fail(err, MOOT_EFOLD, "an approval is asked for no open call");
        call->asked = true;
        call->consent = MOOT_CONSENT_NONE;
        call->asked_n = m->n;
        call->asked_seq = m->seq;
        call->expires = moot__json_get_int(m->body, "expires", 0);
        r->asked++;
        memcpy(call->asked_id, m->id, MOOT_HASH_SIZE);
        return MOOT_OK;
    }
    for (size_t i = 0; i < c->call_count; i++) {
        struct moot_run_call *call = &c->calls[i];
        if (!call->asked || !m->has_re || memcmp(call->asked_id, m->re, MOOT_HASH_SIZE) != 0)
            continue;
        bool yes = strcmp(moot__json_get_text(m->body, "decision", ""), "approve") == 0;
        call->consent = yes ? MOOT_CONSENT_GIVEN : MOOT_CONSENT_REFUSED;
        const char *reason = moot__json_get_text(m->body, "reason", NULL);
        free(call->reason);
        call->reason = copy_or_null(reason);
        const struct moot_json *like = moot__json_get(m->body, "like");
        if (yes && like != NULL)
            return apply_like(r, c, call, like, moot__json_get_int(m->body, "count", 1));
        return MOOT_OK;
    }
    return MOOT_OK; /* an approval that comes too late changes nothing */
}

static int labels_add(struct moot_run_conv *c, const struct moot_message *m)
{
    for (size_t i = 0; i < m->prov_count; i++) {
        int status = moot__message_add(&c->labels, &c->label_count, m->prov[i]);
        if (status != MOOT_OK)
            return status;
    }
    return MOOT_OK;
}

static int apply_end(struct moot_run *r, const struct moot_message *m, struct moot_error *err)
{
    struct moot_run_conv *c = moot__run_conv(r, m->conv);
    if (c->children > 0)
        return moot__fail(err, MOOT_EFOLD,
                          "conversation %s ends before what was opened below it does", m->conv);
    for (size_t i = 0; i < c->call_count; i++) {
        const struct moot_run_call *call = &c->calls[i];
        struct moot_usage more = {
            .open = -1, .reserved_tokens = -call->tokens, .reserved_cost = -call->cost};
        if (usage_add(r, c, call->from, &more) != MOOT_OK)
            return MOOT_ENOMEM;
    }
    struct moot_usage turn = {.turns = 1};
    if (c->parent != NULL && usage_add(r, c, NULL, &turn) != MOOT_OK)
        return MOOT_ENOMEM;
    if (c->parent != NULL && labels_add(c->parent, m) != MOOT_OK)
        return MOOT_ENOMEM;
    char *outcome = strdup(moot__json_get_text(m->body, "outcome", "failed"));
    if (outcome == NULL || moot__map_put(&r->ended, m->conv, outcome) != MOOT_OK) {
        free(outcome);
        return MOOT_ENOMEM;
    }
    if (c->parent == NULL) {
        char *stop = strdup(moot__json_get_text(m->body, "stop", "failed"));
        if (stop == NULL || moot__map_put(&r->stops, m->conv, stop) != MOOT_OK) {
            free(stop);
            return MOOT_ENOMEM;
        }
    } else {
        c->parent->children--;
    }
    conv_free(moot__map_take(&r->convs, m->conv));
    return MOOT_OK;
}

/* The author's count, checked: (conv, from, n) is unique and without gaps. */
static int count_author(struct moot_run_conv *c, const struct moot_message *m,
                        struct moot_error *err)
{
    uint32_t next = moot__run_next_n(c, m->from);
    if (m->n != next)
        return moot__fail(err, MOOT_EFOLD,
                          "message %u of %s in conversation '%s' should be number %u", m->n,
                          m->from, m->conv, next);
    return moot__map_put(&c->authors, m->from,
                         (void *)(uintptr_t)next); /* NOLINT(performance-no-int-to-ptr) */
}

/* What was read below is known above, once the conversation ends with a result. */
static void mark_private(struct moot_run_conv *c)
{
    for (; c != NULL; c = c->parent)
        c->private_read = true;
}

/* A person's word cuts off what those who talk there are doing; not the manager, who only chooses
 * who is next. */
static void interrupt(struct moot_run_conv *c)
{
    for (size_t i = 0; i < c->call_count; i++) {
        struct moot_run_call *call = &c->calls[i];
        call->interrupted = c->manager == NULL || strcmp(call->from, c->manager) != 0;
    }
}

static int apply_kind(struct moot_run *r, struct moot_run_conv *c, const struct moot_message *m,
                      struct moot_error *err)
{
    switch (m->kind) {
    case MOOT_MODEL_CALL:
    case MOOT_TOOL_CALL:
    case MOOT_QUESTION:
        return call_open(r, c, m);
    case MOOT_MODEL_REPLY:
    case MOOT_TOOL_RESULT:
    case MOOT_ANSWER: {
        if (moot__json_get_bool(m->body, "private", false))
            mark_private(c);
        struct moot_run_call *call = call_answered(c, m);
        if (call == NULL)
            return moot__fail(err, MOOT_EFOLD, "a %s in conversation %s answers no open call",
                              moot_kind_text(m->kind), m->conv);
        return call_close(r, c, call, m);
    }
    case MOOT_ERROR:
        return apply_try(r, c, m);
    case MOOT_APPROVAL_REQUEST:
    case MOOT_APPROVAL:
        return apply_consent(r, c, m, err);
    case MOOT_MSG:
        if (moot__json_get_bool(m->body, "interrupt", false))
            interrupt(c);
        return MOOT_OK;
    case MOOT_END:
        return apply_end(r, m, err);
    case MOOT_CLOSE:
        r->closed = true;
        r->stop = strdup(moot__json_get_text(m->body, "stop", ""));
        return r->stop != NULL ? MOOT_OK : MOOT_ENOMEM;
    case MOOT_GENESIS:
    case MOOT_OPEN:
    case MOOT_AMEND:
    case MOOT_REDACTION:
    case MOOT_KEY:
    case MOOT_TIMER:
    case MOOT_TURN:
    case MOOT_DELEGATE:
    case MOOT_TRANSITION:
    case MOOT_VERDICT:
    case MOOT_BALLOT:
    case MOOT_DECISION:
    case MOOT_SUMMARY:
    case MOOT_KIND_COUNT:
        return MOOT_OK;
    }
    return MOOT_OK;
}

int moot__run_apply(struct moot_run *r, const struct moot_message *m, struct moot_error *err)
{
    int status = MOOT_OK;
    if (m->kind == MOOT_GENESIS)
        status = apply_begin(r, m, err);
    else if (m->kind == MOOT_OPEN)
        status = apply_open(r, m, err);
    if (status != MOOT_OK)
        return status;
    struct moot_run_conv *c = moot__run_conv(r, m->conv);
    if (c == NULL)
        return moot__fail(err, MOOT_EFOLD, "a %s of %s in conversation '%s', which is not open",
                          moot_kind_text(m->kind), m->from, m->conv);
    status = count_author(c, m, err);
    if (status == MOOT_OK)
        status = labels_add(c, m);
    if (status != MOOT_OK)
        return status;
    int64_t at = moot__json_get_int(m->body, "at", -1);
    if (at > r->at)
        r->at = at;
    r->messages++;
    return apply_kind(r, c, m, err);
}

static void digest_usage(struct moot_hash *h, const struct moot_map *usage)
{
    size_t i = 0;
    for (const struct moot_map_entry *e; (e = moot__map_next(usage, &i)) != NULL;) {
        const struct moot_usage *u = e->value;
        moot__hash_add_text(h, e->key);
        moot__hash_add_int(h, u->turns);
        moot__hash_add_int(h, u->calls);
        moot__hash_add_int(h, u->tokens);
        moot__hash_add_int(h, u->cost);
        moot__hash_add_int(h, u->ms);
        moot__hash_add_int(h, u->reserved_tokens);
        moot__hash_add_int(h, u->reserved_cost);
        moot__hash_add_int(h, u->open);
    }
}

static void digest_conv(struct moot_hash *h, const struct moot_run_conv *c)
{
    moot__hash_add_text(h, c->path);
    moot__hash_add_text(h, c->opener);
    moot__hash_add_text(h, c->task);
    moot__hash_add_int(h, c->attempt);
    size_t i = 0;
    for (const struct moot_map_entry *e; (e = moot__map_next(&c->authors, &i)) != NULL;) {
        moot__hash_add_text(h, e->key);
        moot__hash_add_int(h, (int64_t)(intptr_t)e->value);
    }
    for (size_t k = 0; k < c->label_count; k++)
        moot__hash_add_text(h, c->labels[k]);
    for (size_t k = 0; k < c->call_count; k++) {
        moot__hash_add_text(h, c->calls[k].from);
        moot__hash_add_int(h, c->calls[k].n);
        moot__hash_add_int(h, c->calls[k].consent);
        moot__hash_add_int(h, c->calls[k].interrupted);
    }
}

void moot__run_digest(const struct moot_run *r, uint8_t out[MOOT_HASH_SIZE])
{
    struct moot_hash h;
    moot__hash_init(&h);
    moot__hash_add_text(&h, r->id);
    moot__hash_add_int(&h, r->messages);
    moot__hash_add_int(&h, r->at);
    size_t i = 0;
    for (const struct moot_map_entry *e; (e = moot__map_next(&r->convs, &i)) != NULL;)
        digest_conv(&h, e->value);
    digest_usage(&h, &r->usage);
    i = 0;
    for (const struct moot_map_entry *e; (e = moot__map_next(&r->ended, &i)) != NULL;) {
        moot__hash_add_text(&h, e->key);
        moot__hash_add_text(&h, e->value);
    }
    for (size_t k = 0; k < r->like_count; k++)
        moot__hash_add_int(&h, r->likes[k].count);
    moot__hash_add_int(&h, r->closed);
    moot__hash_end(&h, out);
}

void moot__run_short(const char *run, char out[MOOT_RUN_NAME_SIZE])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint8_t id[5] = {0};
    char head[11];
    snprintf(head, sizeof(head), "%.10s", run);
    if (strlen(run) < 10 || !moot__unhex(head, id, sizeof(id))) {
        snprintf(out, MOOT_RUN_NAME_SIZE, "%.9s", run);
        return;
    }
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof(id); i++)
        bits = bits << 8 | id[i];
    for (int i = 0, at = 0; i < 8; i++) {
        out[at++] = letters[bits >> (35 - 5 * i) & 31];
        if (i == 3)
            out[at++] = '-';
    }
    out[9] = '\0';
}
