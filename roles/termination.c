/* The conditions lie in the order of the file, what is inside of `any` and `all` right after it: so
 * going through them backwards comes to every part before the whole. */
#include "roles/termination.h"

#include "agents/role.h"
#include "runtime/expr.h"
#include "runtime/price.h"

enum what { MESSAGES, TEXT, TOKENS, COST, TIME, HANDOFF, SPEAKER, TOOL, EXTERNAL, THAT, ANY, ALL };

static const char *const keys[] = {
    [MESSAGES] = "max_messages",
    [TEXT] = "text",
    [TOKENS] = "tokens",
    [COST] = "cost",
    [TIME] = "seconds",
    [HANDOFF] = "handoff",
    [SPEAKER] = "speaker",
    [TOOL] = "tool_called",
    [EXTERNAL] = "external",
    [THAT] = "that",
    [ANY] = "any",
    [ALL] = "all",
};

struct part {
    enum what what;
    size_t end;    /* the first one behind it that is not inside of it */
    bool in_all;   /* what was met stays met */
    int64_t bound; /* a count, milliseconds, picodollars; external: 1 if it ends */
    char *word;    /* a line, an agent, a tool; else NULL */
    char *from;    /* whose line, or NULL */
    struct moot_expr *that;
    char *source; /* as it stands in the crew file */
};

struct moot_condition {
    struct part parts[MOOT_TERMINATION_MAX];
    size_t count;
};

/* ---- building ---- */

static bool is_whole(enum what what)
{
    return what == ANY || what == ALL;
}

static int part_of(const struct moot_json *in, struct part *p, const struct moot_json **value)
{
    for (size_t i = 0; i < MOOT_COUNT(keys); i++) {
        *value = moot__json_get(in, keys[i]);
        p->what = (enum what)i;
        if (*value != NULL)
            return MOOT_OK;
    }
    return MOOT_EINVAL;
}

/* What a part compares with. */
static int read_value(struct part *p, const struct moot_json *in, const struct moot_json *value,
                      struct moot_error *err)
{
    const char *text = moot__json_text(value);
    const char *from = moot__json_get_text(in, "from", NULL);
    bool fits = true;
    if (p->what == MESSAGES || p->what == TOKENS || p->what == TIME)
        fits = moot__json_int(value, &p->bound) && p->bound > 0;
    else if (p->what == COST)
        fits = text != NULL && moot__money_parse(text, &p->bound) == MOOT_OK && p->bound > 0;
    else if (p->what == EXTERNAL)
        p->bound = moot__json_true(value);
    else if (is_whole(p->what))
        fits = moot__json_is(value, MOOT_JSON_ARRAY) && moot__json_count(value) > 0;
    else
        fits = text != NULL && text[strspn(text, " \t\r\n")] != '\0';
    if (!fits)
        return moot__fail(err, MOOT_EINVAL, "termination: '%s' says nothing that can be met",
                          keys[p->what]);
    if (p->what == THAT)
        return moot__expr_parse(text, strlen(text), &p->that, err);
    if (p->what < TEXT || text == NULL || p->what == COST)
        return MOOT_OK;
    p->word = strdup(text);
    p->from = from != NULL ? strdup(from) : NULL;
    bool missing = p->word == NULL || (from != NULL && p->from == NULL);
    return missing ? moot__fail(err, MOOT_ENOMEM, "out of memory") : MOOT_OK;
}

/* "text: APPROVED, from: critic" */
static int word_source(const struct moot_condition *c, size_t at, const struct moot_json *value,
                       struct moot_buf *out)
{
    const struct part *p = &c->parts[at];
    const char *text = moot__json_text(value);
    moot__buf_addf(out, "%s: ", keys[p->what]);
    if (p->what == TIME) {
        moot__buf_addf(out, "%lld", (long long)(p->bound / 1000));
        if (p->bound % 1000 != 0)
            moot__buf_addf(out, ".%03lld", (long long)(p->bound % 1000));
    } else if (p->what == EXTERNAL)
        moot__buf_adds(out, p->bound != 0 ? "true" : "false");
    else if (text != NULL)
        moot__buf_adds(out, text);
    else
        moot__buf_addf(out, "%lld", (long long)p->bound);
    if (p->from != NULL)
        moot__buf_addf(out, ", from: %s", p->from);
    return out->status;
}

