#include "tests/lib/temp_tree.h"

#include "runtime/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

void temp_tree_init(struct temp_tree *t)
{
    char made[] = "/tmp/moot-tree-XXXXXX";
    assert_non_null(mkdtemp(made));
    char *real = realpath(made, NULL);
    assert_non_null(real);
    assert_true((size_t)snprintf(t->path, sizeof(t->path), "%s", real) < sizeof(t->path));
    free(real);
}

const char *temp_tree_path(const struct temp_tree *t, const char *path)
{
    static char whole[2][PATH_MAX];
    static int turn;
    turn = !turn;
    snprintf(whole[turn], sizeof(whole[turn]), "%s/%s", t->path, path);
    return whole[turn];
}

static void make_parent(const char *path)
{
    char folder[PATH_MAX];
    struct moot_error err = {0};
    snprintf(folder, sizeof(folder), "%s", path);
    *strrchr(folder, '/') = '\0';
    if (moot__make_dirs(folder, &err) != MOOT_OK)
        fail_msg("%s", err.message);
}

void temp_tree_file(const struct temp_tree *t, const char *path, const char *text)
{
    const char *whole = temp_tree_path(t, path);
    make_parent(whole);
    FILE *f = fopen(whole, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

void temp_tree_folder(const struct temp_tree *t, const char *path)
{
    struct moot_error err = {0};
    assert_int_equal(moot__make_dirs(temp_tree_path(t, path), &err), MOOT_OK);
}

void temp_tree_link(const struct temp_tree *t, const char *path, const char *target)
{
    const char *whole = temp_tree_path(t, path);
    make_parent(whole);
    assert_int_equal(symlink(target, whole), 0);
}

char *temp_tree_read(const struct temp_tree *t, const char *path)
{
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_JSON);
    int status = moot__file_read(temp_tree_path(t, path), &text, NULL);
    char *got = status == MOOT_OK ? moot__buf_take(&text) : NULL;
    moot__buf_release(&text);
    return got;
}

bool temp_tree_has(const struct temp_tree *t, const char *path)
{
    struct stat st;
    return lstat(temp_tree_path(t, path), &st) == 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

void temp_tree_remove(const struct temp_tree *t)
{
    nftw(t->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
