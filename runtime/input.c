#include "runtime/input.h"

#include "runtime/input_part.h"
#include "runtime/map.h"
#include "runtime/page.h"
#include "runtime/scope.h"
#include "runtime/utf8.h"

/* NAME=TEXT or NAME=@FILE. */
struct pair {
    char *name;
    struct moot_json *value;
};

struct loader {
    const struct moot_input_spec *spec;
    struct moot_buf *warnings;
    struct moot_error *err;
    struct moot_json **items;
    size_t count;
    size_t room;
    struct pair *pairs; /* as many as arguments */
    size_t pair_count;
    struct moot_map names; /* of items */
    const char *path;      /* of the file at hand; NULL: the standard input */
    bool lines_read;
};

static int fail_memory(const struct loader *l)
{
    return moot__fail(l->err, MOOT_ENOMEM, "out of memory");
}

/* The name, with -2, -3 and so on behind it if it is taken. */
static int unique_name(struct loader *l, const char *wanted, struct moot_buf *out)
{
    moot__buf_adds(out, wanted);
    for (size_t n = 2; out->status == 0 && moot__map_get(&l->names, moot__buf_text(out)) != NULL;
         n++) {
        moot__buf_clear(out);
        moot__buf_addf(out, "%s-%zu", wanted, n);
    }
    return out->status != 0 ? out->status : moot__map_put(&l->names, moot__buf_text(out), l);
}

/* Takes over the item; its name is made unique. */
static int add_item(struct loader *l, struct moot_json *item, const char *name)
{
    struct moot_buf unique;
    moot__buf_init(&unique, 4096);
    int rc = unique_name(l, name, &unique);
    if (rc == 0)
        rc = moot__json_set_text(item, "name", moot__buf_text(&unique));
    moot__buf_release(&unique);
    if (rc == 0 && l->count == MOOT_MAX_ITEMS)
        rc = MOOT_ETOOBIG;
    if (rc == 0 && l->count == l->room) {
        size_t room = l->room > 0 ? l->room * 2 : 16;
        struct moot_json **items = realloc(l->items, room * sizeof(struct moot_json *));
        if (items != NULL) {
            l->items = items;
            l->room = room;
        }
        rc = items != NULL ? 0 : MOOT_ENOMEM;
    }
    if (rc == 0) {
        l->items[l->count++] = item;
        return 0;
    }
    moot__json_free(item);
    return moot__fail(l->err, rc, "the items cannot be held: %s", moot__status_text(rc));
}

/* The file's name without its suffix, controls shown as `?`. The caller frees it. */
static char *stem_of(const char *path)
{
    const char *base = moot__input_base(path);
    const char *dot = strrchr(base, '.');
    size_t len = dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base);
    char *stem = moot__copy(base, len);
    for (char *p = stem; p != NULL && *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            *p = '?';
    return stem;
}

static int set_page(struct moot_json *item, const struct moot_page *page)
{
    const struct {
        const char *name;
        const char *text;
    } members[] = {
        {"title", page->title}, {"lang", page->lang}, {"description", page->description},
        {"facts", page->facts}, {"text", page->text}, {"text_rank", page->ranks},
    };
    int rc = 0;
    for (size_t i = 0; i < MOOT_COUNT(members) && rc == 0; i++)
        rc = moot__json_set_text(item, members[i].name,
                                 members[i].text != NULL ? members[i].text : "");
    return rc;
}

/* Each line of the page's notes behind the file's name. */
static void warn_lines(struct loader *l, const char *path, const char *lines)
{
    while (*lines != '\0') {
        size_t n = strcspn(lines, "\n");
        moot__input_warn(l->warnings, "%s: %.*s", path, (int)n, lines);
        lines += n + (lines[n] == '\n');
    }
}

static int load_page(struct loader *l, const char *path, const struct moot_buf *bytes, size_t whole,
                     struct moot_json *item)
{
    struct moot_page *page = NULL;
    if (bytes->len == 0)
        return moot__fail(l->err, MOOT_EINVAL, "%s is empty", path);
    int rc = moot__page_read(bytes->data, bytes->len, NULL, &page, l->err);
    if (rc != 0) {
        moot__fail_wrap(l->err, "%s", path);
        return rc;
    }
    if (whole > 0)
        moot__input_warn(l->warnings, "%s: only the first %d of %zu KiB are read", path,
                         MOOT_MAX_PAGE / 1024, whole / 1024);
    else if (page->cut)
        warn_lines(l, path, page->dropped);
    warn_lines(l, path, page->warnings);
    if (page->text[0] == '\0')
        moot__input_warn(l->warnings, "%s: no text is in it; does a script write the page?", path);
    rc = set_page(item, page);
    moot__page_free(page);
    return rc != 0 ? fail_memory(l) : 0;
}

