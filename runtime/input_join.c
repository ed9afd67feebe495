/* The registry: rows of a JSON file, each joined to the item whose file it names. */
#include "runtime/input_part.h"
#include "runtime/map.h"
#include "runtime/scope.h"

void moot__input_warn(struct moot_buf *warnings, const char *format, ...)
{
    if (warnings == NULL)
        return;
    char line[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (warnings->len + strlen(line) + 2 > warnings->max)
        return;
    if (warnings->len > 0)
        moot__buf_addc(warnings, '\n');
    moot__buf_adds(warnings, line);
}

const char *moot__input_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

int moot__input_override(struct moot_json *item, const char *key, struct moot_json *value)
{
    const struct moot_json *own = moot__json_get(item, key);
    int rc = value == NULL ? MOOT_ENOMEM : 0;
    if (rc == 0 && own != NULL && !moot__json_equal(own, value)) {
        struct moot_json *kept = moot__json_edit(item, MOOT_SCOPE_OWN);
        if (kept == NULL) {
            rc = moot__json_set(item, MOOT_SCOPE_OWN, moot__json_new(MOOT_JSON_OBJECT));
            kept = moot__json_edit(item, MOOT_SCOPE_OWN);
        }
        if (rc == 0 && moot__json_get(kept, key) == NULL)
            rc = moot__json_set(kept, key, moot__json_copy(own));
    }
    if (rc == 0)
        return moot__json_set(item, key, value);
    moot__json_free(value);
    return rc;
}

struct registry {
    const char *path;
    const char *key;
    struct moot_json *rows; /* an array, so that each row has an owner */
    struct moot_map by_key;
    struct moot_buf *warnings;
    size_t without; /* rows that name no item */
};

static int add_row(void *arg, struct moot_json *row, size_t number)
{
    struct registry *r = arg;
    int rc = moot__json_add(r->rows, row);
    if (rc != 0)
        return rc;
    const char *name = moot__json_get_text(row, r->key, NULL);
    if (name == NULL) {
        r->without++;
        return 0;
    }
    const char *base = moot__input_base(name);
    if (moot__map_get(&r->by_key, base) == NULL)
        return moot__map_put(&r->by_key, base, row);
    moot__input_warn(r->warnings, "%s: row %zu is for '%s' too; the first one is taken", r->path,
                     number, base);
    return 0;
}

static int read_registry(const struct moot_input_spec *spec, const char *path, struct registry *r,
                         struct moot_error *err)
{
    struct moot_buf bytes;
    moot__buf_init(&bytes, MOOT_MAX_JSON);
    r->path = path;
    r->key = spec->key != NULL ? spec->key : "file";
    r->rows = moot__json_new(MOOT_JSON_ARRAY);
    moot__map_init(&r->by_key);
    int rc = r->rows != NULL ? 0 : moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (rc == 0)
        rc = moot__input_bytes(path, MOOT_MAX_JSON, &bytes, NULL, err);
    if (rc == 0)
        rc = moot__input_text(path, &bytes, err);
    if (rc == 0)
        rc = moot__input_objects(path, &bytes, add_row, r, err);
    if (rc != 0)
        moot__fail_wrap(err, "the registry");
    moot__buf_release(&bytes);
    return rc;
}

/* The row of an item: by its file's name, with or without its suffix; of an item that is no file,
 * by its own member of that name, or its name. */
static const struct moot_json *row_of(const struct registry *r, const struct moot_json *item)
{
    const char *path = moot__json_get_text(item, "path", NULL);
    const char *member = moot__json_get_text(item, r->key, NULL);
    const struct moot_json *row = NULL;
    if (path != NULL)
        row = moot__map_get(&r->by_key, moot__input_base(path));
    if (row == NULL && member != NULL)
        row = moot__map_get(&r->by_key, moot__input_base(member));
    if (row == NULL)
        row = moot__map_get(&r->by_key, moot__json_get_text(item, "name", ""));
    return row;
}

static int join_row(const struct registry *r, struct moot_json *item)
{
    const struct moot_json *row = row_of(r, item);
    if (row == NULL)
        moot__input_warn(
            r->warnings,
            "%s: no row of %s has this %s: it runs without what a row says, a "
            "recipient for one",
            moot__json_get_text(item, "path", moot__json_get_text(item, "name", "an item")),
            r->path, r->key);
    int rc = 0;
    for (const struct moot_json *m = moot__json_first(row); m != NULL && rc == 0;
         m = moot__json_next(m))
        rc = moot__input_override(item, moot__json_key(m), moot__json_copy(m));
    return rc;
}

int moot__input_join(const struct moot_input_spec *spec, struct moot_json *const *items,
                     size_t count, struct moot_buf *warnings, struct moot_error *err)
{
    struct moot_buf path;
    moot__buf_init(&path, 4096);
    if (spec->registry[0] == '/' || spec->base_dir == NULL || spec->base_dir[0] == '\0')
        moot__buf_adds(&path, spec->registry);
    else
        moot__buf_addf(&path, "%s/%s", spec->base_dir, spec->registry);
    struct registry r = {.warnings = warnings};
    int rc = path.status == 0 ? read_registry(spec, moot__buf_text(&path), &r, err)
                              : moot__fail(err, path.status, "the registry's path is too long");
    if (rc == 0 && r.without > 0)
        moot__input_warn(warnings, "%s: %zu rows have no '%s'", r.path, r.without, r.key);
    for (size_t i = 0; i < count && rc == 0; i++)
        if ((rc = join_row(&r, items[i])) != 0)
            moot__fail(err, rc, "the registry cannot be joined: %s", moot__status_text(rc));
    moot__map_release(&r.by_key, NULL);
    moot__json_free(r.rows);
    moot__buf_release(&path);
    return rc;
}
