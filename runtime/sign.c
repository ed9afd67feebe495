#include "runtime/sign.h"

#include "runtime/file.h"
#include "runtime/merkle.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BATCH_MIN = 4, /* from here one signature over a root is cheaper than one each */
    SEED_SIZE = crypto_sign_SEEDBYTES,
    KEY_TEXT = 2 * SEED_SIZE, /* hex digits in a key file */
};

_Static_assert(crypto_sign_BYTES == MOOT_SIG_SIZE, "Ed25519");
_Static_assert(crypto_sign_PUBLICKEYBYTES == 32, "Ed25519");

struct moot_key {
    unsigned char *secret; /* sodium_malloc'ed, or NULL: a public key */
    uint8_t bytes[crypto_sign_PUBLICKEYBYTES];
    char kid[MOOT_KID_TEXT];
};

/* ---- keys ---- */

static void make_kid(struct moot_key *k)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    struct moot_hash h;
    uint8_t hash[MOOT_HASH_SIZE];
    moot__hash_init(&h);
    moot__hash_add(&h, "kid-v1", 6);
    moot__hash_add(&h, k->bytes, sizeof(k->bytes));
    moot__hash_end(&h, hash);
    for (size_t i = 0; i + 1 < sizeof(k->kid); i++) {
        size_t bit = 5 * i;
        unsigned two = (unsigned)hash[bit / 8] << 8;
        if (bit / 8 + 1 < 16) /* the bits beyond the 128 are zero */
            two |= hash[bit / 8 + 1];
        k->kid[i] = digits[two >> (11 - bit % 8) & 31];
    }
    k->kid[sizeof(k->kid) - 1] = '\0';
}

int moot__sign_prepare(void)
{
    return sodium_init() >= 0 ? MOOT_OK : MOOT_EIO;
}

struct moot_key *moot__key_from_seed(const uint8_t seed[32])
{
    if (moot__sign_prepare() != MOOT_OK)
        return NULL;
    struct moot_key *k = calloc(1, sizeof(*k));
    if (k == NULL)
        return NULL;
    k->secret = sodium_malloc(crypto_sign_SECRETKEYBYTES);
    if (k->secret == NULL) {
        free(k);
        return NULL;
    }
    crypto_sign_seed_keypair(k->bytes, k->secret, seed);
    make_kid(k);
    return k;
}

int moot__key_public(const uint8_t public_key[32], struct moot_key **out, struct moot_error *err)
{
    /* Under a point of low order anybody can sign anything. */
    if (moot__sign_prepare() != MOOT_OK || crypto_core_ed25519_is_valid_point(public_key) != 1)
        return moot__fail(err, MOOT_EKEY, "not a public key that can be trusted (Ed25519)");
    struct moot_key *k = calloc(1, sizeof(*k));
    if (k == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    memcpy(k->bytes, public_key, sizeof(k->bytes));
    make_kid(k);
    *out = k;
    return MOOT_OK;
}

void moot__key_free(struct moot_key *k)
{
    if (k == NULL)
        return;
    sodium_free(k->secret); /* wipes it */
    free(k);
}

const uint8_t *moot__key_bytes(const struct moot_key *k)
{
    return k->bytes;
}

const char *moot__key_kid(const struct moot_key *k)
{
    return k->kid;
}

/* ---- folders ---- */

static char *dir_below(const char *variable, const char *home_part, const char *part)
{
    const char *base = getenv(variable);
    const char *middle = "";
    if (base == NULL || base[0] != '/') { /* a relative one is to be ignored, says the standard */
        base = getenv("HOME");
        middle = home_part;
    }
    if (base == NULL || base[0] != '/')
        return NULL;
    struct moot_buf path;
    moot__buf_init(&path, PATH_MAX);
    moot__buf_addf(&path, "%s%s%s", base, middle, part);
    return moot__buf_take(&path);
}

char *moot__dir_keys(void)
{
    return dir_below("XDG_CONFIG_HOME", "/.config", "/folkmoot/keys");
}

char *moot__dir_config(void)
{
    return dir_below("XDG_CONFIG_HOME", "/.config", "/folkmoot");
}

char *moot__dir_cache(void)
{
    return dir_below("XDG_CACHE_HOME", "/.cache", "/folkmoot");
}

char *moot__dir_state(void)
{
    return dir_below("XDG_STATE_HOME", "/.local/state", "/folkmoot");
}

/* ---- the owner's key ---- */

static int refuse_key(struct moot_error *err, const char *path, const char *why)
{
    return moot__fail(err, MOOT_EKEY, "the key %s is not used: %s", path, why);
}

/* Whether what is open may hold a key: nobody else can read or replace it. */
static int check_private(int fd, const char *path, mode_t type, struct moot_error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        moot__file_fail(err, path, "read");
        return MOOT_EIO;
    }
    if ((st.st_mode & S_IFMT) != type)
        return refuse_key(err, path, type == S_IFDIR ? "not a folder" : "not a regular file");
    if (st.st_uid != geteuid())
        return refuse_key(err, path, "it belongs to another user");
    if ((st.st_mode & 077) != 0) {
        int code = refuse_key(err, path, "others than its owner may get at it");
        moot__fail_hint(err, "chmod %s %s", type == S_IFDIR ? "700" : "600", path);
        return code;
    }
    return MOOT_OK;
}