/* A member that the file's own name would give, but for JSON, which may name itself. */
static int add_object(void *arg, struct moot_json *object, size_t number)
{
    struct loader *l = arg;
    const char *own = moot__json_get_text(object, "name", NULL);
    char counted[512];
    if (own == NULL || own[0] == '\0') {
        char *stem = l->path != NULL ? stem_of(l->path) : NULL;
        if (stem != NULL)
            snprintf(counted, sizeof(counted), "%.480s-%zu", stem, number);
        else
            snprintf(counted, sizeof(counted), "%zu", number);
        free(stem);
        own = counted;
    }
    char *name = moot__copy(own, strlen(own)); /* the member may be replaced */
    int rc = name != NULL ? 0 : MOOT_ENOMEM;
    if (rc == 0 && l->path != NULL && moot__json_get(object, "path") == NULL)
        rc = moot__json_set_text(object, "path", l->path);
    if (rc == 0)
        rc = add_item(l, object, name);
    else
        moot__json_free(object);
    free(name);
    return rc;
}

static int load_one(struct loader *l, const char *path, const struct moot_buf *bytes, size_t whole,
                    enum input_kind kind)
{
    struct moot_json *item = moot__json_new(MOOT_JSON_OBJECT);
    char *stem = stem_of(path);
    int rc = item == NULL || stem == NULL ? MOOT_ENOMEM : 0;
    if (rc == 0)
        rc = moot__json_set_text(item, "name", stem);
    if (rc == 0)
        rc = moot__json_set_text(item, "path", path);
    if (rc != 0)
        rc = fail_memory(l);
    else if (kind == INPUT_PAGE)
        rc = load_page(l, path, bytes, whole, item);
    else if (moot__json_set_text(item, "text", moot__buf_text(bytes)) != 0)
        rc = fail_memory(l);
    if (rc == 0)
        rc = add_item(l, item, stem);
    else
        moot__json_free(item);
    free(stem);
    return rc;
}

static int load_file(struct loader *l, const char *path)
{
    struct moot_buf bytes;
    moot__buf_init(&bytes, MOOT_MAX_JSON);
    size_t whole = 0;
    size_t bad = 0;
    if (!moot__utf8_valid(path, strlen(path), &bad))
        return moot__fail(l->err, MOOT_EINVAL, "a file's name is not UTF-8: '%.*s...'", (int)bad,
                          path);
    enum input_kind kind = moot__input_kind(path, &bytes);
    bool json = kind == INPUT_JSON;
    int rc = moot__input_bytes(path, json ? MOOT_MAX_JSON : MOOT_MAX_PAGE, &bytes,
                               json ? NULL : &whole, l->err);
    if (rc == 0)
        kind = moot__input_kind(path, &bytes);
    if (rc == 0 && kind == INPUT_TEXT && whole > 0)
        rc = moot__fail(l->err, MOOT_ETOOBIG, "%s is bigger than %d KiB", path,
                        MOOT_MAX_PAGE / 1024);
    if (rc == 0 && kind != INPUT_PAGE)
        rc = moot__input_text(path, &bytes, l->err);
    l->path = path;
    if (rc == 0 && kind == INPUT_JSON)
        rc = moot__input_objects(path, &bytes, add_object, l, l->err);
    else if (rc == 0)
        rc = load_one(l, path, &bytes, whole, kind);
    moot__buf_release(&bytes);
    return rc;
}

static int load_lines(struct loader *l)
{
    if (l->lines_read)
        return moot__fail(l->err, MOOT_EUSAGE, "'-' stands there twice");
    l->lines_read = true;
    l->path = NULL;
    struct moot_buf bytes;
    moot__buf_init(&bytes, MOOT_MAX_JSON);
    int rc = moot__input_fd(l->spec->lines_fd, "the standard input", MOOT_MAX_JSON, &bytes, NULL,
                            l->err);
    if (rc == 0)
        rc = moot__input_text("the standard input", &bytes, l->err);
    if (rc == 0)
        rc = moot__input_objects("the standard input", &bytes, add_object, l, l->err);
    moot__buf_release(&bytes);
    return rc;
}

/* Length of the name if the argument is a pair, else 0. */
static size_t pair_name(const char *arg)
{
    if (!moot__utf8_valid(arg, strlen(arg), NULL))
        return 0;
    size_t n = moot__scope_path(arg, strlen(arg));
    return arg[n] == '=' && memchr(arg, '.', n) == NULL ? n : 0;
}

