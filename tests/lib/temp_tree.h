/* A folder that a test fills, and that goes with all it holds. */
#ifndef MOOT_TESTS_TEMP_TREE_H
#define MOOT_TESTS_TEMP_TREE_H

#include <stdbool.h>

struct temp_tree {
    char path[64]; /* real */
};

/* Each fails the test when it cannot. Paths are relative to the folder. */
void temp_tree_init(struct temp_tree *t);
/* With the folders above it. */
void temp_tree_file(const struct temp_tree *t, const char *path, const char *text);
void temp_tree_folder(const struct temp_tree *t, const char *path);
void temp_tree_link(const struct temp_tree *t, const char *path, const char *target);
/* The file's text, which the caller frees; NULL: there is no such file. */
char *temp_tree_read(const struct temp_tree *t, const char *path);
bool temp_tree_has(const struct temp_tree *t, const char *path);
/* The whole path; valid until the next call but one. */
const char *temp_tree_path(const struct temp_tree *t, const char *path);
void temp_tree_remove(const struct temp_tree *t);

#endif
