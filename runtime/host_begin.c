#include "runtime/host_state.h"

#include "runtime/scope.h"

static int make_key(struct moot_host *h, struct moot_key **out, struct moot_error *err)
{
    const struct moot_world *w = h->o.world;
    uint8_t seed[32];
    w->random(w->self, seed, sizeof(seed));
    *out = moot__key_from_seed(seed);
    memset(seed, 0, sizeof(seed));
    return *out != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "no memory for a key");
}

/* New keys for this process, with the owner's certificates for them. */
int moot__host_keys(struct moot_host *h, struct moot_json *body, struct moot_error *err)
{
    char hex[MOOT_HEX_SIZE];
    moot__hex(moot__key_bytes(h->o.owner), 32, hex);
    int status = make_key(h, &h->host_key, err);
    if (status != MOOT_OK)
        return status;
    status |= moot__json_set_text(body, "owner", hex);
    status |=
        moot__json_set(body, "host", moot__cert_make(h->o.owner, h->run_id, "host", h->host_key));
    struct moot_json *certs = moot__json_new(MOOT_JSON_ARRAY);
    for (size_t i = 0; i < h->o.crew->participant_count && status == MOOT_OK; i++) {
        const char *id = h->o.crew->participants[i].id;
        struct moot_key *key = NULL;
        status = make_key(h, &key, err);
        if (status == MOOT_OK && moot__map_put(&h->keys, id, key) != MOOT_OK) {
            moot__key_free(key);
            status = MOOT_ENOMEM;
        }
        if (status == MOOT_OK)
            status = moot__json_add(certs, moot__cert_make(h->o.owner, h->run_id, id, key));
    }
    int set = moot__json_set(body, "keys", certs);
    return status == MOOT_OK && set == MOOT_OK ? MOOT_OK : MOOT_ENOMEM;
}

static int genesis_versions(const struct moot_host *h, struct moot_json *body)
{
    struct moot_json *versions = moot__json_new(MOOT_JSON_OBJECT);
    int status = MOOT_OK;
    for (size_t i = 0; i < h->o.crew->participant_count; i++) {
        const struct moot_agent_ops *ops = h->o.crew->participants[i].ops;
        status |= moot__json_set_int(versions, ops->name, ops->version);
    }
    return status | moot__json_set(body, "versions", versions);
}

static int genesis_crew(const struct moot_host *h, struct moot_json *body, struct moot_error *err)
{
    struct moot_buf b;
    moot__buf_init(&b, MOOT_MAX_BODY);
    int status = moot__json_write_canonical(h->o.crew->resolved, &b, err);
    uint8_t hash[MOOT_HASH_SIZE];
    char hex[MOOT_HEX_SIZE];
    moot__hash(moot__buf_text(&b), b.len, hash);
    moot__hex(hash, MOOT_HASH_SIZE, hex);
    moot__buf_release(&b);
    if (status != MOOT_OK)
        return moot__fail_wrap(err, "crew %s", h->o.crew->name);
    status |= moot__json_set(body, "crew", moot__json_copy(h->o.crew->resolved));
    status |= moot__json_set_text(body, "crew_hash", hex);
    return status;
}

/* Where replies come from, or whose run this one goes on with. */
int moot__host_origin(const struct moot_host *h, struct moot_json *body)
{
    struct moot_recording_source from;
    struct moot_json *origin = moot__json_new(MOOT_JSON_OBJECT);
    char link[MOOT_HEX_SIZE];
    moot__recording_source(h->o.recording, &from);
    if (h->o.resume) { /* a fork's beginning stands in its own journal */
        from.seq = moot__journal_seq(h->journal);
        memcpy(from.link, moot__journal_link(h->journal), sizeof(from.link));
    }
    moot__hex(from.link, MOOT_HASH_SIZE, link);
    int status = moot__json_set_text(origin, "file", from.path);
    if (from.run[0] != '\0') {
        status |= moot__json_set_text(origin, "run", from.run);
        status |= moot__json_set_int(origin, "seq", from.seq);
        status |= moot__json_set_text(origin, "link", link);
    }
    status |= moot__json_set(body, h->o.forked ? "forked" : "replayed", origin);
    return status == MOOT_OK ? MOOT_OK : MOOT_ENOMEM;
}

static int insert_genesis(struct moot_host *h, struct moot_error *err)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int status = body != NULL ? moot__host_keys(h, body, err) : MOOT_ENOMEM;
    if (status == MOOT_OK)
        status = genesis_crew(h, body, err);
    status |= moot__host_approvers(h, body);
    status |= genesis_versions(h, body);
    status |= moot__json_set_text(body, "moot", MOOT_VERSION);
    if (h->o.crew_file != NULL)
        status |= moot__json_set_text(body, "file", h->o.crew_file);
    status |= moot__json_set_int(body, "seed", h->o.seed);
    status |= moot__json_set_text(body, "date", h->date);
    status |= moot__json_set_int(body, "items", (int64_t)h->item_count);
    status |= moot__json_set_text(body, "item_name", h->o.crew->item_name);
    if (h->o.only != NULL) {
        status |= moot__json_set_text(body, "only", h->o.only);
        status |= moot__json_set_text(body, "only_agent", h->o.only_agent);
    }
    if (h->o.dry_run)
        status |= moot__json_set_bool(body, "dry_run", true);
    if (h->o.recording != NULL)
        status |= moot__host_origin(h, body);
    if (status != MOOT_OK) {
        moot__json_free(body);
        return err->code != MOOT_OK ? err->code : moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    return moot__host_insert(h, moot__host_message(h, MOOT_GENESIS, "", "host"), body, err);
}

