#include "runtime/yaml.h"

#include "runtime/utf8.h"
#include "runtime/yaml_mark.h"

#include <errno.h>
#include <libfyaml.h>

enum {
    MAX_KEYS = 4096,             /* of one map: looking for a key is linear */
    MAX_ANCHORS = 1024,          /* of one file */
    MAX_TEXT = 16 * 1024 * 1024, /* of all scalars, after aliases */
};

/* A map or list that is being read. */
struct open {
    struct moot_json *made;
    bool map;
    size_t keys;
    bool merges; /* it has a key `<<` */
    char *key;   /* the key whose value comes next, or NULL; ours */
    struct moot_yaml_mark key_mark;
    char *anchor; /* its name, or NULL; ours: nobody may refer to it before it is complete */
};

struct anchor {
    char *name;
    const struct moot_json *value;
};

struct reader {
    struct moot_yaml *y;
    struct moot_error *err;
    const char *name;
    const char *text;
    size_t len;
    struct open open[MOOT_MAX_DEPTH];
    size_t depth;
    struct moot_json *root;
    struct moot_json *merged; /* a list of what stood under `<<` */
    size_t nodes;
    size_t bytes;
    struct anchor anchors[MAX_ANCHORS];
    size_t anchor_count;
};

static int fail_at(struct reader *r, int code, const struct moot_yaml_mark *m, const char *what)
{
    moot__fail(r->err, code, "%s", what);
    moot__fail_at(r->err, r->name, m->line, m->column);
    return code;
}

/* ---- marks ---- */

static enum moot_yaml_style style_of(enum fy_event_type type, enum fy_node_style style)
{
    bool scalar = type == FYET_SCALAR;
    switch (style) {
    case FYNS_FLOW:
        return MOOT_YAML_FLOW;
    case FYNS_SINGLE_QUOTED:
        return MOOT_YAML_SINGLE;
    case FYNS_DOUBLE_QUOTED:
        return MOOT_YAML_DOUBLE;
    case FYNS_LITERAL:
        return MOOT_YAML_LITERAL;
    case FYNS_FOLDED:
        return MOOT_YAML_FOLDED;
    case FYNS_ANY:
    case FYNS_BLOCK:
    case FYNS_PLAIN:
    case FYNS_ALIAS:
    default:
        return scalar ? MOOT_YAML_PLAIN : MOOT_YAML_BLOCK;
    }
}

/* Characters from byte `start` on, up to `end` or the end of the line. */
static int length_on_line(const struct reader *r, size_t start, size_t end)
{
    size_t stop = start;
    while (stop < end && stop < r->len && r->text[stop] != '\n' && r->text[stop] != '\r')
        stop++;
    int n = (int)moot__utf8_characters(r->text + start, stop - start);
    return n > 0 ? n : 1;
}

/* A value that is not written (`key:`) has no mark of its own: it stands where its key stands. */
static struct moot_yaml_mark mark_of(struct reader *r, struct fy_event *event)
{
    const struct fy_mark *start = fy_event_start_mark(event);
    const struct fy_mark *end = fy_event_end_mark(event);
    struct open *top = r->depth > 0 ? &r->open[r->depth - 1] : NULL;
    struct moot_yaml_mark m = {.file = r->name, .line = 1, .column = 1, .length = 1};
    if (start != NULL && end != NULL) {
        m.style = style_of(event->type, fy_event_get_node_style(event));
        m.line = start->line + 1;
        m.column = start->column + 1;
        m.start = start->input_pos;
        m.end = end->input_pos;
        /* of a quoted scalar the mark leaves out the quotes */
        if (event->type == FYET_ALIAS && m.start > 0) { /* the star is the value's */
            m.start--;
            m.column--;
        }
        m.length = length_on_line(r, m.start, m.end);
    } else if (top != NULL && top->key != NULL) {
        m = top->key_mark;
        m.style = MOOT_YAML_EMPTY;
    }
    if (top != NULL && top->key != NULL) {
        m.key_line = top->key_mark.line;
        m.key_column = top->key_mark.column;
        m.key_length = top->key_mark.length;
    }
    return m;
}

/* ---- putting values in ---- */