/* "any: [{text: APPROVED}, {max_messages: 30}]"; its parts have their sources already. */
static int whole_source(const struct moot_condition *c, size_t at, struct moot_buf *out)
{
    const struct part *p = &c->parts[at];
    moot__buf_addf(out, "%s: [", keys[p->what]);
    for (size_t i = at + 1; i < p->end; i = c->parts[i].end)
        moot__buf_addf(out, "%s{%s}", i > at + 1 ? ", " : "", c->parts[i].source);
    moot__buf_adds(out, "]");
    return out->status;
}

static int keep_source(struct moot_condition *c, size_t at, const struct moot_json *value)
{
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_CREW_FILE);
    int status =
        is_whole(c->parts[at].what) ? whole_source(c, at, &text) : word_source(c, at, value, &text);
    c->parts[at].source = status == MOOT_OK ? moot__buf_take(&text) : NULL;
    moot__buf_release(&text);
    return c->parts[at].source != NULL ? MOOT_OK : status != MOOT_OK ? status : MOOT_ENOMEM;
}

static int add_part(struct moot_condition *c, const struct moot_json *in, bool in_all,
                    const struct moot_json **value, struct moot_error *err)
{
    if (c->count == MOOT_TERMINATION_MAX)
        return moot__fail(err, MOOT_ETOOBIG, "termination: more than %d conditions",
                          MOOT_TERMINATION_MAX);
    struct part *p = &c->parts[c->count++];
    p->end = c->count;
    p->in_all = in_all;
    if (part_of(in, p, value) != MOOT_OK)
        return moot__fail(err, MOOT_EINVAL, "termination: a condition says nothing");
    int status = read_value(p, in, *value, err);
    if (status == MOOT_OK && !is_whole(p->what))
        status = keep_source(c, c->count - 1, *value);
    return status;
}

static int add_all(struct moot_condition *c, const struct moot_json *in, struct moot_error *err)
{
    struct {
        const struct moot_json *next;
        size_t part;
    } up[MOOT_TERMINATION_DEPTH];
    size_t depth = 0;
    for (const struct moot_json *at = in; at != NULL || depth > 0;) {
        if (at == NULL) {
            size_t whole = up[--depth].part;
            c->parts[whole].end = c->count;
            at = up[depth].next;
            int status = keep_source(c, whole, NULL);
            if (status != MOOT_OK)
                return status;
            continue;
        }
        const struct moot_json *value = NULL;
        const struct part *outer = depth > 0 ? &c->parts[up[depth - 1].part] : NULL;
        bool in_all = outer != NULL && (outer->in_all || outer->what == ALL);
        int status = add_part(c, at, in_all, &value, err);
        if (status != MOOT_OK)
            return status;
        const struct moot_json *next = depth > 0 ? moot__json_next(at) : NULL;
        if (is_whole(c->parts[c->count - 1].what)) {
            if (depth == MOOT_TERMINATION_DEPTH)
                return moot__fail(err, MOOT_ETOOBIG, "termination: deeper than %d",
                                  MOOT_TERMINATION_DEPTH);
            up[depth].next = next;
            up[depth++].part = c->count - 1;
            next = moot__json_first(value);
        }
        at = next;
    }
    return MOOT_OK;
}

int moot__condition_build(const struct moot_json *in, struct moot_condition **out,
                          struct moot_error *err)
{
    struct moot_condition *c = calloc(1, sizeof(*c));
    int status = c != NULL ? add_all(c, in, err) : MOOT_ENOMEM;
    if (status != MOOT_OK) {
        moot__condition_free(c);
        return status == MOOT_ENOMEM ? moot__fail(err, status, "out of memory") : status;
    }
    *out = c;
    return MOOT_OK;
}

void moot__condition_free(struct moot_condition *c)
{
    for (size_t i = 0; c != NULL && i < c->count; i++) {
        free(c->parts[i].word);
        free(c->parts[i].from);
        free(c->parts[i].source);
        moot__expr_free(c->parts[i].that);
    }
    free(c);
}