/* The items stand in the journal before any is opened: a resume needs no file. */
static int insert_items(struct moot_host *h, struct moot_error *err)
{
    for (size_t i = 0; i < h->item_count; i++) {
        struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
        char *input = moot__json_string(h->items[i].input);
        int status = input != NULL ? moot__json_set_int(body, "item", (int64_t)i + 1) : MOOT_ENOMEM;
        if (status == MOOT_OK)
            status = moot__json_set_text(body, "name", h->items[i].name);
        if (status == MOOT_OK)
            status = moot__json_set_text(body, "input", input);
        free(input);
        if (status != MOOT_OK) {
            moot__json_free(body);
            return moot__fail(err, MOOT_ENOMEM, "out of memory");
        }
        status = moot__host_insert(h, moot__host_message(h, MOOT_MSG, "", "host"), body, err);
        if (status != MOOT_OK)
            return status;
    }
    return MOOT_OK;
}

/* What pinned arguments may name: the item, by its name and as `item`. */
static struct moot_json *item_scope(const struct moot_host *h, const struct moot_json *input)
{
    const char *name = h->o.crew->item_name;
    struct moot_json *scope = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set_text(scope, MOOT_SCOPE_ITEM, name);
    status |= moot__json_set(scope, "item", moot__scope_own(input));
    status |= moot__json_set(scope, name, moot__json_copy(input));
    if (status == MOOT_OK)
        return scope;
    moot__json_free(scope);
    return NULL;
}

static int item_init(struct moot_host *h, size_t i, const struct moot_json *input)
{
    struct moot_item *item = &h->items[i];
    char path[24];
    snprintf(path, sizeof(path), "%zu", i + 1);
    item->path = strdup(path);
    item->name = strdup(moot__json_get_text(input, "name", path));
    item->input = moot__json_copy(input);
    item->scope = item_scope(h, input);
    bool made = item->path != NULL && item->name != NULL && item->input != NULL;
    return made && item->scope != NULL ? MOOT_OK : MOOT_ENOMEM;
}

int moot__host_items(struct moot_host *h, const struct moot_json *items, struct moot_error *err)
{
    h->item_count = moot__json_count(items);
    h->items = calloc(h->item_count > 0 ? h->item_count : 1, sizeof(*h->items));
    if (h->items == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    size_t i = 0;
    for (const struct moot_json *item = moot__json_first(items); item != NULL;
         item = moot__json_next(item)) {
        if (item_init(h, i++, item) != MOOT_OK)
            return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    return MOOT_OK;
}

int moot__host_begin(struct moot_host *h, struct moot_error *err)
{
    int status = moot__host_items(h, h->o.items, err);
    if (status == MOOT_OK)
        status = insert_genesis(h, err);
    if (status == MOOT_OK)
        status = insert_items(h, err);
    return status;
}

static int admit_one(struct moot_host *h, struct moot_item *item, struct moot_error *err)
{
    const char *who = h->o.only != NULL ? h->o.only_agent : h->o.crew->manager;
    struct moot_message *m = moot__host_message(h, MOOT_OPEN, item->path, "host");
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    char *input = moot__json_string(item->input);
    struct moot_json *names = moot__json_new(MOOT_JSON_ARRAY);
    int status = m != NULL && input != NULL ? MOOT_OK : MOOT_ENOMEM;
    status |= moot__json_add(names, moot__json_new_text(who));
    bool talks = h->o.only == NULL && h->o.crew->member_count > 0;
    for (size_t i = 0; talks && i < h->o.crew->member_count; i++)
        status |= moot__json_add(names, moot__json_new_text(h->o.crew->members[i]));
    if (talks || h->o.crew->draws)
        status |= moot__json_set_int(body, "seed", h->o.seed);
    status |= moot__json_set(body, "participants", names);
    if (status == MOOT_OK) {
        bool file = moot__json_get(item->input, "path") != NULL;
        status |= moot__json_set_text(body, "input", input);
        status |= moot__json_set_int(body, "attempt", 1);
        status |= moot__json_set_int(body, "at", moot__host_at(h));
        status |= moot__message_set(&m->item, item->name);
        status |= moot__message_set(&m->task, h->o.only);
        status |= moot__message_add(&m->to, &m->to_count, who);
        for (size_t i = 0; talks && i < h->o.crew->member_count; i++)
            status |= moot__message_add(&m->to, &m->to_count, h->o.crew->members[i]);
        status |= moot__message_add(&m->prov, &m->prov_count, file ? "file" : "user");
    }
    free(input);
    if (status != MOOT_OK) {
        moot__json_free(body);
        moot__message_unref(m);
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    item->state = MOOT_ITEM_OPEN;
    h->next_item++;
    return moot__host_insert(h, m, body, err);
}

/* An item that only waits for a person holds no place. */
static size_t items_working(const struct moot_host *h)
{
    size_t count = 0;
    bool busy = h->queue_count > h->queue_head;
    for (size_t i = h->first_open; i < h->next_item; i++) {
        const struct moot_item *item = &h->items[i];
        count += item->state == MOOT_ITEM_OPEN && (busy || !moot__host_idle(item));
    }
    return count;
}

int moot__host_admit(struct moot_host *h, struct moot_error *err)
{
    size_t jobs = h->o.jobs > 0 ? (size_t)h->o.jobs : 4;
    int status = MOOT_OK;
    while (status == MOOT_OK && !h->stopping && h->next_item < h->item_count &&
           items_working(h) < jobs) {
        const struct moot_item *item = &h->items[h->next_item];
        status = admit_one(h, &h->items[h->next_item], err);
        if (status == MOOT_OK)
            status = moot__host_drain(h, err);
        if (status == MOOT_OK && h->time_over && item->state == MOOT_ITEM_OPEN)
            status = moot__host_end_limit(h, item->path, "the run", err);
    }
    return status;
}