static int count_node(struct reader *r, const struct moot_yaml_mark *m, size_t bytes)
{
    r->nodes++;
    r->bytes += bytes;
    if (r->nodes > MOOT_MAX_CREW_NODES)
        return fail_at(r, MOOT_ETOOBIG, m, "more than 100000 values, aliases counted");
    if (r->bytes > MAX_TEXT)
        return fail_at(r, MOOT_ETOOBIG, m, "more than 16 MiB of text, aliases counted");
    return MOOT_OK;
}

/* Gives the value to the map or list that is being read, or makes it the root. */
static int put(struct reader *r, struct moot_json *value, const struct moot_yaml_mark *m)
{
    if (value == NULL || moot__yaml_mark(r->y, value, m) != MOOT_OK) {
        moot__json_free(value);
        return moot__fail(r->err, MOOT_ENOMEM, "out of memory");
    }
    if (r->depth == 0) {
        if (r->root != NULL) {
            moot__json_free(value);
            return fail_at(r, MOOT_ESYNTAX, m, "a second document: take the line '---' out");
        }
        r->root = value;
        return MOOT_OK;
    }
    struct open *top = &r->open[r->depth - 1];
    int status;
    if (top->map) {
        status = moot__json_set(top->made, top->key, value);
        free(top->key);
        top->key = NULL;
    } else {
        status = moot__json_add(top->made, value);
    }
    return status == MOOT_OK ? MOOT_OK : moot__fail(r->err, status, "out of memory");
}

static int remember_anchor(struct reader *r, char *name, const struct moot_json *value,
                           const struct moot_yaml_mark *m)
{
    for (size_t i = 0; i < r->anchor_count; i++) {
        if (strcmp(r->anchors[i].name, name) == 0) { /* YAML lets a later one replace it */
            free(name);
            r->anchors[i].value = value;
            return MOOT_OK;
        }
    }
    if (r->anchor_count == MAX_ANCHORS) {
        free(name);
        return fail_at(r, MOOT_ETOOBIG, m, "more than 1024 anchors");
    }
    r->anchors[r->anchor_count++] = (struct anchor){.name = name, .value = value};
    return MOOT_OK;
}

/* The text of a token, for the caller to free. NULL: out of memory. */
static char *token_text(struct fy_token *token, size_t *len)
{
    size_t n = 0;
    const char *text = token != NULL ? fy_token_get_text(token, &n) : NULL;
    if (len != NULL)
        *len = n;
    return moot__copy(text != NULL ? text : "", n);
}

/* ---- keys ---- */

static int take_key(struct reader *r, struct fy_event *event, const struct moot_yaml_mark *m)
{
    struct open *top = &r->open[r->depth - 1];
    const struct moot_yaml_mark *map = moot__yaml_at(r->y, top->made);
    if (event->type == FYET_MAPPING_START && m->style == MOOT_YAML_FLOW && map != NULL &&
        map->style == MOOT_YAML_FLOW)
        return fail_at(r, MOOT_ESYNTAX, map,
                       "a value that starts with '{': YAML reads a map: put quotes round the whole "
                       "text");
    if (event->type != FYET_SCALAR)
        return fail_at(r, MOOT_ESYNTAX, m, "a key must be a word, not a list, a map or an alias");
    size_t len;
    char *key = token_text(fy_event_get_token(event), &len);
    if (key == NULL)
        return moot__fail(r->err, MOOT_ENOMEM, "out of memory");
    top->key = key; /* freed with the reader, on failure too */
    top->key_mark = *m;
    top->merges = top->merges || (m->style == MOOT_YAML_PLAIN && strcmp(key, "<<") == 0);
    if (strlen(key) != len)
        return fail_at(r, MOOT_ESYNTAX, m, "a NUL character");
    if (moot__json_get(top->made, key) != NULL) {
        char what[160];
        snprintf(what, sizeof(what), "the key '%.*s' stands here twice",
                 (int)moot__utf8_cut(key, len < 80 ? len : 80), key);
        return fail_at(r, MOOT_ESYNTAX, m, what);
    }
    if (++top->keys > MAX_KEYS)
        return fail_at(r, MOOT_ETOOBIG, m, "more than 4096 keys in one map");
    return count_node(r, m, len);
}

/* ---- aliases ---- */

/* A copy of what an anchor names. The copy stands where the original stands; what of it is a member
 * or element keeps its own key. */
