#include "roles/crew_report.h"

#include "runtime/utf8.h"

enum {
    SOURCE_WIDTH = 100, /* columns of a source line that are shown */
    MESSAGE_MAX = 1000,
};

static char *copy_or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? moot__copy(text, strlen(text)) : NULL;
}

static void release_problem(struct moot_crew_problem *p)
{
    free(p->file);
    free(p->message);
    free(p->suggestion);
    free(p->source);
}

void moot__crew_report_release(struct moot_crew_report *r)
{
    for (size_t i = 0; i < r->count; i++)
        release_problem(&r->problems[i]);
    free(r->problems);
    memset(r, 0, sizeof(*r));
}

/* Room for one more, zeroed; NULL: full, or out of memory. */
static struct moot_crew_problem *new_problem(struct moot_crew_report *r)
{
    if (r->count == MOOT_CREW_PROBLEMS_MAX) {
        r->full = true;
        return NULL;
    }
    struct moot_crew_problem *problems = realloc(r->problems, (r->count + 1) * sizeof(*problems));
    if (problems == NULL) {
        r->failed = true;
        return NULL;
    }
    r->problems = problems;
    struct moot_crew_problem *p = &problems[r->count];
    memset(p, 0, sizeof(*p));
    p->order = r->count++;
    return p;
}

struct place {
    const char *file;
    int line, column, length;
};

static void add(struct moot_crew_report *r, enum moot_severity severity, const struct moot_yaml *y,
                const struct place *at, const char *suggestion, const char *format, va_list args)
{
    struct moot_crew_problem *p = new_problem(r);
    if (p == NULL)
        return;
    char message[MESSAGE_MAX];
    int n = vsnprintf(message, sizeof(message), format, args);
    if (n >= (int)sizeof(message))
        message[moot__utf8_cut(message, sizeof(message) - 1)] = '\0';
    p->severity = severity;
    p->line = at->line;
    p->column = at->column;
    p->length = at->length > 0 ? at->length : 1;
    p->suggestion = copy_or_null(suggestion);
    p->file = copy_or_null(at->file);
    size_t len;
    const char *line = y != NULL ? moot__yaml_line(y, at->file, at->line, &len) : NULL;
    p->source = line != NULL && moot__utf8_valid(line, len, NULL) ? moot__copy(line, len) : NULL;
    bool foreign = r->main != NULL && at->file != NULL && strcmp(at->file, r->main) != 0;
    struct moot_buf b;
    moot__buf_init(&b, MESSAGE_MAX * 2);
    moot__buf_adds(&b, message);
    if (foreign)
        moot__buf_addf(&b, " (%.200s uses this file)", r->main);
    p->message = moot__buf_take(&b);
    if (p->message == NULL || (suggestion != NULL && suggestion[0] != '\0' && !p->suggestion)) {
        r->failed = true;
        r->count--;
        release_problem(p);
    }
}

void moot__crew_say(struct moot_crew_report *r, enum moot_severity severity,
                    const struct moot_yaml *y, const struct moot_json *value,
                    enum moot_yaml_part part, const char *suggestion, const char *format, ...)
{
    const struct moot_yaml_mark *m = moot__yaml_at(y, value);
    struct place at = {.file = r->main};
    if (m != NULL) {
        bool key = part == MOOT_PART_KEY && m->key_line != 0;
        at.file = m->file;
        at.line = key ? m->key_line : m->line;
        at.column = key ? m->key_column : m->column;
        at.length = key ? m->key_length : m->length;
    }
    va_list args;
    va_start(args, format);
    add(r, severity, y, &at, suggestion, format, args);
    va_end(args);
}

void moot__crew_say_in(struct moot_crew_report *r, enum moot_severity severity,
                       const struct moot_yaml *y, const struct moot_json *scalar, size_t offset,
                       size_t length, const char *suggestion, const char *format, ...)
{
    const struct moot_yaml_mark *m = moot__yaml_at(y, scalar);
    struct place at = {.file = r->main};
    if (m != NULL && moot__yaml_locate(y, scalar, offset, &at.line, &at.column)) {
        at.file = m->file;
        at.length = (int)length;
    }
    va_list args;
    va_start(args, format);
    add(r, severity, y, &at, suggestion, format, args);
    va_end(args);
}

void moot__crew_say_at(struct moot_crew_report *r, enum moot_severity severity,
                       const struct moot_yaml *y, const char *file, int line, int column,
                       int length, const char *suggestion, const char *format, ...)
{
    struct place at = {.file = file, .line = line, .column = column, .length = length};
    va_list args;
    va_start(args, format);
    add(r, severity, y, &at, suggestion, format, args);
    va_end(args);
}

