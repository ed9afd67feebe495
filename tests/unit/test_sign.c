#include "runtime/sign.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define RUN "00112233445566778899aabbccddeeff"

static struct moot_key *key(uint8_t number)
{
    uint8_t seed[32] = {number};
    struct moot_key *k = moot__key_from_seed(seed);
    assert_non_null(k);
    return k;
}

static void kid_is_frozen(void **state)
{
    (void)state;
    /* RFC 8032, 7.1, test 1 */
    uint8_t seed[32];
    uint8_t public[32];
    assert_true(
        moot__unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", seed, 32));
    assert_true(moot__unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                            public, 32));
    struct moot_key *k = moot__key_from_seed(seed);
    assert_memory_equal(moot__key_bytes(k), public, 32);
    assert_string_equal(moot__key_kid(k), "vyxqtvdntlm5etuiwhwasprbfa");
    struct moot_key *p = NULL;
    assert_int_equal(moot__key_public(public, &p, NULL), MOOT_OK);
    assert_string_equal(moot__key_kid(p), moot__key_kid(k));
    moot__key_free(p);
    moot__key_free(k);
    moot__key_free(NULL);
}

static void low_order_is_refused(void **state)
{
    (void)state;
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    for (size_t i = 0; i < MOOT_COUNT(points); i++) {
        uint8_t bytes[32];
        struct moot_key *k = NULL;
        assert_true(moot__unhex(points[i], bytes, 32));
        assert_int_equal(moot__key_public(bytes, &k, NULL), MOOT_EKEY);
    }
}

static void signatures(void **state)
{
    (void)state;
    struct moot_key *k = key(1);
    struct moot_key *other = key(2);
    uint8_t sig[MOOT_SIG_SIZE];
    assert_int_equal(moot__sign(k, MOOT_PAE_CERT, "abc", 3, sig), MOOT_OK);
    assert_true(moot__verify(k, MOOT_PAE_CERT, "abc", 3, sig));
    assert_false(moot__verify(other, MOOT_PAE_CERT, "abc", 3, sig));
    assert_false(moot__verify(k, MOOT_PAE_MESSAGE, "abc", 3, sig));
    assert_false(moot__verify(k, MOOT_PAE_CERT, "abd", 3, sig));
    for (size_t bit = 0; bit < 8 * sizeof(sig); bit++) {
        sig[bit / 8] = (uint8_t)(sig[bit / 8] ^ 1u << bit % 8);
        assert_false(moot__verify(k, MOOT_PAE_CERT, "abc", 3, sig));
        sig[bit / 8] = (uint8_t)(sig[bit / 8] ^ 1u << bit % 8);
    }
    moot__key_free(other);
    moot__key_free(k);
}

/* S + L is another signature of the same text where S is not checked for its range. */
static void malleated_signature(void **state)
{
    (void)state;
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                      0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                      0,    0,    0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0x10};
    struct moot_key *k = key(1);
    uint8_t sig[MOOT_SIG_SIZE];
    assert_int_equal(moot__sign(k, MOOT_PAE_CERT, "abc", 3, sig), MOOT_OK);
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)sig[32 + i] + order[i];
        sig[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_int_equal(carry, 0);
    assert_false(moot__verify(k, MOOT_PAE_CERT, "abc", 3, sig));
    moot__key_free(k);
}

static struct moot_message *statement(const struct moot_key *k, uint32_t n)
{
    static const uint8_t salt[MOOT_SALT_SIZE];
    struct moot_message *m = moot__message_new(MOOT_MSG);
    moot__message_set(&m->run, RUN);
    moot__message_set(&m->conv, "");
    moot__message_set(&m->from, "analyst");
    moot__message_set(&m->kid, moot__key_kid(k));
    m->n = n;
    assert_int_equal(moot__message_seal(m, moot__json_new(MOOT_JSON_OBJECT), salt, NULL), MOOT_OK);
    return m;
}

static void batches(void **state)
{
    (void)state;
    struct moot_key *k = key(1);
    struct moot_key *other = key(2);
    for (uint32_t count = 0; count <= 9; count++) {
        struct moot_message *m[9];
        for (uint32_t i = 0; i < count; i++) {
            m[i] = statement(k, i + 1);
            assert_int_equal(moot__sign_check(k, m[i], NULL), MOOT_ESIGNATURE);
        }
        assert_int_equal(moot__sign_batch(k, m, count, NULL), MOOT_OK);
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(m[i]->path.of, count < 4 ? 0 : count);
            assert_int_equal(moot__sign_check(k, m[i], NULL), MOOT_OK);
            assert_int_equal(moot__sign_check(other, m[i], NULL), MOOT_ESIGNATURE);
            m[i]->sig[5] ^= 1;
            assert_int_equal(moot__sign_check(k, m[i], NULL), MOOT_ESIGNATURE);
        }
        assert_int_equal(moot__sign_batch(other, m, count, NULL),
                         count == 0 ? MOOT_OK : MOOT_EINVAL);
        for (uint32_t i = 0; i < count; i++)
            moot__message_unref(m[i]);
    }
    moot__key_free(other);
    moot__key_free(k);
}