static int load_pair(struct loader *l, const char *arg, size_t n)
{
    struct pair *pair = &l->pairs[l->pair_count];
    pair->name = moot__copy(arg, n);
    if (pair->name == NULL)
        return fail_memory(l);
    l->pair_count++;
    for (size_t i = 0; i + 1 < l->pair_count; i++)
        if (strcmp(l->pairs[i].name, pair->name) == 0)
            return moot__fail(l->err, MOOT_EUSAGE, "'%s' is given twice", pair->name);
    const char *text = arg + n + 1;
    struct moot_buf bytes;
    moot__buf_init(&bytes, MOOT_MAX_PAGE);
    int rc = 0;
    if (text[0] == '@') {
        rc = moot__input_bytes(text + 1, MOOT_MAX_PAGE, &bytes, NULL, l->err);
        if (rc == 0)
            rc = moot__input_text(text + 1, &bytes, l->err);
        while (bytes.len > 0 && strchr("\r\n", bytes.data[bytes.len - 1]) != NULL)
            moot__buf_truncate(&bytes, bytes.len - 1); /* as a shell would */
    } else if (moot__buf_adds(&bytes, text) != 0) {
        rc = fail_memory(l);
    }
    if (rc == 0) {
        pair->value = moot__json_new_text_n(moot__buf_text(&bytes), bytes.len);
        rc = pair->value != NULL ? 0 : fail_memory(l);
    }
    moot__buf_release(&bytes);
    return rc;
}

/* `question=…` where an item is called question: its text. */
static bool names_item(const struct loader *l, const struct pair *pair)
{
    return l->spec->item_name != NULL && strcmp(pair->name, l->spec->item_name) == 0;
}

/* Without files the pairs are the one item, and a run without inputs has one too. */
static int add_lone_item(struct loader *l)
{
    const char *name = l->spec->item_name != NULL ? l->spec->item_name : "input";
    struct moot_json *item = moot__json_new(MOOT_JSON_OBJECT);
    if (item == NULL || moot__json_set_text(item, "name", name) != 0) {
        moot__json_free(item);
        return fail_memory(l);
    }
    return add_item(l, item, name);
}

static int set_pairs(struct loader *l, bool files)
{
    for (size_t p = 0; p < l->pair_count; p++) {
        struct pair *pair = &l->pairs[p];
        const char *key = names_item(l, pair) ? "text" : pair->name;
        if (files && names_item(l, pair)) {
            moot__fail(l->err, MOOT_EUSAGE, "'%s' is given both by files and by %s=TEXT",
                       pair->name, pair->name);
            moot__fail_hint(l->err, "leave one of them out");
            return MOOT_EUSAGE;
        }
        for (size_t i = 0; i < l->count; i++)
            if (moot__input_override(l->items[i], key, moot__json_copy(pair->value)) != 0)
                return fail_memory(l);
    }
    return 0;
}

static int load_args(struct loader *l)
{
    int rc = 0;
    for (size_t i = 0; i < l->spec->arg_count && rc == 0; i++) {
        const char *arg = l->spec->args[i];
        size_t n = pair_name(arg);
        if (strcmp(arg, "-") == 0)
            rc = load_lines(l);
        else if (n > 0)
            rc = load_pair(l, arg, n);
        else
            rc = load_file(l, arg);
    }
    return rc;
}

static int load(struct loader *l, struct moot_json **items)
{
    int rc = load_args(l);
    bool files = l->count > 0 || l->lines_read;
    if (rc == 0 && !files)
        rc = add_lone_item(l);
    if (rc == 0 && files && l->spec->registry != NULL)
        rc = moot__input_join(l->spec, l->items, l->count, l->warnings, l->err);
    if (rc == 0)
        rc = set_pairs(l, files);
    if (rc != 0)
        return rc;
    *items = moot__json_new(MOOT_JSON_ARRAY);
    if (*items == NULL)
        return fail_memory(l);
    for (size_t i = 0; i < l->count; i++)
        moot__json_add(*items, l->items[i]); /* fails only without an array or a value */
    l->count = 0;
    return 0;
}

int moot__input_load(const struct moot_input_spec *spec, struct moot_json **items,
                     struct moot_buf *warnings, struct moot_error *err)
{
    *items = NULL;
    struct loader l = {.spec = spec, .warnings = warnings, .err = err};
    l.pairs = calloc(spec->arg_count + 1, sizeof(*l.pairs));
    if (l.pairs == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    moot__map_init(&l.names);
    int rc = load(&l, items);
    for (size_t i = 0; i < l.count; i++)
        moot__json_free(l.items[i]);
    free(l.items);
    for (size_t i = 0; i < l.pair_count; i++) {
        free(l.pairs[i].name);
        moot__json_free(l.pairs[i].value);
    }
    free(l.pairs);
    moot__map_release(&l.names, NULL);
    return rc;
}