size_t moot__crew_report_count(const struct moot_crew_report *r, enum moot_severity severity)
{
    size_t n = 0;
    for (size_t i = 0; i < r->count; i++)
        n += r->problems[i].severity == severity;
    return n;
}

bool moot__crew_report_good(const struct moot_crew_report *r)
{
    return !r->failed && moot__crew_report_count(r, MOOT_SEVERITY_ERROR) == 0 &&
           moot__crew_report_count(r, MOOT_SEVERITY_LATER) == 0;
}

/* ---- sorting ---- */

static int compare(const void *a, const void *b)
{
    const struct moot_crew_problem *x = a;
    const struct moot_crew_problem *y = b;
    if (x->file != NULL && y->file != NULL && strcmp(x->file, y->file) != 0)
        return strcmp(x->file, y->file);
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static bool same(const struct moot_crew_problem *a, const struct moot_crew_problem *b)
{
    return a->line == b->line && a->column == b->column && strcmp(a->message, b->message) == 0;
}

void moot__crew_report_sort(struct moot_crew_report *r)
{
    if (r->count < 2)
        return;
    qsort(r->problems, r->count, sizeof(*r->problems), compare);
    size_t kept = 1;
    for (size_t i = 1; i < r->count; i++) {
        if (same(&r->problems[kept - 1], &r->problems[i]))
            release_problem(&r->problems[i]);
        else
            r->problems[kept++] = r->problems[i];
    }
    r->count = kept;
}

static bool has_problem(const struct moot_crew_report *r, const struct moot_crew_problem *p)
{
    for (size_t i = 0; i < r->count; i++)
        if (same(&r->problems[i], p) && (r->problems[i].file == NULL) == (p->file == NULL) &&
            (p->file == NULL || strcmp(r->problems[i].file, p->file) == 0))
            return true;
    return false;
}

void moot__crew_report_take(struct moot_crew_report *r, struct moot_crew_report *from)
{
    for (size_t i = 0; i < from->count; i++) {
        struct moot_crew_problem *p = &from->problems[i];
        struct moot_crew_problem *mine = has_problem(r, p) ? NULL : new_problem(r);
        if (mine == NULL) {
            release_problem(p);
            continue;
        }
        size_t order = mine->order;
        *mine = *p;
        mine->order = order;
    }
    from->count = 0;
    r->full = r->full || from->full;
    r->failed = r->failed || from->failed;
}

/* ---- printing ---- */

static const char *const severity_texts[] = {"error", "not yet", "warning", "note"};

/* Adds text with everything made visible that a terminal would obey. */
static void add_shown(struct moot_buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t n = moot__utf8_decode(text + i, &code);
        bool direction = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
        if (code == '\t')
            moot__buf_addc(out, ' ');
        else if (code < 0x20 || (code >= 0x7f && code < 0xa0) || direction)
            moot__buf_adds(out, "\xef\xbf\xbd");
        else
            moot__buf_add(out, text + i, n);
        i += n;
    }
}

/* The byte of character number `n` (from 0). */
static size_t byte_of(const char *text, size_t len, int n)
{
    size_t i = 0;
    while (i < len && n-- > 0) {
        i++;
        while (i < len && ((unsigned char)text[i] & 0xc0) == 0x80)
            i++;
    }
    return i;
}

/* A line that is too long is shown from a little before the marked place on. */
static void print_source(const struct moot_crew_problem *p, struct moot_buf *out)
{
    size_t len = strlen(p->source);
    if (!moot__utf8_valid(p->source, len, NULL))
        return;
    int from = p->column > SOURCE_WIDTH - 20 ? p->column - 40 : 0;
    size_t start = byte_of(p->source, len, from);
    size_t stop = start + byte_of(p->source + start, len - start, SOURCE_WIDTH);
    moot__buf_addf(out, "%5d | %s", p->line, from > 0 ? "…" : "");
    add_shown(out, p->source + start, stop - start);
    moot__buf_addf(out, "%s\n      | %s", stop < len ? "…" : "", from > 0 ? " " : "");
    size_t mark = byte_of(p->source, len, p->column - 1);
    if (mark > stop)
        mark = stop;
    struct moot_buf before;
    moot__buf_init(&before, 4096);
    add_shown(&before, p->source + start, mark - start);
    size_t pad = moot__utf8_width(moot__buf_text(&before), before.len);
    moot__buf_release(&before);
    for (size_t i = 0; i < pad; i++)
        moot__buf_addc(out, ' ');
    size_t end = mark + byte_of(p->source + mark, stop - mark, p->length);
    size_t width = moot__utf8_width(p->source + mark, end - mark);
    moot__buf_addc(out, '^');
    for (size_t i = 1; i < width; i++)
        moot__buf_addc(out, '~');
    if (p->suggestion != NULL)
        moot__buf_addf(out, " %s", p->suggestion);
    moot__buf_addc(out, '\n');
}