/* Reads 64 hex digits and perhaps a newline from `fd` and makes the key. */
static int read_key(int fd, const char *path, struct moot_key **out, struct moot_error *err)
{
    char text[KEY_TEXT + 2];
    uint8_t seed[SEED_SIZE];
    size_t len = 0;
    ssize_t got = 1;
    while (len < sizeof(text) && got != 0) {
        got = read(fd, text + len, sizeof(text) - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            break;
        len += (size_t)got;
    }
    int status = MOOT_OK;
    if (got < 0) {
        moot__file_fail(err, path, "read");
        status = MOOT_EIO;
    }
    if (status == MOOT_OK && len == KEY_TEXT + 1 && text[KEY_TEXT] == '\n')
        len--;
    text[len < sizeof(text) ? len : sizeof(text) - 1] = '\0';
    if (status == MOOT_OK && (len != KEY_TEXT || !moot__unhex(text, seed, sizeof(seed))))
        status = refuse_key(err, path, "it does not hold 64 lower-case hex digits");
    if (status == MOOT_OK) {
        *out = moot__key_from_seed(seed);
        if (*out == NULL)
            status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    sodium_memzero(text, sizeof(text));
    sodium_memzero(seed, sizeof(seed));
    return status;
}

/* The key that a supervisor hands over through a descriptor; it is closed behind us so that no
 * child sees it. */
static int read_key_fd(const char *number, struct moot_key **out, struct moot_error *err)
{
    int64_t fd = -1;
    if (!moot__int_parse(number, &fd) || fd < 0 || fd > INT_MAX)
        return moot__fail(err, MOOT_EKEY, "MOOT_KEY_FD is not the number of a descriptor: '%.40s'",
                          number);
    int status = read_key((int)fd, "of MOOT_KEY_FD", out, err);
    close((int)fd);
    return status;
}

static int open_key_dir(const char *dir, bool make, int *out, struct moot_error *err)
{
    int status = make ? moot__make_dirs(dir, err) : MOOT_OK;
    if (status != MOOT_OK)
        return status;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
        return refuse_key(err, dir, "its folder is a symbolic link or none");
    if (fd < 0)
        return moot__file_fail(err, dir, "opened");
    status = check_private(fd, dir, S_IFDIR, err);
    if (status == MOOT_OK)
        *out = fd;
    else
        close(fd);
    return status;
}

enum { KEY_FILE_MAX = MOOT_MAX_ID + 8 };

/* Makes the file if nobody else has; whoever links first wins. */
static int make_key_file(int dir, const char *file, const char *path, bool *made,
                         struct moot_error *err)
{
    char text[KEY_TEXT + 2];
    uint8_t seed[SEED_SIZE];
    char tmp[KEY_FILE_MAX + 32];
    snprintf(tmp, sizeof(tmp), ".%s.%ld.tmp", file, (long)getpid());
    unlinkat(dir, tmp, 0);
    int fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        moot__file_fail(err, path, "made");
        return MOOT_EIO;
    }
    if (moot__sign_prepare() != MOOT_OK)
        abort(); /* without randomness there is no key */
    randombytes_buf(seed, sizeof(seed));
    moot__hex(seed, sizeof(seed), text);
    text[KEY_TEXT] = '\n';
    bool ok = write(fd, text, KEY_TEXT + 1) == KEY_TEXT + 1 && fsync(fd) == 0;
    int why = errno;
    sodium_memzero(text, sizeof(text));
    sodium_memzero(seed, sizeof(seed));
    close(fd);
    if (ok) {
        *made = linkat(dir, tmp, dir, file, 0) == 0;
        why = errno;
        ok = (*made && fsync(dir) == 0) || why == EEXIST;
    }
    unlinkat(dir, tmp, 0);
    if (ok)
        return MOOT_OK;
    errno = why;
    moot__file_fail(err, path, "made");
    return MOOT_EIO;
}

static int load_key_file(int dir, const char *file, const char *path, struct moot_key **out,
                         struct moot_error *err)
{
    /* Checked on the descriptor that is read from, so a swap in between changes nothing. */
    int fd = openat(dir, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ELOOP)
        return refuse_key(err, path, "it is a symbolic link");
    if (fd < 0)
        return moot__file_fail(err, path, "opened");
    int status = check_private(fd, path, S_IFREG, err);
    if (status == MOOT_OK)
        status = read_key(fd, path, out, err);
    close(fd);
    return status;
}

static int named_key(const char *dir, const char *file, bool make, bool *made,
                     struct moot_key **out, struct moot_error *err)
{
    int fd = -1;
    int status = open_key_dir(dir, make, &fd, err);
    if (status != MOOT_OK)
        return status;
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", dir, file);
    status = load_key_file(fd, file, path, out, err);
    if (status == MOOT_ENOTFOUND && make) {
        status = make_key_file(fd, file, path, made, err);
        if (status == MOOT_OK)
            status = load_key_file(fd, file, path, out, err);
    }
    close(fd);
    return status;
}

int moot__key_owner(const char *dir, bool make, bool *made, struct moot_key **out,
                    struct moot_error *err)
{
    const char *number = getenv("MOOT_KEY_FD");
    bool was_made = false;
    int status = number != NULL ? read_key_fd(number, out, err)
                                : named_key(dir, "owner.key", make, &was_made, out, err);
    if (made != NULL)
        *made = was_made;
    return status;
}

int moot__key_person(const char *dir, const char *id, bool make, bool *made, struct moot_key **out,
                     struct moot_error *err)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    char file[KEY_FILE_MAX];
    *made = false;
    if (id[0] == '\0' || id[strspn(id, safe)] != '\0' || strlen(id) > MOOT_MAX_ID)
        return moot__fail(err, MOOT_EINVAL, "'%.80s' is no id of a person", id);
    if (strcmp(id, "owner") == 0)
        return moot__key_owner(dir, make, made, out, err);
    snprintf(file, sizeof(file), "%s.key", id);
    return named_key(dir, file, make, made, out, err);
}

