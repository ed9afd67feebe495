/* A crew file as the commands take it: read, its models replaced, checked. */
#ifndef MOOT_CREWFILE_H
#define MOOT_CREWFILE_H

#include "cli/cmd.h"
#include "roles/crew_load.h"

struct moot_crewfile {
    struct moot_crew_file *file; /* its report is free of errors */
    char *project;               /* the project folder */
    char *dir;                   /* the crew file's folder */
};

/* Reads the project's .env into the environment (what is set there stays), opens the file, applies
 * --model and MOOT_MODEL, checks: out->file->report says what is wrong. Released by the caller,
 * also after a failure. */
int moot__crewfile_read(const struct moot_args *args, const char *path, const char *text,
                        struct moot_crewfile *out, struct moot_error *err);
/* The same; what is wrong with the file is printed as `moot check` does and the exit code returned.
 * MOOT_EXIT_DONE: *out is good, released by the caller. */
int moot__crewfile_open(struct moot_cli *cli, const struct moot_args *args, const char *path,
                        const char *text, struct moot_crewfile *out);
void moot__crewfile_release(struct moot_crewfile *c);

/* Applies --model and MOOT_MODEL to a resolved crew. */
int moot__crewfile_models(const struct moot_args *args, struct moot_json *resolved,
                          struct moot_error *err);
/* Prints what is wrong with a file as `moot check` does. Returns MOOT_EXIT_USAGE. */
int moot__crewfile_report(struct moot_cli *cli, struct moot_crew_report *report);

/* Sets the variables of DIR/.env that are not set; "NAME=value" lines, quotes allowed, '#'
 * comments. Returns how many it set. */
int moot__env_load(const char *dir);

#endif