static void print_problem(const struct moot_crew_problem *p, struct moot_buf *out)
{
    if (p->file != NULL)
        add_shown(out, p->file, strlen(p->file));
    if (p->line > 0)
        moot__buf_addf(out, ":%d:%d", p->line, p->column);
    moot__buf_addf(out, "%s%s: ", p->file != NULL ? ": " : "", severity_texts[p->severity]);
    add_shown(out, p->message, strlen(p->message));
    moot__buf_addc(out, '\n');
    if (p->line > 0 && p->source != NULL)
        print_source(p, out);
    else if (p->suggestion != NULL)
        moot__buf_addf(out, "  %s\n", p->suggestion);
}

static void print_count(struct moot_buf *out, size_t n, const char *word, bool plural, bool *any)
{
    if (n == 0)
        return;
    moot__buf_addf(out, "%s%zu %s%s", *any ? ", " : "", n, word, plural && n != 1 ? "s" : "");
    *any = true;
}

int moot__crew_report_print(const struct moot_crew_report *r, struct moot_buf *out)
{
    for (size_t i = 0; i < r->count; i++)
        print_problem(&r->problems[i], out);
    if (r->full)
        moot__buf_adds(out, "more was found; mend these first\n");
    bool any = false;
    if (r->count > 0)
        moot__buf_addc(out, '\n');
    print_count(out, moot__crew_report_count(r, MOOT_SEVERITY_ERROR), "error", true, &any);
    print_count(out, moot__crew_report_count(r, MOOT_SEVERITY_LATER), "not here yet", false, &any);
    print_count(out, moot__crew_report_count(r, MOOT_SEVERITY_WARNING), "warning", true, &any);
    print_count(out, moot__crew_report_count(r, MOOT_SEVERITY_NOTE), "note", true, &any);
    return any ? moot__buf_addc(out, '\n') : out->status;
}

static void json_member(struct moot_buf *out, const char *name, const char *text)
{
    if (text == NULL)
        return;
    moot__buf_addf(out, ",\"%s\":", name);
    moot__buf_add_json(out, text, strlen(text));
}

int moot__crew_report_json(const struct moot_crew_report *r, struct moot_buf *out)
{
    static const char *const keys[] = {"error", "not_yet", "warning", "note"};
    moot__buf_addf(out, "{\"errors\":%zu,\"not_yet\":%zu,\"warnings\":%zu,\"notes\":%zu",
                   moot__crew_report_count(r, MOOT_SEVERITY_ERROR),
                   moot__crew_report_count(r, MOOT_SEVERITY_LATER),
                   moot__crew_report_count(r, MOOT_SEVERITY_WARNING),
                   moot__crew_report_count(r, MOOT_SEVERITY_NOTE));
    moot__buf_adds(out, ",\"problems\":[");
    for (size_t i = 0; i < r->count; i++) {
        const struct moot_crew_problem *p = &r->problems[i];
        moot__buf_addf(out, "%s{\"severity\":\"%s\"", i > 0 ? "," : "", keys[p->severity]);
        json_member(out, "file", p->file);
        if (p->line > 0)
            moot__buf_addf(out, ",\"line\":%d,\"column\":%d,\"length\":%d", p->line, p->column,
                           p->length);
        json_member(out, "message", p->message);
        json_member(out, "suggestion", p->suggestion);
        json_member(out, "source", p->source);
        moot__buf_addc(out, '}');
    }
    return moot__buf_adds(out, "]}\n");
}

int moot__crew_report_error(const struct moot_crew_report *r, struct moot_error *err)
{
    if (r->failed)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    const struct moot_crew_problem *first = NULL;
    for (size_t i = 0; i < r->count && first == NULL; i++)
        if (r->problems[i].severity <= MOOT_SEVERITY_LATER)
            first = &r->problems[i];
    if (first == NULL)
        return MOOT_OK;
    moot__fail(err, MOOT_EINVAL, "%s", first->message);
    moot__fail_at(err, first->file != NULL ? first->file : "", first->line, first->column);
    if (first->suggestion != NULL)
        moot__fail_hint(err, "%s", first->suggestion);
    return MOOT_EINVAL;
}