/* ---- signatures ---- */

/* DSSE's pre-authentication encoding: no signature for one type fits another. The caller frees. */
static unsigned char *pae(const char *type, const void *data, size_t len, size_t *out_len)
{
    char head[160];
    int head_len = snprintf(head, sizeof(head), "DSSEv1 %zu %s %zu ", strlen(type), type, len);
    MOOT_ASSERT(head_len > 0 && (size_t)head_len < sizeof(head));
    unsigned char *bytes = malloc((size_t)head_len + len);
    if (bytes == NULL)
        return NULL;
    memcpy(bytes, head, (size_t)head_len);
    if (len > 0)
        memcpy(bytes + head_len, data, len);
    *out_len = (size_t)head_len + len;
    return bytes;
}

int moot__sign(const struct moot_key *k, const char *type, const void *data, size_t len,
               uint8_t sig[MOOT_SIG_SIZE])
{
    MOOT_ASSERT(k->secret != NULL);
    size_t pae_len = 0;
    unsigned char *bytes = pae(type, data, len, &pae_len);
    if (bytes == NULL)
        return MOOT_ENOMEM;
    crypto_sign_detached(sig, NULL, bytes, pae_len, k->secret);
    free(bytes);
    return MOOT_OK;
}

bool moot__verify(const struct moot_key *k, const char *type, const void *data, size_t len,
                  const uint8_t sig[MOOT_SIG_SIZE])
{
    size_t pae_len = 0;
    unsigned char *bytes = pae(type, data, len, &pae_len);
    bool good = bytes != NULL && crypto_sign_verify_detached(sig, bytes, pae_len, k->bytes) == 0;
    free(bytes);
    return good;
}

static int sign_each(const struct moot_key *k, struct moot_message **messages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct moot_text *s = messages[i]->statement;
        int status = moot__sign(k, MOOT_PAE_MESSAGE, s->data, s->len, messages[i]->sig);
        if (status != MOOT_OK)
            return status;
        messages[i]->has_sig = true;
    }
    return MOOT_OK;
}

