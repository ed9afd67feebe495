#include "agents/view.h"

#include "agents/role.h"
#include "runtime/utf8.h"

enum {
    ENTRY_TOKENS = 4,     /* what an entry takes besides its text */
    WORTH_OMITTING = 256, /* tokens of a result */
};

void moot__view_init(struct moot_view *v)
{
    memset(v, 0, sizeof(*v));
}

static void entry_release(struct moot_entry *e)
{
    free(e->text);
    free(e->from);
    free(e->call);
}

static void seen_release(struct moot_seen *s)
{
    free(s->from);
    free(s->call);
}

void moot__view_release(struct moot_view *v)
{
    for (size_t i = 0; i < v->count; i++)
        entry_release(&v->list[i]);
    free(v->list);
    for (size_t i = 0; i < v->seen_count; i++)
        seen_release(&v->seen[i]);
    free(v->seen);
    moot__view_init(v);
}

void moot__view_digest(const struct moot_view *v, const struct moot_digest *d)
{
    for (size_t i = 0; i < v->count; i++) {
        const struct moot_entry *e = &v->list[i];
        moot__digest_int(d, e->role);
        moot__digest_int(d, e->named);
        moot__digest_text(d, e->text);
        moot__digest_text(d, e->from);
        moot__digest_int(d, e->n);
        moot__digest_text(d, e->call);
        moot__digest_int(d, e->unit);
        moot__digest_int(d, e->tokens);
    }
    for (size_t i = 0; i < v->seen_count; i++) {
        moot__digest_text(d, v->seen[i].from);
        moot__digest_int(d, v->seen[i].n);
    }
}

bool moot__view_shows(const struct moot_view_def *def, const char *from, unsigned kind)
{
    unsigned kinds = def->kinds != 0 ? def->kinds : MOOT_SEES_MSG;
    if ((kinds & kind) == 0)
        return false;
    for (size_t i = 0; def->from != NULL; i++) {
        if (def->from[i] == NULL)
            return false;
        if (strcmp(def->from[i], from) == 0)
            return true;
    }
    return true;
}

/* ---- how much a message is ---- */

static int64_t tokens_of(const char *text)
{
    return (int64_t)moot__utf8_tokens(text, strlen(text));
}

static int note_seen(struct moot_view *v, const char *from, uint32_t n, const char *call,
                     int64_t tokens)
{
    if (v->seen_count == v->seen_size) {
        size_t size = v->seen_size == 0 ? 4 : v->seen_size * 2;
        struct moot_seen *seen = realloc(v->seen, size * sizeof(*seen));
        if (seen == NULL)
            return MOOT_ENOMEM;
        v->seen = seen;
        v->seen_size = size;
    }
    struct moot_seen s = {moot__copy(from, strlen(from)), n, NULL, tokens};
    if (call != NULL)
        s.call = moot__copy(call, strlen(call));
    if (s.from == NULL || (call != NULL && s.call == NULL)) {
        seen_release(&s);
        return MOOT_ENOMEM;
    }
    v->seen[v->seen_count++] = s;
    return MOOT_OK;
}

int moot__view_said(struct moot_view *v, const char *from, uint32_t n, const char *text)
{
    return note_seen(v, from, n, NULL, tokens_of(text));
}

int moot__view_seen(struct moot_view *v, const struct moot_message *m)
{
    const struct moot_json *body = moot_message_json(m);
    int64_t tokens = tokens_of(moot__json_get_text(body, "output", ""));
    const struct moot_json *parts = moot__json_get(body, "parts");
    for (const struct moot_json *p = moot__json_first(parts); p != NULL; p = moot__json_next(p))
        tokens += tokens_of(moot__json_get_text(p, "text", ""));
    const struct moot_json *calls = moot__json_get(body, "calls");
    bool reply = moot_message_kind(m) == MOOT_MODEL_REPLY;
    for (const struct moot_json *c = moot__json_first(calls); reply && c != NULL;
         c = moot__json_next(c))
        tokens += ENTRY_TOKENS + tokens_of(moot__json_get_text(c, "name", "")) +
                  tokens_of(moot__json_get_text(c, "arguments", ""));
    return note_seen(v, moot_message_from(m), moot_message_n(m),
                     moot__json_get_text(body, "call", NULL), tokens);
}

