#include "runtime/beneath.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A folder "box" in a folder with a secret beside it, and keys below it. */
struct place {
    char top[64];
    int root;
};

static void put(const char *dir, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void make_dir(const char *dir, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void make_link(const char *dir, const char *name, const char *target)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(symlink(target, path), 0);
}

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    char config[128];
    assert_non_null(p);
    snprintf(p->top, sizeof(p->top), "/tmp/moot-beneath-XXXXXX");
    assert_non_null(mkdtemp(p->top));
    make_dir(p->top, "box");
    make_dir(p->top, "box/config");
    make_dir(p->top, "box/config/folkmoot");
    make_dir(p->top, "box/.moot");
    make_dir(p->top, "box/sub");
    put(p->top, "secret", "secret");
    put(p->top, "box/a.txt", "hello");
    put(p->top, "box/sub/b.txt", "below");
    put(p->top, "box/.env", "KEY=1");
    put(p->top, "box/.moot/run.db", "journal");
    put(p->top, "box/config/folkmoot/owner.key", "key");
    make_link(p->top, "box/out", "../secret");
    make_link(p->top, "box/up", "..");
    make_link(p->top, "box/abs", "/etc/passwd");
    make_link(p->top, "box/in", "sub/b.txt");
    make_link(p->top, "box/journal", ".moot");
    make_link(p->top, "box/environ", "/proc/self/environ");
    make_link(p->top, "box/loop", "loop");
    char from[128];
    char to[128];
    snprintf(from, sizeof(from), "%s/secret", p->top);
    snprintf(to, sizeof(to), "%s/box/hard", p->top);
    assert_int_equal(link(from, to), 0);
    snprintf(to, sizeof(to), "%s/box/pipe", p->top);
    assert_int_equal(mkfifo(to, 0600), 0);
    snprintf(config, sizeof(config), "%s/box/config", p->top);
    setenv("XDG_CONFIG_HOME", config, 1);
    setenv("XDG_STATE_HOME", "/nowhere", 1);
    assert_int_equal(moot__beneath_root(p->top, "box", false, &p->root, NULL), MOOT_OK);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    moot__beneath_close(p->root);
    char command[128];
    snprintf(command, sizeof(command), "%s", p->top);
    const char *argv[] = {"rm", "-rf", command, NULL};
    pid_t pid = fork();
    if (pid == 0) {
        execvp("rm", (char *const *)argv);
        _exit(1);
    }
    free(p);
    return 0;
}

static int read_it(const struct place *p, const char *path, char out[64])
{
    struct moot_buf b;
    struct moot_error err = {0};
    moot__buf_init(&b, 32);
    int status = moot__beneath_read(p->root, path, &b, &err);
    assert_true((status == MOOT_OK) == (err.message[0] == '\0'));
    snprintf(out, 64, "%s", moot__buf_text(&b));
    moot__buf_release(&b);
    return status;
}

static void test_read(void **state)
{
    const struct place *p = *state;
    char text[64];
    assert_int_equal(read_it(p, "a.txt", text), MOOT_OK);
    assert_string_equal(text, "hello");
    assert_int_equal(read_it(p, "./sub//b.txt", text), MOOT_OK);
    assert_string_equal(text, "below");
    assert_int_equal(read_it(p, "in", text), MOOT_OK); /* a link that stays inside */
    assert_string_equal(text, "below");
    assert_int_equal(read_it(p, "nothing", text), MOOT_ENOTFOUND);
    assert_int_equal(read_it(p, "a.txt/x", text), MOOT_ENOTFOUND);
    put(p->top, "box/big", "012345678901234567890123456789012345678901234567890123456789");
    assert_int_equal(read_it(p, "big", text), MOOT_ETOOBIG);
}

static const char *const attacks[] = {
    "../secret",
    "sub/../../secret",
    "..",
    "/etc/passwd",
    "//etc/passwd",
    "out",
    "up/secret",
    "abs",
    "environ",
    "loop",
    "hard",
    "sub",
    ".",
    "pipe",
    ".moot/run.db",
    ".MOOT/run.db",
    "./.moot/run.db",
    "sub/../.moot/run.db",
    "journal/run.db",
    ".env",
    ".Env",
    "config/folkmoot/owner.key",
    "config/folkmoot/../folkmoot/owner.key",
};