static int copy_value(struct reader *r, const struct moot_json *from, size_t depth,
                      const struct moot_yaml_mark *at, struct moot_json **out)
{
    enum moot_json_type type = moot__json_type(from);
    const char *text = moot__json_text(from);
    int status = count_node(r, at, text != NULL ? strlen(text) : 0);
    if (status != MOOT_OK)
        return status;
    if (depth > MOOT_MAX_DEPTH)
        return fail_at(r, MOOT_ETOOBIG, at, "more than 64 levels deep, aliases counted");
    struct moot_json *made = text != NULL ? moot__json_new_text(text) : moot__json_new(type);
    const struct moot_yaml_mark *mark = moot__yaml_at(r->y, from);
    struct moot_yaml_mark copy = mark != NULL ? *mark : *at;
    copy.alias_line = at->line;
    if (made == NULL || moot__yaml_mark(r->y, made, &copy) != MOOT_OK) {
        moot__json_free(made);
        return moot__fail(r->err, MOOT_ENOMEM, "out of memory");
    }
    for (const struct moot_json *c = moot__json_first(from); c != NULL; c = moot__json_next(c)) {
        struct moot_json *child = NULL;
        status = copy_value(r, c, depth + 1, at, &child);
        if (status == MOOT_OK)
            status = type == MOOT_JSON_OBJECT ? moot__json_set(made, moot__json_key(c), child)
                                              : moot__json_add(made, child);
        if (status != MOOT_OK) {
            moot__json_free(made);
            return status;
        }
    }
    *out = made;
    return MOOT_OK;
}

static int read_alias(struct reader *r, struct fy_event *event, const struct moot_yaml_mark *m)
{
    char *name = token_text(fy_event_get_token(event), NULL);
    if (name == NULL)
        return moot__fail(r->err, MOOT_ENOMEM, "out of memory");
    const struct moot_json *value = NULL;
    for (size_t i = 0; i < r->anchor_count; i++)
        if (strcmp(r->anchors[i].name, name) == 0)
            value = r->anchors[i].value;
    int status = MOOT_OK;
    if (value == NULL) {
        char what[256];
        snprintf(what, sizeof(what),
                 "'*%.60s' is an alias to an anchor that is not there: if it is text, put quotes "
                 "round it",
                 name);
        status = fail_at(r, MOOT_ESYNTAX, m, what);
    }
    free(name);
    struct moot_json *copy = NULL;
    if (status == MOOT_OK)
        status = copy_value(r, value, r->depth + 1, m, &copy);
    if (status != MOOT_OK)
        return status;
    const struct moot_yaml_mark *mark = moot__yaml_at(r->y, copy);
    struct moot_yaml_mark here = mark != NULL ? *mark : *m;
    here.key_line = m->key_line;
    here.key_column = m->key_column;
    here.key_length = m->key_length;
    return put(r, copy, &here);
}

/* ---- `<<` ---- */

/* Copies the members of `from` that `into` lacks behind its own. */
static int merge_map(struct reader *r, struct moot_json *into, const struct moot_json *from,
                     const struct moot_yaml_mark *at)
{
    int status = MOOT_OK;
    if (!moot__json_is(from, MOOT_JSON_OBJECT))
        return fail_at(r, MOOT_ESYNTAX, at, "'<<' takes maps: write <<: *name");
    for (const struct moot_json *c = moot__json_first(from); c != NULL; c = moot__json_next(c)) {
        if (moot__json_get(into, moot__json_key(c)) != NULL)
            continue;
        struct moot_json *copy = NULL;
        status = copy_value(r, c, r->depth + 1, at, &copy);
        if (status == MOOT_OK && moot__json_set(into, moot__json_key(c), copy) != MOOT_OK)
            status = moot__fail(r->err, MOOT_ENOMEM, "out of memory");
        if (status == MOOT_OK && moot__json_count(into) > MAX_KEYS)
            status = fail_at(r, MOOT_ETOOBIG, at, "more than 4096 keys in one map");
        if (status != MOOT_OK)
            break;
    }
    return status;
}