static int sign_root(const struct moot_key *k, struct moot_message **messages, size_t count)
{
    uint8_t(*ids)[MOOT_HASH_SIZE] = malloc(count * sizeof(*ids));
    struct moot_merkle_path *paths = calloc(count, sizeof(*paths));
    uint8_t root[MOOT_HASH_SIZE];
    uint8_t sig[MOOT_SIG_SIZE];
    int status = ids != NULL && paths != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (size_t i = 0; i < count && status == MOOT_OK; i++)
        memcpy(ids[i], messages[i]->id, MOOT_HASH_SIZE);
    if (status == MOOT_OK)
        status = moot__merkle_make((const uint8_t(*)[MOOT_HASH_SIZE])ids, count, paths, root);
    bool have_paths = status == MOOT_OK;
    if (status == MOOT_OK)
        status = moot__sign(k, MOOT_PAE_ROOT, root, sizeof(root), sig);
    for (size_t i = 0; i < count && have_paths; i++) {
        if (status != MOOT_OK) {
            free(paths[i].h);
            continue;
        }
        memcpy(messages[i]->sig, sig, sizeof(sig));
        messages[i]->has_sig = true;
        free(messages[i]->path.h);
        messages[i]->path = paths[i];
    }
    free(ids);
    free(paths);
    return status;
}

int moot__sign_batch(const struct moot_key *k, struct moot_message **messages, size_t count,
                     struct moot_error *err)
{
    for (size_t i = 0; i < count; i++) {
        MOOT_ASSERT(messages[i]->statement != NULL);
        if (messages[i]->kid == NULL || strcmp(messages[i]->kid, k->kid) != 0)
            return moot__fail(err, MOOT_EINVAL, "a statement of '%.60s' names another key",
                              moot_message_from(messages[i]));
    }
    int status = count < BATCH_MIN ? sign_each(k, messages, count) : sign_root(k, messages, count);
    return status == MOOT_OK ? MOOT_OK : moot__fail(err, status, "out of memory while signing");
}

int moot__sign_check(const struct moot_key *k, const struct moot_message *m, struct moot_error *err)
{
    MOOT_ASSERT(m->statement != NULL);
    if (!m->has_sig)
        return moot__fail(err, MOOT_ESIGNATURE, "a %s of '%.60s' is not signed",
                          moot_kind_text(m->kind), moot_message_from(m));
    bool good = m->kid != NULL && strcmp(m->kid, k->kid) == 0;
    if (good && m->path.of == 0) {
        good = moot__verify(k, MOOT_PAE_MESSAGE, m->statement->data, m->statement->len, m->sig);
    } else if (good) {
        uint8_t root[MOOT_HASH_SIZE];
        good = moot__merkle_root(&m->path, m->id, root) &&
               moot__verify(k, MOOT_PAE_ROOT, root, sizeof(root), m->sig);
    }
    if (good)
        return MOOT_OK;
    return moot__fail(err, MOOT_ESIGNATURE, "the signature of a %s of '%.60s' is wrong",
                      moot_kind_text(m->kind), moot_message_from(m));
}

/* ---- certificates ---- */

/* What the owner signs: {"key":…,"name":…,"run":…}. */
static int cert_bytes(const char *run, const char *name, const uint8_t key[32],
                      struct moot_buf *out)
{
    char hex[MOOT_HEX_SIZE];
    moot__hex(key, 32, hex);
    moot__buf_init(out, MOOT_MAX_STATEMENT);
    moot__buf_addf(out, "{\"key\":\"%s\",\"name\":", hex);
    moot__buf_add_json(out, name, strlen(name));
    moot__buf_adds(out, ",\"run\":");
    moot__buf_add_json(out, run, strlen(run));
    return moot__buf_addc(out, '}');
}

struct moot_json *moot__cert_make(const struct moot_key *owner, const char *run, const char *name,
                                  const struct moot_key *subject)
{
    struct moot_buf bytes;
    uint8_t sig[MOOT_SIG_SIZE];
    char hex[2 * MOOT_SIG_SIZE + 1];
    int status = cert_bytes(run, name, subject->bytes, &bytes);
    if (status == MOOT_OK)
        status = moot__sign(owner, MOOT_PAE_CERT, bytes.data, bytes.len, sig);
    moot__buf_release(&bytes);
    struct moot_json *cert = status == MOOT_OK ? moot__json_new(MOOT_JSON_OBJECT) : NULL;
    if (cert == NULL)
        return NULL;
    status = moot__json_set_text(cert, "name", name);
    moot__hex(subject->bytes, sizeof(subject->bytes), hex);
    if (status == MOOT_OK)
        status = moot__json_set_text(cert, "key", hex);
    if (status == MOOT_OK)
        status = moot__json_set_text(cert, "run", run);
    moot__hex(sig, sizeof(sig), hex);
    if (status == MOOT_OK)
        status = moot__json_set_text(cert, "sig", hex);
    if (status == MOOT_OK)
        return cert;
    moot__json_free(cert);
    return NULL;
}