static void test_attacks(void **state)
{
    const struct place *p = *state;
    for (size_t i = 0; i < MOOT_COUNT(attacks); i++) {
        char text[64];
        int status = read_it(p, attacks[i], text);
        if (status != MOOT_EDENIED)
            fail_msg("read %s: %d '%s'", attacks[i], status, text);
        int64_t size = 0;
        status = moot__beneath_look(p->root, attacks[i], &size, NULL);
        if (status != MOOT_EDENIED)
            fail_msg("look at %s: %d", attacks[i], status);
        struct moot_error err = {0};
        status = moot__beneath_write(p->root, attacks[i], "x", 1, &err);
        if (strcmp(attacks[i], "hard") == 0) /* replaced, so that the other name keeps its bytes */
            assert_int_equal(status, MOOT_OK);
        else if (status == MOOT_OK)
            fail_msg("wrote %s", attacks[i]);
    }
    static const char *const bad[] = {"", "a\nb", "a\x7f"};
    for (size_t i = 0; i < MOOT_COUNT(bad); i++) {
        char text[64];
        assert_int_equal(read_it(p, bad[i], text), MOOT_EINVAL);
    }
    char text[64] = "";
    char path[128];
    snprintf(path, sizeof(path), "%s/secret", p->top);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(text, sizeof(text), f));
    fclose(f);
    assert_string_equal(text, "secret");
}

static void test_write(void **state)
{
    const struct place *p = *state;
    char text[64];
    assert_int_equal(moot__beneath_write(p->root, "new/deep/c.txt", "one", 3, NULL), MOOT_OK);
    assert_int_equal(read_it(p, "new/deep/c.txt", text), MOOT_OK);
    assert_string_equal(text, "one");
    assert_int_equal(moot__beneath_write(p->root, "new/deep/c.txt", "two!", 4, NULL), MOOT_OK);
    assert_int_equal(read_it(p, "new/deep/c.txt", text), MOOT_OK);
    assert_string_equal(text, "two!");
    assert_int_equal(moot__beneath_write(p->root, "empty", "", 0, NULL), MOOT_OK);
    assert_int_equal(moot__beneath_write(p->root, "dir/", "", 0, NULL), MOOT_EINVAL);
    /* a link is neither written through nor replaced */
    assert_int_equal(moot__beneath_write(p->root, "in", "x", 1, NULL), MOOT_EDENIED);
    assert_int_equal(moot__beneath_write(p->root, "up/x", "x", 1, NULL), MOOT_ENOTFOUND);
    /* what was executable stays so */
    char path[128];
    snprintf(path, sizeof(path), "%s/box/a.txt", p->top);
    assert_int_equal(chmod(path, 0755), 0);
    assert_int_equal(moot__beneath_write(p->root, "a.txt", "x", 1, NULL), MOOT_OK);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0755, 0755);
}

static void test_list(void **state)
{
    const struct place *p = *state;
    struct moot_buf out;
    size_t left = 0;
    moot__buf_init(&out, 10000);
    assert_int_equal(moot__beneath_list(p->root, "", 100, &out, &left, NULL), MOOT_OK);
    assert_string_equal(moot__buf_text(&out), "a.txt\nhard\nsub/b.txt\n");
    moot__buf_clear(&out);
    assert_int_equal(moot__beneath_list(p->root, ".", 1, &out, &left, NULL), MOOT_OK);
    assert_string_equal(moot__buf_text(&out), "a.txt\n");
    assert_int_equal(left, 2);
    moot__buf_clear(&out);
    assert_int_equal(moot__beneath_list(p->root, "sub", 9, &out, &left, NULL), MOOT_OK);
    assert_string_equal(moot__buf_text(&out), "sub/b.txt\n");
    assert_int_equal(moot__beneath_list(p->root, "up", 9, &out, &left, NULL), MOOT_EDENIED);
    assert_int_equal(moot__beneath_list(p->root, ".moot", 9, &out, &left, NULL), MOOT_EDENIED);
    assert_int_equal(moot__beneath_list(p->root, "a.txt", 9, &out, &left, NULL), MOOT_ENOTFOUND);
    moot__buf_release(&out);
}

static void test_root(void **state)
{
    const struct place *p = *state;
    int root = -1;
    assert_int_equal(moot__beneath_root(p->top, "none", false, &root, NULL), MOOT_ENOTFOUND);
    assert_int_equal(moot__beneath_root(p->top, "made", true, &root, NULL), MOOT_OK);
    moot__beneath_close(root);
    assert_int_equal(moot__beneath_root(p->top, "box/.moot", false, &root, NULL), MOOT_EDENIED);
    assert_int_equal(moot__beneath_root(p->top, "box/journal", false, &root, NULL), MOOT_EDENIED);
    assert_int_equal(moot__beneath_root(p->top, "box/config/folkmoot", false, &root, NULL),
                     MOOT_EDENIED);
    assert_int_equal(moot__beneath_root(p->top, "secret", false, &root, NULL), MOOT_ENOTFOUND);
}

#define PLACE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_read), PLACE_TEST(test_attacks), PLACE_TEST(test_write),
        PLACE_TEST(test_list), PLACE_TEST(test_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