/* Takes note of a message that is shown now, out of those that were seen. */
static void take_seen(struct moot_view *v, struct moot_entry *e)
{
    for (size_t i = v->seen_count; i-- > 0;) {
        struct moot_seen *s = &v->seen[i];
        if (s->n != e->n || strcmp(s->from, e->from) != 0)
            continue;
        e->tokens += s->tokens;
        if (e->role == MOOT_ADD_TOOL) {
            e->call = s->call;
            s->call = NULL;
        }
        seen_release(s);
        memmove(s, s + 1, (v->seen_count - i - 1) * sizeof(*s));
        v->seen_count--;
        return;
    }
}

/* ---- what is shown ---- */

static int copy_into(char **place, const char *text)
{
    *place = text == NULL ? NULL : moot__copy(text, strlen(text));
    return text != NULL && *place == NULL ? MOOT_ENOMEM : MOOT_OK;
}

static struct moot_entry *push(struct moot_view *v)
{
    if (v->count == v->size) {
        size_t size = v->size == 0 ? 4 : v->size * 2;
        struct moot_entry *list = realloc(v->list, size * sizeof(*list));
        if (list == NULL)
            return NULL;
        v->list = list;
        v->size = size;
    }
    struct moot_entry *e = &v->list[v->count++];
    memset(e, 0, sizeof(*e));
    e->tokens = ENTRY_TOKENS;
    return e;
}

int moot__view_extend(struct moot_view *v, const struct moot_add *adds, size_t count, size_t own,
                      bool begins)
{
    for (size_t i = 0; i < count; i++) {
        struct moot_entry *e = push(v);
        if (e == NULL)
            return MOOT_ENOMEM;
        if (begins && i >= own)
            v->unit++;
        e->unit = v->unit;
        e->role = adds[i].role;
        e->n = adds[i].n;
        e->named = adds[i].named;
        int rc = copy_into(&e->text, adds[i].text);
        rc |= copy_into(&e->from, adds[i].from);
        rc |= copy_into(&e->call, adds[i].call);
        if (rc != MOOT_OK)
            return MOOT_ENOMEM;
        if (e->text != NULL)
            e->tokens += tokens_of(e->text);
        else
            take_seen(v, e);
    }
    v->unit += begins; /* the turn that begins is a unit of its own */
    return MOOT_OK;
}

int64_t moot__view_tokens(const struct moot_view *v, size_t from, size_t to)
{
    int64_t sum = 0;
    for (size_t i = from; i < to; i++)
        sum += v->list[i].tokens;
    return sum;
}

int moot__view_show(const struct moot_view *v, size_t from, size_t to, struct moot_effects *fx)
{
    for (size_t i = from; i < to; i++) {
        const struct moot_entry *e = &v->list[i];
        if (e->text == NULL && e->named)
            moot__fx_add_named(fx, e->role, e->from, e->n);
        else if (e->text == NULL)
            moot__fx_add_message(fx, e->role, e->from, e->n);
        else if (e->role == MOOT_ADD_TOOL)
            moot__fx_add_refusal(fx, e->call, e->text);
        else
            moot__fx_add_text(fx, e->role, e->text);
    }
    return fx->status;
}

/* ---- a bounded view ---- */

static bool is_system(const struct moot_entry *e)
{
    return e->role == MOOT_ADD_SYSTEM;
}

static int64_t count_units(const struct moot_view *v)
{
    int64_t units = 0;
    uint32_t last = 0;
    for (size_t i = 0; i < v->count; i++) {
        if (is_system(&v->list[i]))
            continue;
        units += units == 0 || v->list[i].unit != last;
        last = v->list[i].unit;
    }
    return units;
}

