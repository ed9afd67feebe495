#include "runtime/template.h"

#include "runtime/scope.h"
#include "runtime/trim.h"
#include "runtime/utf8.h"

/* A stretch of literal text, or a placeholder. */
struct part {
    const char *text; /* in the source */
    size_t len;
    bool slot;
    struct moot_template_slot of;
    char *path; /* owned, as `of` shows them */
    char *fallback;
};

struct moot_template {
    char *source;
    struct part *parts;
    size_t count;
    size_t room;
};

struct parser {
    struct moot_template *t;
    const char *text;
    size_t len;
    size_t pos;
    size_t line_start;
    int line;
    int column; /* of pos */
    struct moot_error *err;
};

static int column_of(const struct parser *p, size_t offset)
{
    return (int)moot__utf8_characters(p->text + p->line_start, offset - p->line_start) + 1;
}

static __attribute__((format(printf, 4, 5))) int fail_here(const struct parser *p, size_t offset,
                                                           int code, const char *format, ...)
{
    char message[sizeof(p->err->message)];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    moot__fail(p->err, code, "%s", message);
    moot__fail_at(p->err, NULL, p->line, column_of(p, offset));
    return code;
}

static struct part *add_part(struct moot_template *t)
{
    if (t->count == t->room) {
        size_t room = t->room > 0 ? t->room * 2 : 8;
        struct part *parts = realloc(t->parts, room * sizeof(*parts));
        if (parts == NULL)
            return NULL;
        t->parts = parts;
        t->room = room;
    }
    struct part *part = &t->parts[t->count++];
    memset(part, 0, sizeof(*part));
    return part;
}

static int add_literal(struct parser *p, size_t start, size_t end)
{
    if (end == start)
        return 0;
    struct part *part = add_part(p->t);
    if (part == NULL)
        return moot__fail(p->err, MOOT_ENOMEM, "out of memory");
    part->text = p->text + start;
    part->len = end - start;
    return 0;
}

/* `|2000 tokens` at *at, which moves behind it. */
static int read_tokens(const struct parser *p, size_t *at, size_t *tokens)
{
    size_t i = *at + 1;
    i += strspn(p->text + i, " ");
    size_t digits = strspn(p->text + i, "0123456789");
    size_t number = 0;
    for (size_t k = 0; k < digits && digits <= 9; k++)
        number = number * 10 + (size_t)(p->text[i + k] - '0');
    i += digits;
    if (p->text[i] == 'k') {
        number *= 1000;
        i++;
    }
    i += strspn(p->text + i, " ");
    if (number == 0 || digits > 9 || strncmp(p->text + i, "tokens", 6) != 0)
        return fail_here(p, *at, MOOT_ESYNTAX, "a bound is written {path|2000 tokens}");
    i += 6;
    *at = i + strspn(p->text + i, " ");
    *tokens = number;
    return 0;
}