static int merge(struct reader *r, struct moot_json *map)
{
    struct moot_json *from = moot__json_take(map, "<<");
    /* an anchor may stand in it, so it is kept until the file is read */
    if (from == NULL || moot__json_add(r->merged, from) != MOOT_OK)
        return moot__fail(r->err, MOOT_ENOMEM, "out of memory");
    const struct moot_yaml_mark *mark = moot__yaml_at(r->y, from);
    struct moot_yaml_mark m = *mark;
    if (m.alias_line != 0)
        m.line = m.alias_line;
    if (!moot__json_is(from, MOOT_JSON_ARRAY))
        return merge_map(r, map, from, &m);
    int status = MOOT_OK;
    const struct moot_json *one = moot__json_first(from);
    for (; status == MOOT_OK && one != NULL; one = moot__json_next(one))
        status = merge_map(r, map, one, &m);
    return status;
}

/* ---- events ---- */

static int open_value(struct reader *r, struct fy_event *event, const struct moot_yaml_mark *m)
{
    bool map = event->type == FYET_MAPPING_START;
    if (r->depth == MOOT_MAX_DEPTH)
        return fail_at(r, MOOT_ETOOBIG, m, "more than 64 levels deep");
    int status = count_node(r, m, 0);
    struct moot_json *made = moot__json_new(map ? MOOT_JSON_OBJECT : MOOT_JSON_ARRAY);
    if (status == MOOT_OK)
        status = put(r, made, m);
    else
        moot__json_free(made);
    if (status != MOOT_OK)
        return status;
    struct open *top = &r->open[r->depth++];
    memset(top, 0, sizeof(*top));
    top->made = made;
    top->map = map;
    struct fy_token *anchor = fy_event_get_anchor_token(event);
    if (anchor != NULL && (top->anchor = token_text(anchor, NULL)) == NULL)
        return moot__fail(r->err, MOOT_ENOMEM, "out of memory");
    return MOOT_OK;
}

static int close_value(struct reader *r)
{
    struct open *top = &r->open[r->depth - 1];
    const struct moot_yaml_mark *mark = moot__yaml_at(r->y, top->made);
    struct moot_yaml_mark m = *mark;
    int status = top->merges ? merge(r, top->made) : MOOT_OK;
    if (status != MOOT_OK)
        return status;
    char *anchor = top->anchor;
    top->anchor = NULL;
    r->depth--;
    return anchor != NULL ? remember_anchor(r, anchor, top->made, &m) : MOOT_OK;
}

static int read_scalar(struct reader *r, struct fy_event *event, struct moot_yaml_mark *m)
{
    struct fy_token *token = fy_event_get_token(event);
    size_t len;
    char *text = token_text(token, &len);
    if (text == NULL)
        return moot__fail(r->err, MOOT_ENOMEM, "out of memory");
    int status = count_node(r, m, len);
    if (status == MOOT_OK && strlen(text) != len)
        status = fail_at(r, MOOT_ESYNTAX, m, "a NUL character");
    if (len == 0 && m->style == MOOT_YAML_PLAIN)
        m->style = MOOT_YAML_EMPTY;
    struct moot_json *made = status == MOOT_OK ? moot__json_new_text_n(text, len) : NULL;
    free(text);
    if (status == MOOT_OK)
        status = put(r, made, m);
    struct fy_token *anchor = fy_event_get_anchor_token(event);
    if (status != MOOT_OK || anchor == NULL)
        return status;
    char *name = token_text(anchor, NULL);
    if (name == NULL)
        return moot__fail(r->err, MOOT_ENOMEM, "out of memory");
    return remember_anchor(r, name, made, m);
}

static int read_event(struct reader *r, struct fy_event *event)
{
    enum fy_event_type type = event->type;
    if (type == FYET_MAPPING_END || type == FYET_SEQUENCE_END)
        return close_value(r);
    if (type != FYET_MAPPING_START && type != FYET_SEQUENCE_START && type != FYET_SCALAR &&
        type != FYET_ALIAS)
        return MOOT_OK;
    struct moot_yaml_mark m = mark_of(r, event);
    struct fy_token *tag = type != FYET_ALIAS ? fy_event_get_tag_token(event) : NULL;
    const struct fy_mark *tag_mark = tag != NULL ? fy_token_start_mark(tag) : NULL;
    if (tag_mark != NULL) {
        m.line = tag_mark->line + 1;
        m.column = tag_mark->column + 1;
    }
    if (tag != NULL)
        return fail_at(r, MOOT_ESYNTAX, &m,
                       "a value that starts with '!' is a tag to YAML: put quotes round it");
    if (r->depth > 0 && r->open[r->depth - 1].map && r->open[r->depth - 1].key == NULL)
        return take_key(r, event, &m);
    if (type == FYET_ALIAS)
        return read_alias(r, event, &m);
    if (type == FYET_SCALAR)
        return read_scalar(r, event, &m);
    return open_value(r, event, &m);
}