size_t moot__condition_times(const struct moot_condition *c, int64_t *ms, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; c != NULL && i < c->count; i++) {
        if (c->parts[i].what != TIME)
            continue;
        if (count < size)
            ms[count] = c->parts[i].bound;
        count++;
    }
    return count;
}

/* ---- a line ---- */

/* How long the decoration of a line is: a heading's marks with their space, then emphasis. */
static size_t line_head(const char *line, size_t len)
{
    size_t i = 0;
    while (i < len && line[i] == '#')
        i++;
    if (i > 0 && (i == len || line[i] != ' '))
        return 0;
    while (i < len && line[i] == ' ')
        i++;
    while (i < len && strchr("*_`~", line[i]) != NULL)
        i++;
    return i;
}

static bool line_tail(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (strchr("*_`~.!", at[i]) == NULL)
            return false;
    return true;
}

static void trim(const char **text, size_t *len)
{
    static const char space[] = " \t\r\n";
    while (*len > 0 && strchr(space, **text) != NULL) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 && strchr(space, (*text)[*len - 1]) != NULL)
        (*len)--;
}

/* Whether the word is the whole line: space around it, emphasis, a heading's mark before and a full
 * stop or exclamation mark after it are nothing. A question, a quotation, an item of a list say
 * something else. */
static bool is_line(const char *line, size_t len, const char *word, size_t word_len)
{
    trim(&line, &len);
    size_t head = line_head(line, len);
    for (size_t i = 0; i <= head && i + word_len <= len; i++)
        if (memcmp(line + i, word, word_len) == 0 &&
            line_tail(line + i + word_len, len - i - word_len))
            return true;
    return false;
}

static bool is_fence(const char *line, size_t len, const char *mark)
{
    trim(&line, &len);
    return len >= 3 && memcmp(line, mark, 3) == 0;
}

/* A line of code is not said: but a model may well fence in the one word it says. */
static bool has_line(const char *text, const char *word, bool code_counts)
{
    size_t word_len = strlen(word);
    trim(&word, &word_len);
    const char *fence = NULL; /* what closes it */
    size_t fenced = 0;        /* lines in it that are not empty */
    bool fenced_hit = false;
    for (const char *at = text, *next; *at != '\0'; at = next) {
        size_t len = strcspn(at, "\n"), shown = len;
        const char *line = at;
        next = at + len + (at[len] == '\n');
        const char *mark = is_fence(at, len, "```") ? "```" : is_fence(at, len, "~~~") ? "~~~" : "";
        bool hit = is_line(at, len, word, word_len);
        trim(&line, &shown);
        if (code_counts || (fence == NULL && *mark == '\0')) {
            if (hit)
                return true;
        } else if (fence == NULL) {
            fence = mark;
            fenced = 0;
            fenced_hit = false;
        } else if (strcmp(fence, mark) == 0) {
            if (fenced == 1 && fenced_hit)
                return true;
            fence = NULL;
        } else if (shown > 0) {
            fenced++;
            fenced_hit = hit;
        }
    }
    return fence != NULL && fenced == 1 && fenced_hit;
}

/* ---- hearing ---- */

int moot__termination_init(struct moot_termination *t, const struct moot_condition *condition)
{
    *t = (struct moot_termination){.condition = condition};
    if (condition != NULL)
        t->met = calloc(condition->count, sizeof(*t->met));
    return condition != NULL && t->met == NULL ? MOOT_ENOMEM : MOOT_OK;
}

void moot__termination_release(struct moot_termination *t)
{
    free(t->met);
    *t = (struct moot_termination){0};
}

