/* The project folder and its runs: .moot/runs/RUN.db, RUN being the run's short id. */
#ifndef MOOT_PROJECT_H
#define MOOT_PROJECT_H

#include "runtime/message.h"
#include "runtime/run.h"

struct moot_run_file {
    char name[MOOT_RUN_NAME_SIZE];
    char *path;
    int64_t changed_at; /* ms since 1970 */
};

struct moot_run_list {
    struct moot_run_file *runs; /* the last one changed first */
    size_t count;
};

/* The nearest folder from `dir` up that holds .moot, else `dir` itself; NULL: the current one. The
 * caller frees it. NULL: out of memory, or `dir` cannot be found. */
char *moot__project_find(const char *dir);
/* The folder of a file's path; "." if it has none. The caller frees it. NULL: out of memory. */
char *moot__dir_of(const char *path);
/* PROJECT of PROJECT/.moot/…/NAME.db; of a journal elsewhere that of the current folder. The
 * caller frees it. NULL: out of memory. */
char *moot__project_of(const char *journal);
/* PROJECT/.moot/runs/NAME.db. The caller frees it. NULL: out of memory. */
char *moot__run_path(const char *project, const char *name);

/* Draws a new run's id and the path of its journal, which the caller frees. MOOT_EIO, MOOT_EEXIST,
 * MOOT_ENOMEM. */
int moot__run_draw(const char *project, char run[MOOT_RUN_TEXT], char **journal,
                   struct moot_error *err);

/* All runs of the project. None is no error. MOOT_EIO, MOOT_ENOMEM. */
int moot__runs_list(const char *project, struct moot_run_list *out, struct moot_error *err);
void moot__runs_release(struct moot_run_list *list);

/* The file that RUN means: a short id or the beginning of one, NULL for the last run, a run of an
 * experiment ("7k2m-9qd4/good/2"), or a path (it has a slash, or ends with .db or .jsonl). The
 * project of the current folder goes before those noted, the last one noted first. The caller frees
 * *path. MOOT_ENOTFOUND, MOOT_EINVAL (several begin so), MOOT_EIO, MOOT_ENOMEM. */
int moot__run_find(const char *run, char **path, struct moot_error *err);

/* Remembers, in the state folder, that this project has runs, so that RUN is found from other
 * folders too. Failing is no harm. */
void moot__project_note(const char *project);

/* The number of the process that writes this journal now; 0: none, or it cannot be told. */
int moot__run_writer(const char *path);

#endif