/* Takes out the units from the `from`-th up to before the `to`-th. */
static bool cut_units(struct moot_view *v, int64_t from, int64_t to)
{
    size_t kept = 0;
    int64_t at = -1;
    uint32_t last = 0;
    for (size_t i = 0; i < v->count; i++) {
        struct moot_entry *e = &v->list[i];
        if (!is_system(e)) {
            at += at < 0 || e->unit != last;
            last = e->unit;
        }
        if (!is_system(e) && at >= from && at < to)
            entry_release(e);
        else
            v->list[kept++] = *e;
    }
    bool any = kept < v->count;
    v->count = kept;
    return any;
}

bool moot__view_bound(struct moot_view *v, const struct moot_view_def *def)
{
    bool any = false;
    int64_t units = count_units(v);
    int64_t first = def->first > 0 ? def->first : 0;
    int64_t last = def->last > 0 ? def->last : 1;
    /* With a bound of tokens, `first` alone says what that leaves. */
    bool counted = def->last > 0 || (def->first > 0 && def->tokens == 0);
    if (counted && first + last < units)
        any = cut_units(v, first, units - last);
    while (def->tokens > 0 && moot__view_tokens(v, 0, v->count) > def->tokens) {
        units = count_units(v);
        if (units < 2)
            break;
        /* What comes first stays as long as there is anything else. */
        int64_t at = first < units - 1 ? first : units - 2;
        any = cut_units(v, at, at + 1) || any;
    }
    return any;
}

/* ---- what is left out ---- */

static bool is_result(const struct moot_entry *e)
{
    return e->role == MOOT_ADD_TOOL || e->role == MOOT_ADD_OBSERVATION;
}

/* A result belongs to the call before it. */
static bool begins_group(const struct moot_entry *e)
{
    return !is_system(e) && !is_result(e);
}

bool moot__view_between(const struct moot_view *v, int64_t keep_first, int64_t keep_last,
                        size_t *from, size_t *to)
{
    int64_t groups = 0;
    for (size_t i = 0; i < v->count; i++)
        groups += begins_group(&v->list[i]);
    if (keep_last < 1 || keep_first + keep_last >= groups)
        return false;
    int64_t at = 0;
    for (size_t i = 0; i < v->count; i++) {
        if (!begins_group(&v->list[i]))
            continue;
        if (at == keep_first)
            *from = i;
        if (at == groups - keep_last)
            *to = i;
        at++;
    }
    return true;
}

void moot__view_cut(struct moot_view *v, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        entry_release(&v->list[i]);
    memmove(&v->list[from], &v->list[to], (v->count - to) * sizeof(*v->list));
    v->count -= to - from;
}

int moot__view_replace(struct moot_view *v, size_t from, size_t to, const char *by, uint32_t n,
                       const char *text)
{
    MOOT_ASSERT(from < to && to <= v->count);
    struct moot_entry e = {.role = MOOT_ADD_USER,
                           .n = n,
                           .unit = v->list[from].unit,
                           .tokens = ENTRY_TOKENS + tokens_of(text)};
    if (copy_into(&e.from, by) != MOOT_OK)
        return MOOT_ENOMEM;
    moot__view_cut(v, from + 1, to);
    entry_release(&v->list[from]);
    v->list[from] = e;
    return MOOT_OK;
}

size_t moot__view_longest(const struct moot_view *v)
{
    size_t longest = v->count;
    for (size_t i = 0; i < v->count; i++) {
        const struct moot_entry *e = &v->list[i];
        if (is_result(e) && e->tokens >= WORTH_OMITTING &&
            (longest == v->count || e->tokens > v->list[longest].tokens))
            longest = i;
    }
    return longest;
}

int moot__view_omit(struct moot_view *v, size_t i)
{
    struct moot_entry *e = &v->list[i];
    char words[160];
    snprintf(words, sizeof(words),
             "(This result is too long to be shown: about %lld tokens. Ask for less of it.)",
             (long long)e->tokens);
    char *text = moot__copy(words, strlen(words));
    if (text == NULL)
        return MOOT_ENOMEM;
    free(e->text);
    free(e->from);
    e->text = text;
    e->from = NULL;
    e->n = 0;
    e->tokens = ENTRY_TOKENS + tokens_of(words);
    return MOOT_OK;
}