static void certificates(void **state)
{
    (void)state;
    struct moot_key *owner = key(1);
    struct moot_key *subject = key(2);
    struct moot_json *cert = moot__cert_make(owner, RUN, "an\"alyst", subject);
    struct moot_key *out = NULL;
    assert_int_equal(moot__cert_check(owner, RUN, cert, &out, NULL), MOOT_OK);
    assert_string_equal(moot__key_kid(out), moot__key_kid(subject));
    moot__key_free(out);
    assert_int_equal(moot__cert_check(subject, RUN, cert, &out, NULL), MOOT_EKEY);
    assert_int_equal(moot__cert_check(owner, "ff112233445566778899aabbccddeeff", cert, &out, NULL),
                     MOOT_EKEY);
    assert_int_equal(moot__cert_check(owner, RUN, NULL, &out, NULL), MOOT_EMALFORMED);
    moot__json_set_text(cert, "name", "other");
    assert_int_equal(moot__cert_check(owner, RUN, cert, &out, NULL), MOOT_EKEY);
    moot__json_set_text(cert, "key",
                        "0000000000000000000000000000000000000000000000000000000000000000");
    assert_int_equal(moot__cert_check(owner, RUN, cert, &out, NULL), MOOT_EKEY);
    moot__json_set_text(cert, "sig", "00");
    assert_int_equal(moot__cert_check(owner, RUN, cert, &out, NULL), MOOT_EMALFORMED);
    moot__json_free(cert);
    moot__key_free(subject);
    moot__key_free(owner);
}

/* ---- the key file ---- */

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    memcpy(dir, "/tmp/moot-sign-XXXXXX", 22);
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    char command[200];
    (void)chmod(dir, 0700);
    snprintf(command, sizeof(command), "%s/keys", dir);
    (void)chmod(command, 0700);
    static const char *const files[] = {"keys/owner.key", "keys/real.key",  "keys",  "linked",
                                        "heads/" RUN,     "heads/" RUN "x", "heads", "fd"};
    for (size_t i = 0; i < MOOT_COUNT(files); i++) {
        snprintf(command, sizeof(command), "%s/%s", dir, files[i]);
        (void)remove(command);
    }
    return rmdir(dir);
}