/* `:-text` at *at, which moves to the closing brace. The caller frees *fallback. */
static int read_fallback(const struct parser *p, size_t *at, char **fallback)
{
    struct moot_buf b;
    moot__buf_init(&b, p->len);
    for (size_t i = *at + 2; i < p->len; i++) {
        char c = p->text[i];
        if (c == '\\' && (p->text[i + 1] == '}' || p->text[i + 1] == '{')) {
            moot__buf_addc(&b, p->text[++i]);
        } else if (c == '{') {
            moot__buf_release(&b);
            return fail_here(p, i, MOOT_ESYNTAX,
                             "a default is plain text: no placeholder stands in it (\\{ writes a "
                             "brace)");
        } else if (c == '}') {
            *at = i;
            *fallback = moot__buf_take(&b);
            return *fallback != NULL ? 0 : moot__fail(p->err, MOOT_ENOMEM, "out of memory");
        } else {
            moot__buf_addc(&b, c);
        }
    }
    moot__buf_release(&b);
    return fail_here(p, *at, MOOT_ESYNTAX, "the default that begins here has no closing brace");
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Tries a placeholder at p->pos, a brace. *end is behind it, or 0: the brace is itself. */
static int parse_slot(struct parser *p, size_t *end)
{
    *end = 0;
    size_t at = p->pos + 1;
    size_t n = moot__scope_path(p->text + at, p->len - at);
    if (n == 0)
        return 0;
    size_t path = at;
    at += n;
    size_t bar = at + strspn(p->text + at, " ");
    bool bound = p->text[bar] == '|' && is_digit(p->text[bar + 1 + strspn(p->text + bar + 1, " ")]);
    size_t tokens = 0;
    char *fallback = NULL;
    int rc = 0;
    if (bound) {
        at = bar;
        rc = read_tokens(p, &at, &tokens);
    }
    if (rc == 0 && p->text[at] == ':' && p->text[at + 1] == '-')
        rc = read_fallback(p, &at, &fallback);
    if (rc == 0 && p->text[at] != '}' && bound)
        rc = fail_here(p, bar, MOOT_ESYNTAX, "a bound is written {path|2000 tokens}");
    if (rc != 0 || p->text[at] != '}')
        return rc;
    struct part *part = add_part(p->t);
    if (part == NULL) {
        free(fallback);
        return moot__fail(p->err, MOOT_ENOMEM, "out of memory");
    }
    part->slot = true;
    part->path = moot__copy(p->text + path, n);
    part->fallback = fallback;
    part->of = (struct moot_template_slot){.path = part->path,
                                           .offset = p->pos,
                                           .line = p->line,
                                           .column = p->column,
                                           .fallback = fallback,
                                           .tokens = tokens};
    *end = at + 1;
    return part->path != NULL ? 0 : moot__fail(p->err, MOOT_ENOMEM, "out of memory");
}

static void move_to(struct parser *p, size_t pos)
{
    for (; p->pos < pos; p->pos++) {
        p->column += ((unsigned char)p->text[p->pos] & 0xC0) != 0x80;
        if (p->text[p->pos] == '\n') {
            p->line++;
            p->line_start = p->pos + 1;
            p->column = 1;
        }
    }
}

static int parse_parts(struct parser *p)
{
    size_t literal = 0; /* where the literal text that is not yet added begins */
    while (p->pos < p->len) {
        move_to(p, p->pos + strcspn(p->text + p->pos, "\\{"));
        if (p->pos == p->len)
            break;
        bool escaped = p->text[p->pos] == '\\' && p->text[p->pos + 1] == '{';
        size_t before = p->t->count;
        size_t end = 0;
        int rc = escaped ? add_literal(p, literal, p->pos) : 0;
        if (escaped)
            literal = p->pos + 1;
        if (rc == 0 && p->text[p->pos] == '{') {
            rc = add_literal(p, literal, p->pos);
            before = p->t->count;
            literal = p->pos;
            if (rc == 0)
                rc = parse_slot(p, &end);
        }
        if (rc != 0)
            return rc;
        if (p->t->count > before && end > 0)
            literal = end;
        move_to(p, end > 0 ? end : p->pos + (escaped ? 2 : 1));
    }
    return add_literal(p, literal, p->len);
}

int moot__template_parse(const char *text, size_t len, struct moot_template **out,
                         struct moot_error *err)
{
    *out = NULL;
    if (len > MOOT_MAX_TEMPLATE)
        return moot__fail(err, MOOT_ETOOBIG, "a text with placeholders has at most %d bytes",
                          MOOT_MAX_TEMPLATE);
    if (!moot__utf8_valid(text, len, NULL) || memchr(text, '\0', len) != NULL)
        return moot__fail(err, MOOT_ESYNTAX, "a text with placeholders is UTF-8");
    struct moot_template *t = calloc(1, sizeof(*t));
    if (t == NULL || (t->source = moot__copy(text, len)) == NULL) {
        free(t);
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    struct parser p = {.t = t, .text = t->source, .len = len, .line = 1, .column = 1, .err = err};
    int rc = parse_parts(&p);
    if (rc != 0) {
        moot__template_free(t);
        return rc;
    }
    *out = t;
    return 0;
}

void moot__template_free(struct moot_template *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->count; i++) {
        free(t->parts[i].path);
        free(t->parts[i].fallback);
    }
    free(t->parts);
    free(t->source);
    free(t);
}

int moot__template_each(const struct moot_template *t,
                        int (*each)(void *arg, const struct moot_template_slot *slot), void *arg)
{
    int rc = 0;
    for (size_t i = 0; i < t->count && rc == 0; i++)
        if (t->parts[i].slot)
            rc = each(arg, &t->parts[i].of);
    return rc;
}

static void add_indent(struct moot_buf *out, int depth)
{
    for (int i = 0; i < depth; i++)
        moot__buf_adds(out, "  ");
}

/* Text, its further lines indented; lines without text stay without spaces. */
static void add_text(struct moot_buf *out, const char *text, int depth)
{
    for (;;) {
        size_t n = strcspn(text, "\n");
        moot__buf_add(out, text, n);
        text += n;
        if (*text == '\0')
            return;
        moot__buf_addc(out, '\n');
        text++;
        if (*text != '\n' && *text != '\0')
            add_indent(out, depth);
    }
}

static void add_value(struct moot_buf *out, const struct moot_json *value, int depth);

/* What stands behind "- " or "key:". */
static void add_child(struct moot_buf *out, const struct moot_json *child, int depth, bool in_list)
{
    bool nested = moot__json_first(child) != NULL;
    const char *text = moot__json_text(child);
    bool block = nested || (text != NULL && strchr(text, '\n') != NULL);
    if (in_list) {
        add_value(out, child, depth + 1); /* its first line stands behind the dash */
    } else if (block) {
        moot__buf_addc(out, '\n');
        add_indent(out, depth + 1);
        add_value(out, child, depth + 1);
    } else if (!moot__scope_empty(child)) {
        moot__buf_addc(out, ' ');
        add_value(out, child, depth + 1);
    }
}

/* The caller has written the first line's indent. Bounded: JSON is at most MOOT_MAX_DEPTH deep. */
static void add_value(struct moot_buf *out, const struct moot_json *value, int depth)
{
    switch (moot__json_type(value)) {
    case MOOT_JSON_NULL:
        return;
    case MOOT_JSON_BOOL:
        moot__buf_adds(out, moot__json_true(value) ? "true" : "false");
        return;
    case MOOT_JSON_NUMBER:
        moot__buf_adds(out, moot__json_digits(value));
        return;
    case MOOT_JSON_STRING:
        add_text(out, moot__json_text(value), depth);
        return;
    case MOOT_JSON_ARRAY:
    case MOOT_JSON_OBJECT:
        break;
    }
    bool list = moot__json_is(value, MOOT_JSON_ARRAY);
    for (const struct moot_json *j = moot__json_first(value); j != NULL; j = moot__json_next(j)) {
        if (j != moot__json_first(value)) {
            moot__buf_addc(out, '\n');
            add_indent(out, depth);
        }
        if (list) {
            moot__buf_adds(out, "- ");
        } else {
            moot__buf_adds(out, moot__json_key(j));
            moot__buf_addc(out, ':');
        }
        add_child(out, j, depth, list);
    }
}

int moot__template_value(const struct moot_json *value, struct moot_buf *out)
{
    if (moot__json_is(value, MOOT_JSON_STRING)) /* as it is, whatever its lines begin with */
        moot__buf_adds(out, moot__json_text(value));
    else
        add_value(out, value, 0);
    return out->status;
}

static int add_trimmed(const struct moot_template_slot *slot, const struct moot_json *scope,
                       const struct moot_json *value, struct moot_buf *out)
{
    struct moot_buf whole;
    moot__buf_init(&whole, out->max);
    const char *word = NULL;
    const struct moot_json *holder = moot__scope_holder(scope, slot->path, &word);
    char rank_word[256];
    snprintf(rank_word, sizeof(rank_word), "%s_rank", word != NULL ? word : "");
    const char *ranks = moot__json_get_text(holder, rank_word, NULL);
    int rc = moot__template_value(value, &whole);
    if (rc == 0)
        rc = moot__trim(moot__buf_text(&whole), ranks, slot->tokens, out, NULL);
    moot__buf_release(&whole);
    return rc;
}

static int fail_missing(const struct moot_template_slot *slot, const struct moot_json *scope,
                        struct moot_error *err)
{
    moot__fail(err, MOOT_ENOTFOUND, "there is no '%s' here", slot->path);
    const char *near = moot__scope_near(scope, slot->path);
    if (near != NULL && strncmp(near, slot->path, strlen(near)) != 0)
        moot__fail_hint(err, "did you mean '%s'?", near);
    else
        moot__fail_hint(err, "write {%s:-text} for a default, or \\{ for a brace", slot->path);
    moot__fail_at(err, NULL, slot->line, slot->column);
    return MOOT_ENOTFOUND;
}

static int fill_slot(const struct moot_template_slot *slot, const struct moot_json *scope,
                     struct moot_buf *out, struct moot_error *err)
{
    const struct moot_json *value = NULL;
    struct moot_json *made = NULL;
    int rc = moot__scope_get(scope, slot->path, &value, &made);
    if (rc == 0 && slot->fallback != NULL && moot__scope_empty(value))
        rc = moot__buf_adds(out, slot->fallback);
    else if (rc == 0 && value == NULL)
        return fail_missing(slot, scope, err);
    else if (rc == 0 && slot->tokens > 0)
        rc = add_trimmed(slot, scope, value, out);
    else if (rc == 0)
        rc = moot__template_value(value, out);
    moot__json_free(made);
    return rc == 0 ? 0
                   : moot__fail(err, rc, "'%s' cannot be filled in: %s", slot->path,
                                moot__status_text(rc));
}

int moot__template_fill(const struct moot_template *t, const struct moot_json *scope,
                        struct moot_buf *out, struct moot_error *err)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct part *part = &t->parts[i];
        int rc = 0;
        if (part->slot)
            rc = fill_slot(&part->of, scope, out, err);
        else if ((rc = moot__buf_add(out, part->text, part->len)) != 0)
            moot__fail(err, rc, "the text cannot be filled in: %s", moot__status_text(rc));
        if (rc != 0)
            return rc;
    }
    return 0;
}

int moot__template_expand(const char *text, const struct moot_json *scope, struct moot_buf *out,
                          struct moot_error *err)
{
    struct moot_template *t = NULL;
    int rc = moot__template_parse(text, strlen(text), &t, err);
    if (rc == 0)
        rc = moot__template_fill(t, scope, out, err);
    moot__template_free(t);
    return rc;
}
