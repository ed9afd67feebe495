#include "runtime/post.h"

#include "runtime/file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <unistd.h>

static const char SUFFIX[] = ".post";

int moot__post_write(const char *dir, const struct moot_message *m, struct moot_error *err)
{
    if (m->statement == NULL || m->nonce == NULL || !m->has_sig || m->path.of != 0 || m->seq >= 0 ||
        m->body == NULL)
        return moot__fail(err, MOOT_EINVAL, "only a signed statement with a nonce can be posted");
    char name[MOOT_HEX_SIZE + sizeof(SUFFIX)];
    moot__hex(m->id, MOOT_HASH_SIZE, name);
    memcpy(name + MOOT_HEX_SIZE - 1, SUFFIX, sizeof(SUFFIX));
    struct moot_buf line;
    moot__buf_init(&line, MOOT_POST_SIZE);
    moot__message_export(m, &line);
    int status = moot__buf_addc(&line, '\n');
    if (status != MOOT_OK)
        moot__fail(err, status, "what is posted is %s", moot__status_text(status));
    if (status == MOOT_OK)
        status = moot__make_dirs(dir, err);
    if (status == MOOT_OK)
        status = moot__file_replace(dir, name, line.data, line.len, err);
    moot__buf_release(&line);
    return status;
}

/* ---- scanning ---- */

/* A file of the folder, read and checked. */
struct post {
    char id[MOOT_HEX_SIZE]; /* its name without the suffix; "" when it is no id */
    char name[NAME_MAX + 1];
    struct moot_message *m; /* NULL: refused */
    struct moot_error bad;
};

static int check_author(const struct moot_message *m, const struct moot_key *const *keys,
                        size_t count, struct moot_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (m->kid != NULL && strcmp(m->kid, moot__key_kid(keys[i])) == 0)
            return moot__sign_check(keys[i], m, err);
    return moot__fail(err, MOOT_EKEY, "'%.60s' may not sign it with key %s", m->from,
                      m->kid != NULL ? m->kid : "(none)");
}

static int check_statement(const struct moot_message *m, const char *run, int64_t now_wall,
                           struct moot_error *err)
{
    if (m->nonce == NULL || m->seq >= 0 || m->body == NULL || m->path.of != 0)
        return moot__fail(err, MOOT_EMALFORMED, "not a statement for posting");
    if (strcmp(m->run, run) != 0)
        return moot__fail(err, MOOT_EKEY, "it is about another run");
    /* The host speaks for itself, in its own process. */
    if (strcmp(m->from, MOOT_HOST) == 0)
        return moot__fail(err, MOOT_EKEY, "nobody posts as the host");
    if (m->exp < now_wall)
        return moot__fail(err, MOOT_ETIMEOUT, "it has expired");
    return MOOT_OK;
}

static int read_post(const char *path, struct moot_message **out, struct moot_error *err)
{
    struct moot_buf line;
    moot__buf_init(&line, MOOT_POST_SIZE);
    int status = moot__file_read(path, &line, err);
    if (status == MOOT_OK && (line.len == 0 || line.data[line.len - 1] != '\n'))
        status = moot__fail(err, MOOT_EMALFORMED, "its line does not end");
    if (status == MOOT_OK)
        status = moot__message_import(line.data, line.len - 1, out, err);
    moot__buf_release(&line);
    return status;
}

static void take_post(struct post *p, const char *dir, const char *run,
                      const struct moot_key *const *keys, size_t count, int64_t now_wall)
{
    char path[PATH_MAX];
    struct moot_message *m = NULL;
    snprintf(path, sizeof(path), "%s/%s", dir, p->name);
    int status = read_post(path, &m, &p->bad);
    char id[MOOT_HEX_SIZE] = "";
    if (status == MOOT_OK) {
        moot__hex(m->id, MOOT_HASH_SIZE, id);
        if (strcmp(id, p->id) != 0)
            status = moot__fail(&p->bad, MOOT_EMALFORMED, "its name is not its id");
    }
    if (status == MOOT_OK)
        status = check_statement(m, run, now_wall, &p->bad);
    if (status == MOOT_OK)
        status = check_author(m, keys, count, &p->bad);
    if (status == MOOT_OK) {
        p->m = m;
        return;
    }
    moot__message_unref(m);
    moot__fail_wrap(&p->bad, "%s", path);
}

static bool is_post(const char *name)
{
    size_t len = strlen(name);
    return name[0] != '.' && len > sizeof(SUFFIX) - 1 && len <= NAME_MAX &&
           strcmp(name + len - (sizeof(SUFFIX) - 1), SUFFIX) == 0;
}

static void name_post(struct post *p, const char *name)
{
    size_t stem = strlen(name) - (sizeof(SUFFIX) - 1);
    memset(p, 0, sizeof(*p));
    snprintf(p->name, sizeof(p->name), "%s", name);
    if (stem < sizeof(p->id))
        memcpy(p->id, name, stem);
}

static int list_posts(const char *dir, struct post *posts, size_t *count, struct moot_error *err)
{
    *count = 0;
    DIR *d = opendir(dir);
    if (d == NULL && errno == ENOENT)
        return MOOT_OK;
    if (d == NULL) {
        moot__file_fail(err, dir, "read");
        return MOOT_EIO;
    }
    const struct dirent *e;
    while (*count < MOOT_POST_BATCH && (e = readdir(d)) != NULL)
        if (is_post(e->d_name))
            name_post(&posts[(*count)++], e->d_name);
    closedir(d);
    return MOOT_OK;
}

/* In the order in which they were said; what is refused comes first. */
static int compare(const void *a, const void *b)
{
    const struct post *x = a;
    const struct post *y = b;
    int64_t at_x = x->m != NULL ? x->m->ts : -1;
    int64_t at_y = y->m != NULL ? y->m->ts : -1;
    if (at_x != at_y)
        return at_x < at_y ? -1 : 1;
    return strcmp(x->name, y->name);
}

int moot__post_scan(const char *dir, const char *run, const struct moot_key *const *keys,
                    size_t count, int64_t now_wall,
                    int (*each)(void *arg, const char *id, struct moot_message *m,
                                const struct moot_error *bad),
                    void *arg, struct moot_error *err)
{
    struct post *posts = malloc(MOOT_POST_BATCH * sizeof(*posts));
    size_t post_count = 0;
    if (posts == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int status = list_posts(dir, posts, &post_count, err);
    for (size_t i = 0; i < post_count; i++)
        take_post(&posts[i], dir, run, keys, count, now_wall);
    if (post_count > 1)
        qsort(posts, post_count, sizeof(*posts), compare);
    for (size_t i = 0; i < post_count; i++) {
        struct post *p = &posts[i];
        p->name[strlen(p->name) - (sizeof(SUFFIX) - 1)] = '\0';
        if (status == MOOT_OK)
            status = each(arg, p->name, p->m, p->m == NULL ? &p->bad : NULL);
        moot__message_unref(p->m);
    }
    free(posts);
    return status;
}

int moot__post_remove(const char *dir, const char *id, struct moot_error *err)
{
    char path[PATH_MAX];
    if (id[0] == '.' || strchr(id, '/') != NULL)
        return moot__fail(err, MOOT_EINVAL, "'%.80s' is no post", id);
    snprintf(path, sizeof(path), "%s/%s%s", dir, id, SUFFIX);
    if (unlink(path) == 0 || errno == ENOENT)
        return MOOT_OK;
    moot__file_fail(err, path, "removed");
    return MOOT_EIO;
}