static char *below(const char *name)
{
    static char paths[4][200];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
    return path;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void owner_key_is_made_once(void **state)
{
    (void)state;
    struct moot_key *k = NULL;
    struct moot_key *again = NULL;
    struct moot_error err = {0};
    bool made = true;
    assert_int_equal(moot__key_owner(below("keys"), false, &made, &k, &err), MOOT_ENOTFOUND);
    assert_false(made);
    assert_int_equal(moot__key_owner(below("keys"), true, &made, &k, &err), MOOT_OK);
    assert_true(made);
    assert_int_equal(moot__key_owner(below("keys"), true, &made, &again, &err), MOOT_OK);
    assert_false(made);
    assert_string_equal(moot__key_kid(k), moot__key_kid(again));
    struct stat st;
    assert_int_equal(stat(below("keys/owner.key"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_nlink, 1);
    assert_int_equal(stat(below("keys"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    moot__key_free(k);
    moot__key_free(again);
}

#define SEED "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"

static void owner_key_file_is_refused(void **state)
{
    (void)state;
    struct moot_key *k = NULL;
    struct moot_error err = {0};
    assert_int_equal(mkdir(below("keys"), 0700), 0);
    static const mode_t open_modes[] = {0640, 0604, 0660, 0610, 0601};
    for (size_t i = 0; i < MOOT_COUNT(open_modes); i++) {
        write_file(below("keys/owner.key"), SEED "\n", open_modes[i]);
        assert_int_equal(moot__key_owner(below("keys"), true, NULL, &k, &err), MOOT_EKEY);
        assert_non_null(strstr(err.hint, "chmod 600"));
    }
    static const char *const wrong[] = {"",       "\n",     "00\n",  SEED "\n\n",
                                        SEED "0", "x" SEED, SEED " "};
    for (size_t i = 0; i < MOOT_COUNT(wrong); i++) {
        write_file(below("keys/owner.key"), wrong[i], 0600);
        assert_int_equal(moot__key_owner(below("keys"), true, NULL, &k, &err), MOOT_EKEY);
        assert_null(strstr(err.message, "9d61"));
    }
    write_file(below("keys/owner.key"), SEED, 0600);
    assert_int_equal(moot__key_owner(below("keys"), true, NULL, &k, &err), MOOT_OK);
    moot__key_free(k);
    assert_int_equal(chmod(below("keys"), 0750), 0);
    assert_int_equal(moot__key_owner(below("keys"), true, NULL, &k, &err), MOOT_EKEY);
    assert_int_equal(chmod(below("keys"), 0700), 0);
    assert_int_equal(rename(below("keys/owner.key"), below("keys/real.key")), 0);
    assert_int_equal(symlink("real.key", below("keys/owner.key")), 0);
    assert_int_equal(moot__key_owner(below("keys"), true, NULL, &k, &err), MOOT_EKEY);
    assert_int_equal(remove(below("keys/owner.key")), 0);
    assert_int_equal(mkfifo(below("keys/owner.key"), 0600), 0);
    assert_int_equal(moot__key_owner(below("keys"), true, NULL, &k, &err), MOOT_EKEY);
    assert_int_equal(symlink("keys", below("linked")), 0);
    assert_int_equal(moot__key_owner(below("linked"), true, NULL, &k, &err), MOOT_EKEY);
    if (geteuid() == 0) { /* only root can give a file away */
        assert_int_equal(remove(below("keys/owner.key")), 0);
        write_file(below("keys/owner.key"), SEED, 0600);
        assert_int_equal(chown(below("keys/owner.key"), 12345, (gid_t)-1), 0);
        assert_int_equal(moot__key_owner(below("keys"), true, NULL, &k, &err), MOOT_EKEY);
        assert_non_null(strstr(err.message, "another user"));
    }
}

static void owner_key_from_descriptor(void **state)
{
    (void)state;
    char number[20];
    struct moot_key *k = NULL;
    write_file(below("fd"), SEED "\n", 0600);
    int fd = open(below("fd"), O_RDONLY);
    snprintf(number, sizeof(number), "%d", fd);
    assert_int_equal(setenv("MOOT_KEY_FD", number, 1), 0);
    assert_int_equal(moot__key_owner(below("keys"), false, NULL, &k, NULL), MOOT_OK);
    moot__key_free(k);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    assert_int_equal(moot__key_owner(below("keys"), false, NULL, &k, NULL), MOOT_EIO);
    assert_int_equal(setenv("MOOT_KEY_FD", "x", 1), 0);
    assert_int_equal(moot__key_owner(below("keys"), false, NULL, &k, NULL), MOOT_EKEY);
    assert_int_equal(unsetenv("MOOT_KEY_FD"), 0);
}

static void folders(void **state)
{
    (void)state;
    setenv("HOME", "/home/x", 1);
    unsetenv("XDG_CONFIG_HOME");
    setenv("XDG_STATE_HOME", "/state", 1);
    char *path = moot__dir_keys();
    assert_string_equal(path, "/home/x/.config/folkmoot/keys");
    free(path);
    path = moot__dir_state();
    assert_string_equal(path, "/state/folkmoot");
    free(path);
    setenv("XDG_CONFIG_HOME", "relative", 1);
    path = moot__dir_config();
    assert_string_equal(path, "/home/x/.config/folkmoot");
    free(path);
    unsetenv("HOME");
    assert_null(moot__dir_config());
}

static void heads(void **state)
{
    (void)state;
    uint8_t link[MOOT_HASH_SIZE] = {1, 2, 3};
    uint8_t read[MOOT_HASH_SIZE];
    int64_t seq = 0;
    assert_int_equal(moot__head_load(dir, RUN, &seq, read, NULL), MOOT_ENOTFOUND);
    assert_int_equal(moot__head_store(dir, RUN, 41, link, NULL), MOOT_OK);
    assert_int_equal(moot__head_store(dir, RUN, 42, link, NULL), MOOT_OK);
    assert_int_equal(moot__head_load(dir, RUN, &seq, read, NULL), MOOT_OK);
    assert_int_equal(seq, 42);
    assert_memory_equal(read, link, MOOT_HASH_SIZE);
    static const char *const wrong[] = {"", "42\n", "42 00\n", "x\n", "42 00", "-1 00\n"};
    for (size_t i = 0; i < MOOT_COUNT(wrong); i++) {
        write_file(below("heads/" RUN), wrong[i], 0600);
        assert_int_equal(moot__head_load(dir, RUN, &seq, read, NULL), MOOT_EIO);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kid_is_frozen),
        cmocka_unit_test(low_order_is_refused),
        cmocka_unit_test(signatures),
        cmocka_unit_test(malleated_signature),
        cmocka_unit_test(batches),
        cmocka_unit_test(certificates),
        cmocka_unit_test_setup_teardown(owner_key_is_made_once, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(owner_key_file_is_refused, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(owner_key_from_descriptor, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(heads, make_dir, remove_dir),
        cmocka_unit_test(folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
