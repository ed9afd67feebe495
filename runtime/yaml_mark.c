#include "runtime/yaml_mark.h"

#include "runtime/utf8.h"

struct file {
    char *name;
    char *text;
    size_t len;
};

struct place {
    const struct moot_json *value; /* NULL: free */
    struct moot_yaml_mark mark;
};

struct moot_yaml {
    struct file *files;
    size_t file_count;
    struct place *places; /* open addressing, at most half full */
    size_t place_count;
    size_t place_size; /* a power of two, or 0 */
};

int moot__yaml_new(struct moot_yaml **out)
{
    *out = calloc(1, sizeof(**out));
    return *out != NULL ? MOOT_OK : MOOT_ENOMEM;
}

void moot__yaml_free(struct moot_yaml *y)
{
    if (y == NULL)
        return;
    for (size_t i = 0; i < y->file_count; i++) {
        free(y->files[i].name);
        free(y->files[i].text);
    }
    free(y->files);
    free(y->places);
    free(y);
}

int moot__yaml_add_file(struct moot_yaml *y, const char *shown, char *text, size_t len,
                        const char **name)
{
    struct file *files = realloc(y->files, (y->file_count + 1) * sizeof(*files));
    if (files != NULL)
        y->files = files;
    char *copy = files != NULL ? moot__copy(shown, strlen(shown)) : NULL;
    if (copy == NULL) {
        free(text);
        return MOOT_ENOMEM;
    }
    files[y->file_count++] = (struct file){.name = copy, .text = text, .len = len};
    *name = copy;
    return MOOT_OK;
}

static const struct file *find_file(const struct moot_yaml *y, const char *name)
{
    /* the newest first: a file that is read twice is shown as it was last */
    for (size_t i = y->file_count; i > 0; i--)
        if (y->files[i - 1].name == name || strcmp(y->files[i - 1].name, name) == 0)
            return &y->files[i - 1];
    return NULL;
}

static struct place *find_place(struct place *places, size_t size, const struct moot_json *value)
{
    uint64_t h = (uint64_t)(uintptr_t)value * UINT64_C(0x9e3779b97f4a7c15);
    size_t i = (size_t)(h >> 32) & (size - 1);
    while (places[i].value != NULL && places[i].value != value)
        i = (i + 1) & (size - 1);
    return &places[i];
}

static int grow_places(struct moot_yaml *y)
{
    size_t size = y->place_size == 0 ? 256 : y->place_size * 2;
    struct place *places = calloc(size, sizeof(*places));
    if (places == NULL)
        return MOOT_ENOMEM;
    for (size_t i = 0; i < y->place_size; i++)
        if (y->places[i].value != NULL)
            *find_place(places, size, y->places[i].value) = y->places[i];
    free(y->places);
    y->places = places;
    y->place_size = size;
    return MOOT_OK;
}

int moot__yaml_mark(struct moot_yaml *y, const struct moot_json *value,
                    const struct moot_yaml_mark *mark)
{
    if ((y->place_count + 1) * 2 > y->place_size && grow_places(y) != MOOT_OK)
        return MOOT_ENOMEM;
    struct place *p = find_place(y->places, y->place_size, value);
    if (p->value == NULL)
        y->place_count++;
    p->value = value;
    p->mark = *mark;
    return MOOT_OK;
}

const struct moot_yaml_mark *moot__yaml_at(const struct moot_yaml *y, const struct moot_json *value)
{
    if (value == NULL || y->place_size == 0)
        return NULL;
    const struct place *p = find_place(y->places, y->place_size, value);
    return p->value != NULL ? &p->mark : NULL;
}

int moot__yaml_stand(struct moot_yaml *y, const struct moot_json *value,
                     const struct moot_json *like)
{
    const struct moot_yaml_mark *mark = moot__yaml_at(y, like);
    if (mark == NULL)
        return MOOT_OK;
    struct moot_yaml_mark copy = *mark; /* the table may move */
    return moot__yaml_mark(y, value, &copy);
}

