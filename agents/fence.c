#include "agents/fence.h"

#include "runtime/code.h"

#include "runtime/utf8.h"

enum { FENCE_MIN = 3, CLOSING_INDENT = 3, TAB_COLUMNS = 4 };

/* One line of the text, without its end. */
struct line {
    const char *at;
    size_t len;
    size_t indent; /* bytes of blanks it begins with */
};

/* The fence that is open. */
struct opening {
    char mark;
    size_t run;    /* how many marks */
    size_t indent; /* columns */
    struct line info;
    size_t line;
};

static struct line next_line(const char *text, size_t len, size_t *at)
{
    const char *begin = text + *at;
    const char *end = memchr(begin, '\n', len - *at);
    size_t n = end != NULL ? (size_t)(end - begin) : len - *at;
    *at += n + (end != NULL ? 1 : 0);
    if (n > 0 && begin[n - 1] == '\r')
        n--;
    struct line line = {begin, n, 0};
    while (line.indent < n && (begin[line.indent] == ' ' || begin[line.indent] == '\t'))
        line.indent++;
    return line;
}

static size_t columns_of(const struct line *line)
{
    size_t columns = 0;
    for (size_t i = 0; i < line->indent; i++)
        columns += line->at[i] == '\t' ? TAB_COLUMNS - columns % TAB_COLUMNS : 1;
    return columns;
}

static struct line trimmed(const char *at, size_t len)
{
    while (len > 0 && (at[0] == ' ' || at[0] == '\t')) {
        at++;
        len--;
    }
    while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == '\t'))
        len--;
    return (struct line){at, len, 0};
}

/* How many of `mark` a line begins with, behind its indentation. */
static size_t run_of(const struct line *line, char mark)
{
    size_t at = line->indent;
    while (at < line->len && line->at[at] == mark)
        at++;
    return at - line->indent;
}

static bool opens(const struct line *line, struct opening *out)
{
    char mark = line->indent < line->len ? line->at[line->indent] : '\0';
    if (mark != '`' && mark != '~')
        return false;
    size_t run = run_of(line, mark);
    size_t begin = line->indent + run;
    struct line info = trimmed(line->at + begin, line->len - begin);
    /* Three backticks with another behind them are code within a line. */
    if (run < FENCE_MIN || (mark == '`' && info.len > 0 && memchr(info.at, '`', info.len) != NULL))
        return false;
    *out = (struct opening){mark, run, columns_of(line), info, 0};
    return true;
}

static bool closes(const struct line *line, const struct opening *o)
{
    size_t run = run_of(line, o->mark);
    size_t behind = line->indent + run;
    return run >= o->run && columns_of(line) <= o->indent + CLOSING_INDENT &&
           trimmed(line->at + behind, line->len - behind).len == 0;
}

/* The first word of the info string: "python" of "python title=x" and of "{.python #id}". */
static struct line language_of(const struct line *info)
{
    static const char within[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+#-";
    struct line word = *info;
    while (word.len > 0 && (word.at[0] == '{' || word.at[0] == '.')) {
        word.at++;
        word.len--;
    }
    size_t len = 0;
    while (len < word.len && strchr(within, word.at[len]) != NULL)
        len++;
    word.len = len;
    return word;
}

/* "sum.py" of "# filename: sum.py"; of length 0: the line says no such thing. */
static struct line filename_of(const struct line *first)
{
    static const char word[] = "filename:";
    struct line rest = trimmed(first->at, first->len);
    size_t sign = 0;
    if (rest.len > 0 && rest.at[0] == '#')
        sign = 1;
    else if (rest.len > 1 && rest.at[0] == '/' && rest.at[1] == '/')
        sign = 2;
    struct line said = trimmed(rest.at + sign, rest.len - sign);
    if (sign == 0 || said.len < sizeof(word) - 1 ||
        !moot__ascii_same(said.at, word, sizeof(word) - 1))
        return (struct line){first->at, 0, 0};
    return trimmed(said.at + sizeof(word) - 1, said.len - (sizeof(word) - 1));
}

/* A line of code without the columns that its fence is indented by. */
static void add_code(struct moot_buf *code, const struct line *line, size_t indent)
{
    size_t at = 0;
    size_t columns = 0;
    while (at < line->indent && columns < indent) {
        columns += line->at[at] == '\t' ? TAB_COLUMNS - columns % TAB_COLUMNS : 1;
        at++;
    }
    for (; columns > indent; columns--) /* a tab that reached into the code */
        moot__buf_addc(code, ' ');
    moot__buf_add(code, line->at + at, line->len - at);
    moot__buf_addc(code, '\n');
}

static int add_fence(struct moot_fences *f, const struct opening *o, struct moot_buf *code,
                     bool closed)
{
    if (code->status == MOOT_ENOMEM)
        return MOOT_ENOMEM;
    if (code->status != MOOT_OK || f->count == MOOT_MAX_FENCES) {
        f->left_out++;
        return MOOT_OK;
    }
    struct moot_fence *more = realloc(f->list, (f->count + 1) * sizeof(*more));
    if (more == NULL)
        return MOOT_ENOMEM;
    f->list = more;
    struct moot_fence *fence = &more[f->count++];
    struct line language = language_of(&o->info);
    const struct moot_code_language *runs = moot__code_language(language.at, language.len);
    size_t at = 0;
    struct line first = next_line(moot__buf_text(code), code->len, &at);
    struct line filename = filename_of(&first);
    *fence = (struct moot_fence){
        .language = moot__copy(language.at, language.len),
        .runs_as = runs != NULL ? runs->name : NULL,
        .filename = filename.len > 0 ? moot__copy(filename.at, filename.len) : NULL,
        .len = code->len,
        .line = o->line,
        .closed = closed,
    };
    bool lacks = fence->language == NULL || (filename.len > 0 && fence->filename == NULL);
    fence->code = moot__buf_take(code);
    return lacks || fence->code == NULL ? MOOT_ENOMEM : MOOT_OK;
}

int moot__fences_read(const char *text, struct moot_fences *out)
{
    struct opening o = {0};
    struct moot_buf code;
    bool open = false;
    int status = MOOT_OK;
    size_t at = 0;
    size_t len = strlen(text);
    memset(out, 0, sizeof(*out));
    moot__buf_init(&code, MOOT_MAX_CODE);
    for (size_t number = 1; at < len && status == MOOT_OK; number++) {
        struct line line = next_line(text, len, &at);
        if (!open) {
            open = opens(&line, &o);
            o.line = number;
        } else if (closes(&line, &o)) {
            status = add_fence(out, &o, &code, true);
            moot__buf_clear(&code);
            open = false;
        } else {
            add_code(&code, &line, o.indent);
        }
    }
    if (open && status == MOOT_OK)
        status = add_fence(out, &o, &code, false);
    moot__buf_release(&code);
    return status;
}

void moot__fences_release(struct moot_fences *f)
{
    for (size_t i = 0; i < f->count; i++) {
        free(f->list[i].language);
        free(f->list[i].filename);
        free(f->list[i].code);
    }
    free(f->list);
    memset(f, 0, sizeof(*f));
}