static bool is_word(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool called(const struct moot_said *said, const char *tool)
{
    for (const struct moot_json *c = moot__json_first(said->calls); c != NULL;
         c = moot__json_next(c))
        if (is_word(moot__json_get_text(c, "tool", NULL), tool) &&
            strcmp(moot__json_get_text(c, "status", "ok"), "ok") == 0)
            return true;
    return false;
}

/* Whether a model or code said the line: not a person, nor the opening, which may quote it. */
static bool said_line(const struct moot_said *said, const struct part *p)
{
    if (said->by_person || said->opening || said->failed != NULL)
        return false;
    if (p->from != NULL && !is_word(said->from, p->from))
        return false;
    return has_line(said->text, p->word, !said->by_model);
}

/* Whether a part that is no `any` or `all` holds of what was said. */
static int holds(const struct moot_termination *t, const struct part *p,
                 const struct moot_said *said, const struct moot_json *scope, bool *out)
{
    *out = false;
    bool member = !said->opening && said->failed == NULL;
    if (p->what == MESSAGES)
        *out = t->messages >= p->bound;
    else if (p->what == TOKENS)
        *out = t->tokens >= p->bound;
    else if (p->what == COST)
        *out = t->cost >= p->bound;
    else if (p->what == TEXT)
        *out = said_line(said, p);
    else if (p->what == HANDOFF)
        *out = is_word(said->handoff, p->word);
    else if (p->what == SPEAKER)
        *out = member && is_word(said->from, p->word);
    else if (p->what == TOOL)
        *out = called(said, p->word);
    else if (p->what == THAT && member)
        return moot__expr_true(p->that, scope, out, NULL);
    return MOOT_OK;
}

/* Puts the wholes together from their parts, and says which condition ends it. */
static void settle(struct moot_termination *t, const char **why)
{
    const struct moot_condition *c = t->condition;
    *why = NULL;
    for (size_t i = c->count; i-- > 0;) {
        const struct part *p = &c->parts[i];
        if (!is_whole(p->what))
            continue;
        t->met[i] = p->what == ALL;
        for (size_t k = i + 1; k < p->end; k = c->parts[k].end)
            t->met[i] = p->what == ALL ? t->met[i] && t->met[k] : t->met[i] || t->met[k];
    }
    if (!t->met[0])
        return;
    size_t at = 0;
    while (c->parts[at].what == ANY) {
        at++;
        while (!t->met[at])
            at = c->parts[at].end;
    }
    *why = c->parts[at].source;
}

static void count_up(int64_t *sum, int64_t more)
{
    *sum = more > INT64_MAX - *sum ? INT64_MAX : *sum + more;
}

int moot__termination_heard(struct moot_termination *t, const struct moot_said *said,
                            const struct moot_json *scope, const char **why)
{
    *why = NULL;
    count_up(&t->tokens, said->tokens);
    count_up(&t->cost, said->cost);
    if (!said->opening && said->failed == NULL)
        count_up(&t->messages, 1);
    for (size_t i = 0; t->condition != NULL && i < t->condition->count; i++) {
        const struct part *p = &t->condition->parts[i];
        bool now = false;
        if (is_whole(p->what))
            continue;
        int status = holds(t, p, said, scope, &now);
        if (status != MOOT_OK) {
            *why = p->source;
            return status;
        }
        t->met[i] = now || (p->in_all && t->met[i]);
    }
    if (t->condition != NULL)
        settle(t, why);
    return MOOT_OK;
}

int moot__termination_time(struct moot_termination *t, int64_t ms, const char **why)
{
    *why = NULL;
    if (t->condition == NULL)
        return MOOT_OK;
    for (size_t i = 0; i < t->condition->count; i++)
        if (t->condition->parts[i].what == TIME && t->condition->parts[i].bound <= ms)
            t->met[i] = true;
    settle(t, why);
    return MOOT_OK;
}

int moot__termination_external(struct moot_termination *t, const char **why)
{
    *why = NULL;
    if (t->condition == NULL)
        return MOOT_OK;
    for (size_t i = 0; i < t->condition->count; i++)
        if (t->condition->parts[i].what == EXTERNAL && t->condition->parts[i].bound != 0)
            t->met[i] = true;
    settle(t, why);
    return MOOT_OK;
}

void moot__termination_go_on(struct moot_termination *t)
{
    for (size_t i = 0; t->condition != NULL && i < t->condition->count; i++)
        t->met[i] = false;
}

void moot__termination_digest(const struct moot_termination *t, const struct moot_digest *d)
{
    moot__digest_int(d, t->messages);
    moot__digest_int(d, t->tokens);
    moot__digest_int(d, t->cost);
    for (size_t i = 0; t->condition != NULL && i < t->condition->count; i++)
        moot__digest_int(d, t->met[i]);
}