static int complain(struct reader *r, struct fy_diag *diag)
{
    void *at = NULL;
    struct fy_diag_error *e = fy_diag_errors_iterate(diag, &at);
    moot__fail(r->err, MOOT_ESYNTAX, "%s", e != NULL && e->msg != NULL ? e->msg : "not YAML");
    bool placed = e != NULL && e->line > 0 && e->column > 0;
    moot__fail_at(r->err, r->name, placed ? e->line : 1, placed ? e->column : 1);
    if (r->err != NULL)
        moot__yaml_explain(r->text, r->len, e != NULL ? e->msg : "", r->err);
    return MOOT_ESYNTAX;
}

static int read_events(struct reader *r, struct fy_parser *parser, struct fy_diag *diag)
{
    int status = MOOT_OK;
    bool end = false;
    while (status == MOOT_OK && !end) {
        struct fy_event *event = fy_parser_parse(parser);
        if (event == NULL)
            return complain(r, diag);
        end = event->type == FYET_STREAM_END;
        status = read_event(r, event);
        fy_parser_event_free(parser, event);
    }
    return status;
}

static int parse_text(struct reader *r)
{
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL; /* or it writes to standard error */
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (diag == NULL)
        return moot__fail(r->err, MOOT_ENOMEM, "out of memory");
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {
        .flags = FYPCF_QUIET | FYPCF_JSON_NONE | FYPCF_DEFAULT_VERSION_1_2,
        .diag = diag,
    };
    struct fy_parser *parser = fy_parser_create(&cfg);
    int status;
    if (parser == NULL || fy_parser_set_string(parser, r->text, r->len) != 0)
        status = moot__fail(r->err, MOOT_ENOMEM, "out of memory");
    else
        status = read_events(r, parser, diag);
    if (parser != NULL)
        fy_parser_destroy(parser);
    fy_diag_destroy(diag); /* after the parser, which uses it; unref would leak what it collected */
    return status;
}

static void release(struct reader *r)
{
    for (size_t i = 0; i < r->depth; i++) {
        free(r->open[i].key);
        free(r->open[i].anchor);
    }
    for (size_t i = 0; i < r->anchor_count; i++)
        free(r->anchors[i].name);
    moot__json_free(r->merged);
}

/* ---- files ---- */

static int check_utf8(const char *shown, const char *text, size_t len, struct moot_error *err)
{
    size_t bad = 0;
    if (moot__utf8_valid(text, len, &bad)) {
        if (memchr(text, '\0', len) == NULL)
            return MOOT_OK;
        bad = (size_t)((const char *)memchr(text, '\0', len) - text);
    }
    int line, column;
    moot__yaml_place(text, bad, bad, &line, &column);
    bool wide = len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
    if (wide)
        moot__fail(err, MOOT_ESYNTAX, "this is UTF-16: save the file as UTF-8");
    else
        moot__fail(err, MOOT_ESYNTAX, "byte %zu (0x%02x) is not UTF-8 text", bad,
                   (unsigned)(unsigned char)text[bad]);
    moot__fail_at(err, shown, line, column);
    return MOOT_ESYNTAX;
}

/* Takes `text`. */
static int load_taken(struct moot_yaml *y, const char *shown, char *text, size_t len,
                      struct moot_json **out, struct moot_error *err)
{
    const char *name;
    if (moot__yaml_add_file(y, shown, text, len, &name) != MOOT_OK)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int status = check_utf8(name, text, len, err);
    if (status != MOOT_OK)
        return status;
    struct reader *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    r->y = y;
    r->err = err;
    r->name = name;
    r->text = text;
    r->len = len;
    r->merged = moot__json_new(MOOT_JSON_ARRAY);
    status = parse_text(r);
    if (status == MOOT_OK && r->root == NULL) {
        status = moot__fail(err, MOOT_ESYNTAX, "the file is empty");
        moot__fail_at(err, name, 1, 1);
    }
    if (status == MOOT_OK)
        *out = r->root;
    else
        moot__json_free(r->root);
    release(r);
    free(r);
    return status;
}

