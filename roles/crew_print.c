#include "roles/crew_print.h"

struct printing {
    const struct moot_crew_file *f;
    struct moot_buf *out;
};

static void indent(struct printing *p, size_t depth)
{
    for (size_t i = 0; i < depth; i++)
        moot__buf_adds(p->out, "  ");
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Whether a text on one line is the same text without quotes. */
static bool is_plain(const char *text)
{
    static const char *const nulls[] = {"null", "Null", "NULL"};
    size_t len = strlen(text);
    if (len == 0 || (!is_word(text[0]) && strchr("./$", text[0]) == NULL))
        return false;
    for (size_t i = 0; i < MOOT_COUNT(nulls); i++)
        if (strcmp(text, nulls[i]) == 0)
            return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] == 0x7f)
            return false;
    return strstr(text, ": ") == NULL && strstr(text, " #") == NULL && text[len - 1] != ' ' &&
           text[len - 1] != ':';
}

/* Whether a text of several lines can stand in block form. */
static bool is_block(const char *text)
{
    if (text[0] == ' ' || text[0] == '\n' || text[0] == '\t' || strchr(text, '\n') == NULL)
        return false;
    for (const char *c = text; *c != '\0'; c++)
        if (((unsigned char)*c < 0x20 && *c != '\n') || (unsigned char)*c == 0x7f)
            return false;
    return true;
}

static void print_block(struct printing *p, const char *text, size_t depth)
{
    size_t len = strlen(text);
    bool ends = text[len - 1] == '\n';
    bool more = len > 1 && ends && text[len - 2] == '\n';
    moot__buf_adds(p->out, more ? "|+\n" : ends ? "|\n" : "|-\n");
    while (*text != '\0') {
        size_t line = strcspn(text, "\n");
        if (line > 0)
            indent(p, depth);
        moot__buf_add(p->out, text, line);
        moot__buf_addc(p->out, '\n');
        text += line + (text[line] == '\n' ? 1 : 0);
    }
}

/* Ends its line. `depth`: of the lines below it. */
static void print_scalar(struct printing *p, const struct moot_json *value, size_t depth)
{
    const char *text = moot__json_text(value);
    if (moot__yaml_null(p->f->yaml, value)) {
        moot__buf_adds(p->out, "null\n");
        return;
    }
    if (is_block(text)) {
        print_block(p, text, depth);
        return;
    }
    if (is_plain(text))
        moot__buf_adds(p->out, text);
    else
        moot__buf_add_json(p->out, text, strlen(text));
    moot__buf_addc(p->out, '\n');
}

static void print_key(struct printing *p, const char *key)
{
    bool plain = key[0] != '\0';
    for (const char *c = key; *c != '\0'; c++)
        plain = plain && (is_word(*c) || (*c == '-' && c > key));
    if (plain)
        moot__buf_adds(p->out, key);
    else
        moot__buf_add_json(p->out, key, strlen(key));
    moot__buf_addc(p->out, ':');
}

static void print_members(struct printing *p, const struct moot_json *map, size_t depth,
                          bool begun);

/* The list's entries, each on lines of its own. */
static void print_list(struct printing *p, const struct moot_json *list, size_t depth)
{
    for (const struct moot_json *m = moot__json_first(list); m != NULL; m = moot__json_next(m)) {
        indent(p, depth);
        moot__buf_adds(p->out, "- ");
        if (moot__json_is(m, MOOT_JSON_STRING)) {
            print_scalar(p, m, depth + 1);
        } else if (moot__json_is(m, MOOT_JSON_OBJECT) && moot__json_count(m) > 0) {
            print_members(p, m, depth + 1, true);
        } else { /* JSON is YAML */
            moot__json_write(m, p->out);
            moot__buf_addc(p->out, '\n');
        }
    }
}

/* `begun`: the first line's indent is there. Bounded by the depth of YAML. */
static void print_members(struct printing *p, const struct moot_json *map, size_t depth, bool begun)
{
    for (const struct moot_json *m = moot__json_first(map); m != NULL; m = moot__json_next(m)) {
        if (!begun)
            indent(p, depth);
        begun = false;
        print_key(p, moot__json_key(m));
        if (moot__json_is(m, MOOT_JSON_STRING)) {
            moot__buf_addc(p->out, ' ');
            print_scalar(p, m, depth + 1);
        } else if (moot__json_count(m) == 0) {
            moot__buf_adds(p->out, moot__json_is(m, MOOT_JSON_ARRAY) ? " []\n" : " {}\n");
        } else {
            moot__buf_addc(p->out, '\n');
            if (moot__json_is(m, MOOT_JSON_ARRAY))
                print_list(p, m, depth + 1);
            else
                print_members(p, m, depth + 1, false);
        }
    }
}

int moot__crew_print(const struct moot_crew_file *f, struct moot_buf *out)
{
    struct printing p = {.f = f, .out = out};
    print_members(&p, f->raw, 0, false);
    return out->status;
}
