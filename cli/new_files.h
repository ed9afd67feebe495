/* The crews that `moot new` writes. */
#ifndef MOOT_NEW_FILES_H
#define MOOT_NEW_FILES_H

struct moot_new_file {
    const char *name; /* NULL ends the list */
    const char *text; /* "NAME" in it stands for the crew's name */
};

struct moot_new_kind {
    const char *name;  /* NULL ends the table */
    const char *what;  /* one line */
    const char *input; /* what to type behind the crew file */
    const struct moot_new_file *files;
};

extern const struct moot_new_file moot__new_pair[], moot__new_group_chat[],
    moot__new_hierarchical[], moot__new_vote[];

extern const struct moot_new_kind moot__new_kinds[];

#endif