int moot__cert_check(const struct moot_key *owner, const char *run, const struct moot_json *cert,
                     struct moot_key **out, struct moot_error *err)
{
    const char *name = moot__json_get_text(cert, "name", NULL);
    const char *key = moot__json_get_text(cert, "key", NULL);
    const char *of = moot__json_get_text(cert, "run", NULL);
    const char *sig_hex = moot__json_get_text(cert, "sig", NULL);
    uint8_t bytes[32];
    uint8_t sig[MOOT_SIG_SIZE];
    if (name == NULL || of == NULL || key == NULL || !moot__unhex(key, bytes, sizeof(bytes)) ||
        sig_hex == NULL || !moot__unhex(sig_hex, sig, sizeof(sig)))
        return moot__fail(err, MOOT_EMALFORMED, "a key's certificate is not {name, key, run, sig}");
    if (strcmp(run, of) != 0)
        return moot__fail(err, MOOT_EKEY, "the key of '%.60s' is certified for another run", name);
    struct moot_key *subject = NULL;
    int status = moot__key_public(bytes, &subject, err);
    if (status != MOOT_OK)
        return status;
    struct moot_buf signed_bytes;
    status = cert_bytes(of, name, bytes, &signed_bytes);
    if (status != MOOT_OK)
        moot__fail(err, status, "out of memory");
    else if (!moot__verify(owner, MOOT_PAE_CERT, signed_bytes.data, signed_bytes.len, sig))
        status =
            moot__fail(err, MOOT_EKEY, "the key of '%.60s' is not certified by the owner", name);
    moot__buf_release(&signed_bytes);
    if (status == MOOT_OK)
        *out = subject;
    else
        moot__key_free(subject);
    return status;
}

/* ---- heads ---- */

static bool is_run(const char *run)
{
    return strlen(run) == MOOT_RUN_TEXT - 1 && strspn(run, "0123456789abcdef") == MOOT_RUN_TEXT - 1;
}

int moot__head_store(const char *state_dir, const char *run, int64_t seq,
                     const uint8_t link[MOOT_HASH_SIZE], struct moot_error *err)
{
    MOOT_ASSERT(is_run(run)); /* it becomes a file name */
    char dir[PATH_MAX];
    char hex[MOOT_HEX_SIZE];
    char text[MOOT_HEX_SIZE + 24];
    snprintf(dir, sizeof(dir), "%s/heads", state_dir);
    int status = moot__make_dirs(dir, err);
    if (status != MOOT_OK)
        return status;
    moot__hex(link, MOOT_HASH_SIZE, hex);
    int len = snprintf(text, sizeof(text), "%lld %s\n", (long long)seq, hex);
    return moot__file_replace(dir, run, text, (size_t)len, err);
}

int moot__head_load(const char *state_dir, const char *run, int64_t *seq,
                    uint8_t link[MOOT_HASH_SIZE], struct moot_error *err)
{
    MOOT_ASSERT(is_run(run));
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/heads/%s", state_dir, run);
    struct moot_buf text;
    moot__buf_init(&text, 200);
    int status = moot__file_read(path, &text, err);
    char *space = status == MOOT_OK ? strchr(moot__buf_text(&text), ' ') : NULL;
    char *end = status == MOOT_OK ? strchr(moot__buf_text(&text), '\n') : NULL;
    if (status == MOOT_OK && (space == NULL || end == NULL || end[1] != '\0'))
        status = MOOT_EMALFORMED;
    if (status == MOOT_OK) {
        *space = '\0';
        *end = '\0';
        if (!moot__int_parse(text.data, seq) || *seq < 0 ||
            !moot__unhex(space + 1, link, MOOT_HASH_SIZE))
            status = MOOT_EMALFORMED;
    }
    moot__buf_release(&text);
    if (status == MOOT_EMALFORMED || status == MOOT_ETOOBIG)
        return moot__fail(err, MOOT_EIO, "%s does not hold the newest link of a run", path);
    return status == MOOT_OK || status == MOOT_ENOTFOUND ? status : MOOT_EIO;
}
