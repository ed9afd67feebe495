#include "roles/crew_build.h"

#include "runtime/hash.h"

static int build_person(const struct moot_json *entry, struct moot_person *out,
                        struct moot_error *err)
{
    const char *key = moot__json_get_text(entry, "key", NULL);
    char **words = NULL;
    out->id = moot__json_get_text(entry, "id", "");
    out->within_ms = moot__json_get_int(entry, "within", 0);
    out->has_key = key != NULL;
    if (key != NULL && !moot__unhex(key, out->key, sizeof(out->key)))
        return moot__fail(err, MOOT_EINVAL, "the key of '%.64s' is not 64 hex digits", out->id);
    int status = moot__build_words(moot__json_get(entry, "notify"), &words);
    out->notify = (const char *const *)words;
    return status == MOOT_OK ? status : moot__fail(err, status, "out of memory");
}

int moot__build_people(const struct moot_json *resolved, struct moot_crew_parts *parts,
                       struct moot_error *err)
{
    const struct moot_json *entry = moot__json_first(moot__json_get(resolved, "people"));
    size_t count = moot__json_count(moot__json_get(resolved, "people"));
    struct moot_person *list = calloc(count + 1, sizeof(*list));
    if (list == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    parts->people = list;
    int status = MOOT_OK;
    for (; entry != NULL && status == MOOT_OK; entry = moot__json_next(entry))
        status = build_person(entry, &list[parts->person_count++], err);
    return status;
}

void moot__build_people_release(struct moot_crew_parts *parts)
{
    for (size_t i = 0; i < parts->person_count; i++)
        moot__words_free((char **)parts->people[i].notify);
    free((void *)parts->people);
}
