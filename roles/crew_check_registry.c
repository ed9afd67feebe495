/* The registry: rows that items are joined with. */
#include "roles/crew_checking.h"

enum { MAX_MEMBERS = 200 };

/* Adds the names of a row's members. */
static void add_members(struct moot_checking_crew *c, const struct moot_json *row)
{
    const struct moot_json *m = moot__json_first(row);
    for (; m != NULL && moot__json_count(c->row) < MAX_MEMBERS; m = moot__json_next(m))
        if (moot__json_get(c->row, moot__json_key(m)) == NULL &&
            moot__json_set_bool(c->row, moot__json_key(m), true) != MOOT_OK)
            c->f->report.failed = true;
}

/* Rows stand in a list, or in a map by a name of their own. */
static void check_rows(struct moot_checking_crew *c, const struct moot_json *rows,
                       const struct moot_json *at, const char *key)
{
    struct moot_crew_report *r = &c->f->report;
    size_t keyed = 0, count = 0;
    const struct moot_json *m =
        moot__json_is(rows, MOOT_JSON_ARRAY) ? moot__json_first(rows) : NULL;
    bool good = moot__json_is(rows, MOOT_JSON_ARRAY);
    for (; m != NULL && good; m = moot__json_next(m)) {
        good = moot__json_is(m, MOOT_JSON_OBJECT);
        keyed += moot__json_get(m, key) != NULL;
        count++;
        add_members(c, m);
    }
    if (!good)
        moot__crew_say(r, MOOT_SEVERITY_ERROR, c->f->yaml, at, MOOT_PART_VALUE,
                       "such as [{\"file\": \"a.html\", …}, …]",
                       "the registry '%s' is no list of rows", moot__json_text(at));
    else if (count > 0 && keyed == 0)
        moot__crew_say(r, MOOT_SEVERITY_ERROR, c->f->yaml, at, MOOT_PART_VALUE, NULL,
                       "no row of the registry '%s' has the key '%s'", moot__json_text(at), key);
}

void moot__crew_check_registry(struct moot_checking_crew *c)
{
    const struct moot_json *input = moot__json_get(c->crew, "input");
    const struct moot_json *at = moot__json_get(input, "registry");
    struct moot_json *rows = NULL;
    struct moot_error err = {0};
    char *path = NULL;
    if (moot__json_text(at) == NULL)
        return;
    c->row = moot__json_new(MOOT_JSON_OBJECT);
    c->row_unknown = true;
    int status = c->row == NULL ? MOOT_ENOMEM : moot__crew_resolve(c->f, at, &path, &err);
    if (status == MOOT_OK)
        status = moot__yaml_load_plain(path, &rows, &err);
    free(path);
    if (status == MOOT_ENOMEM) {
        c->f->report.failed = true;
    } else if (status != MOOT_OK) {
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, at, MOOT_PART_VALUE, NULL,
                       "registry: %s", err.message);
    } else {
        c->row_unknown = false;
        check_rows(c, rows, at, moot__json_get_text(input, "key", "file"));
    }
    moot__json_free(rows);
}