/* Reads a file whole; the caller frees *out. */
static int read_file(const char *path, const char *shown, size_t max, char **out, size_t *len,
                     struct moot_error *err)
{
    FILE *f = fopen(path, "rbe");
    if (f == NULL)
        return moot__fail(err, errno == ENOENT || errno == ENOTDIR ? MOOT_ENOTFOUND : MOOT_EIO,
                          "cannot read %s: %s", shown, strerror(errno));
    struct moot_buf b;
    moot__buf_init(&b, max);
    char chunk[16384];
    size_t n;
    while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0 && b.status == MOOT_OK)
        moot__buf_add(&b, chunk, n);
    int broken = ferror(f) ? errno : 0;
    fclose(f);
    int status = b.status;
    if (status == MOOT_ETOOBIG)
        moot__fail(err, status, "%s is too big: at most %zu bytes are read", shown, max);
    else if (status != MOOT_OK)
        moot__fail(err, status, "out of memory");
    else if (broken != 0)
        status = moot__fail(err, MOOT_EIO, "cannot read %s: %s", shown, strerror(broken));
    *len = b.len;
    *out = status == MOOT_OK ? moot__buf_take(&b) : NULL;
    moot__buf_release(&b);
    if (status == MOOT_OK && *out == NULL)
        status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    return status;
}

int moot__yaml_load(struct moot_yaml *y, const char *path, const char *shown,
                    struct moot_json **out, struct moot_error *err)
{
    char *text;
    size_t len;
    int status = read_file(path, shown, MOOT_MAX_CREW_FILE, &text, &len, err);
    return status == MOOT_OK ? load_taken(y, shown, text, len, out, err) : status;
}

int moot__yaml_parse(struct moot_yaml *y, const char *shown, const char *text, size_t len,
                     struct moot_json **out, struct moot_error *err)
{
    if (len > MOOT_MAX_JSON)
        return moot__fail(err, MOOT_ETOOBIG, "%s is too big", shown);
    char *copy = moot__copy(text, len);
    if (copy == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    return load_taken(y, shown, copy, len, out, err);
}

int moot__yaml_load_text(struct moot_yaml *y, const char *path, const char *shown,
                         struct moot_json **out, struct moot_error *err)
{
    char *text;
    size_t len;
    int status = read_file(path, shown, MOOT_MAX_CREW_FILE, &text, &len, err);
    if (status != MOOT_OK)
        return status;
    const char *name;
    if (moot__yaml_add_file(y, shown, text, len, &name) != MOOT_OK)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    status = check_utf8(name, text, len, err);
    if (status != MOOT_OK)
        return status;
    size_t start = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    size_t end = len;
    if (end > start && text[end - 1] == '\n')
        end--;
    struct moot_yaml_mark mark = {.file = name, .line = 1, .column = 1, .length = 1};
    mark.style = MOOT_YAML_FILE;
    mark.start = start;
    mark.end = end;
    struct moot_json *made = moot__json_new_text_n(text + start, end - start);
    if (made == NULL || moot__yaml_mark(y, made, &mark) != MOOT_OK) {
        moot__json_free(made);
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    *out = made;
    return MOOT_OK;
}

static int load_data(const char *path, const char *text, size_t len, struct moot_json **out,
                     struct moot_error *err)
{
    size_t name = strlen(path);
    if (name > 5 && strcmp(path + name - 5, ".json") == 0) {
        int status = moot__json_parse(text, len, out, err);
        return status == MOOT_OK ? status : moot__fail_wrap(err, "%s", path);
    }
    struct moot_yaml *y;
    if (moot__yaml_new(&y) != MOOT_OK)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    struct moot_json *tree = NULL;
    int status = moot__yaml_parse(y, path, text, len, &tree, err);
    if (status == MOOT_OK) {
        status = moot__yaml_typed(y, tree, out);
        if (status != MOOT_OK)
            moot__fail(err, status, "out of memory");
    }
    moot__json_free(tree);
    moot__yaml_free(y);
    return status;
}

int moot__yaml_load_plain(const char *path, struct moot_json **out, struct moot_error *err)
{
    char *text;
    size_t len;
    int status = read_file(path, path, MOOT_MAX_JSON, &text, &len, err);
    if (status != MOOT_OK)
        return status;
    status = load_data(path, text, len, out, err);
    free(text);
    return status;
}