void moot__yaml_place(const char *text, size_t len, size_t byte, int *line, int *column)
{
    size_t start = 0;
    *line = 1;
    for (size_t i = 0; i < byte && i < len; i++) {
        if (text[i] == '\n') {
            start = i + 1;
            *line += 1;
        }
    }
    if (byte > len)
        byte = len;
    if (start == 0 && len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        start = byte < 3 ? byte : 3;
    *column = 1 + (int)moot__utf8_characters(text + start, byte - start);
}

const char *moot__yaml_line(const struct moot_yaml *y, const char *file, int line, size_t *len)
{
    const struct file *f = file != NULL ? find_file(y, file) : NULL;
    if (f == NULL || line < 1)
        return NULL;
    const char *at = f->text;
    const char *end = f->text + f->len;
    for (int i = 1; i < line; i++) {
        const char *brk = memchr(at, '\n', (size_t)(end - at));
        if (brk == NULL)
            return NULL;
        at = brk + 1;
    }
    if (line == 1 && f->len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    const char *brk = memchr(at, '\n', (size_t)(end - at));
    *len = (size_t)((brk != NULL ? brk : end) - at);
    if (*len > 0 && at[*len - 1] == '\r')
        *len -= 1;
    return at;
}

/* ---- a character of a scalar, in the file ---- */

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* How many bytes of the source make up the next character, and whether it is white space. YAML
 * changes nothing but white space when it folds, so the n-th character that is not white is the
 * same in the source and in the text. */
static size_t source_step(const char *s, size_t left, enum moot_yaml_style style, bool *white)
{
    *white = is_white(*s);
    if (style == MOOT_YAML_SINGLE && *s == '\'' && left > 1 && s[1] == '\'')
        return 2;
    if (style == MOOT_YAML_DOUBLE && *s == '\\' && left > 1) {
        *white = strchr(" \tnrt\n\r", s[1]) != NULL;
        size_t digits = s[1] == 'x' ? 2 : s[1] == 'u' ? 4 : s[1] == 'U' ? 8 : 0;
        return 2 + digits <= left ? 2 + digits : left;
    }
    size_t n = 1;
    while (n < left && ((unsigned char)s[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* The number of characters that are not white before character `offset` of the text; *rest: white
 * ones after the last of them. */
static size_t count_black(const char *text, size_t offset, size_t *rest)
{
    size_t black = 0;
    *rest = 0;
    for (const char *t = text; *t != '\0' && offset > 0; offset--) {
        if (is_white(*t)) {
            *rest += 1;
        } else {
            black++;
            *rest = 0;
        }
        t++;
        while (((unsigned char)*t & 0xc0) == 0x80)
            t++;
    }
    return black;
}

static bool white_at(const char *text, size_t offset)
{
    for (; *text != '\0' && offset > 0; offset--) {
        text++;
        while (((unsigned char)*text & 0xc0) == 0x80)
            text++;
    }
    return *text == '\0' || is_white(*text);
}

static size_t source_byte(const struct file *f, const struct moot_yaml_mark *m, const char *text,
                          size_t offset)
{
    size_t rest;
    size_t black = count_black(text, offset, &rest);
    bool on_white = white_at(text, offset);
    size_t at = m->start;
    while (at < m->end) {
        bool white;
        size_t n = source_step(f->text + at, m->end - at, m->style, &white);
        if (!white && black == 0 && !on_white)
            break;
        if (black == 0 && on_white && rest-- == 0)
            break;
        if (!white)
            black--;
        at += n;
    }
    return at;
}

bool moot__yaml_locate(const struct moot_yaml *y, const struct moot_json *scalar, size_t offset,
                       int *line, int *column)
{
    const struct moot_yaml_mark *m = moot__yaml_at(y, scalar);
    const char *text = moot__json_text(scalar);
    const struct file *f = m != NULL ? find_file(y, m->file) : NULL;
    if (f == NULL || text == NULL)
        return false;
    moot__yaml_place(f->text, f->len, source_byte(f, m, text, offset), line, column);
    return true;
}

bool moot__yaml_comma(const struct moot_yaml *y, const struct moot_json *value, int *line,
                      int *column)
{
    const struct moot_yaml_mark *m = moot__yaml_at(y, value);
    const struct file *f = m != NULL ? find_file(y, m->file) : NULL;
    if (f == NULL || m->style != MOOT_YAML_EMPTY)
        return false;
    size_t after = m->end;
    while (after < f->len && is_white(f->text[after]))
        after++;
    if (after >= f->len || (f->text[after] != ',' && f->text[after] != '}'))
        return false;
    size_t before = m->start;
    while (before > 0 && is_white(f->text[before - 1]))
        before--;
    if (before == 0 || f->text[before - 1] != ',')
        return false;
    moot__yaml_place(f->text, f->len, before - 1, line, column);
    return true;
}

/* ---- plain scalars ---- */

bool moot__yaml_plain(const struct moot_yaml *y, const struct moot_json *value)
{
    const struct moot_yaml_mark *m = moot__yaml_at(y, value);
    return m != NULL && (m->style == MOOT_YAML_PLAIN || m->style == MOOT_YAML_EMPTY);
}

static bool one_of(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static bool is_null(const char *text)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};
    return one_of(text, words);
}

bool moot__yaml_null(const struct moot_yaml *y, const struct moot_json *value)
{
    const char *text = moot__json_text(value);
    return text != NULL && moot__yaml_plain(y, value) && is_null(text);
}

/* A number of the core schema in JSON's grammar; false: it is none, or one JSON has no words for.
 */
static bool core_number(const char *text, char out[64])
{
    const char *digits = text[0] == '+' || text[0] == '-' ? text + 1 : text;
    size_t len = strlen(digits);
    if (len == 0 || len > 60 || strspn(digits, "0123456789.eE+-") != len)
        return false;
    size_t whole = strspn(digits, "0123456789");
    const char *rest = digits + whole;
    size_t fraction = rest[0] == '.' ? strspn(rest + 1, "0123456789") : 0;
    const char *tail = rest[0] == '.' ? rest + 1 + fraction : rest;
    if (whole + fraction == 0)
        return false;
    while (whole > 1 && digits[0] == '0') {
        digits++;
        whole--;
    }
    snprintf(out, 64, "%s%.*s%s%.*s%s", text[0] == '-' ? "-" : "", (int)whole,
             whole > 0 ? digits : "0", fraction > 0 ? "." : "", (int)fraction,
             fraction > 0 ? rest + 1 : "", tail);
    if (whole == 0)
        snprintf(out, 64, "%s0.%.*s%s", text[0] == '-' ? "-" : "", (int)fraction, rest + 1, tail);
    return moot__decimal_valid(out, strlen(out));
}

static struct moot_json *typed_scalar(const struct moot_yaml *y, const struct moot_json *value)
{
    static const char *const yes[] = {"true", "True", "TRUE", NULL};
    static const char *const no[] = {"false", "False", "FALSE", NULL};
    const char *text = moot__json_text(value);
    char number[64];
    if (!moot__yaml_plain(y, value))
        return moot__json_new_text(text);
    if (is_null(text))
        return moot__json_new(MOOT_JSON_NULL);
    if (one_of(text, yes) || one_of(text, no))
        return moot__json_new_bool(one_of(text, yes));
    if (core_number(text, number))
        return moot__json_new_digits(number);
    return moot__json_new_text(text);
}

int moot__yaml_typed(const struct moot_yaml *y, const struct moot_json *tree,
                     struct moot_json **out)
{
    /* one entry a level: a tree here is never deeper */
    struct {
        const struct moot_json *next;
        struct moot_json *made;
    } open[MOOT_MAX_DEPTH + 1];
    size_t depth = 0;
    struct moot_json *root = NULL;
    const struct moot_json *at = tree;
    while (at != NULL) {
        bool scalar = moot__json_is(at, MOOT_JSON_STRING);
        struct moot_json *made = scalar ? typed_scalar(y, at) : moot__json_new(moot__json_type(at));
        int status = made == NULL ? MOOT_ENOMEM : MOOT_OK;
        if (root == NULL)
            root = made;
        else if (moot__json_is(open[depth - 1].made, MOOT_JSON_OBJECT))
            status = moot__json_set(open[depth - 1].made, moot__json_key(at), made);
        else
            status = moot__json_add(open[depth - 1].made, made);
        if (status != MOOT_OK) {
            moot__json_free(root);
            return status;
        }
        if (depth > 0)
            open[depth - 1].next = moot__json_next(at);
        if (!scalar && moot__json_first(at) != NULL) {
            MOOT_ASSERT(depth <= MOOT_MAX_DEPTH);
            open[depth].made = made;
            open[depth].next = moot__json_first(at);
            depth++;
        }
        while (depth > 0 && open[depth - 1].next == NULL)
            depth--;
        at = depth > 0 ? open[depth - 1].next : NULL;
    }
    *out = root;
    return root != NULL ? MOOT_OK : MOOT_ENOMEM;
}
