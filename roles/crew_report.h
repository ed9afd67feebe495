/* What is wrong with a crew file: all of it, each with its place, its line and a suggestion. */
#ifndef MOOT_CREW_REPORT_H
#define MOOT_CREW_REPORT_H

#include "runtime/yaml.h"

enum moot_severity {
    MOOT_SEVERITY_ERROR,
    MOOT_SEVERITY_LATER, /* known, but nothing does it yet: such a crew does not run either */
    MOOT_SEVERITY_WARNING,
    MOOT_SEVERITY_NOTE,
};

struct moot_crew_problem {
    enum moot_severity severity;
    char *file;
    int line; /* from 1; 0: no place in a file */
    int column;
    int length; /* characters that are marked */
    char *message;
    char *suggestion; /* or NULL */
    char *source;     /* the line itself, or NULL */
    size_t order;     /* as it was found */
};

enum { MOOT_CREW_PROBLEMS_MAX = 200 };

struct moot_crew_report {
    struct moot_crew_problem *problems;
    size_t count;
    bool full;        /* more were found than are kept */
    bool failed;      /* out of memory */
    const char *main; /* the crew file, as shown; problems in other files name it too */
};

/* Which part of a value is meant. */
enum moot_yaml_part { MOOT_PART_KEY, MOOT_PART_VALUE };

/* Adds a problem where `value` stands. `suggestion` may be NULL. */
void moot__crew_say(struct moot_crew_report *r, enum moot_severity severity,
                    const struct moot_yaml *y, const struct moot_json *value,
                    enum moot_yaml_part part, const char *suggestion, const char *format, ...)
    __attribute__((format(printf, 7, 8)));
/* Adds a problem at `length` characters of a scalar, from character `offset` (from 0) on. */
void moot__crew_say_in(struct moot_crew_report *r, enum moot_severity severity,
                       const struct moot_yaml *y, const struct moot_json *scalar, size_t offset,
                       size_t length, const char *suggestion, const char *format, ...)
    __attribute__((format(printf, 8, 9)));
/* Adds a problem at a place of a file. */
void moot__crew_say_at(struct moot_crew_report *r, enum moot_severity severity,
                       const struct moot_yaml *y, const char *file, int line, int column,
                       int length, const char *suggestion, const char *format, ...)
    __attribute__((format(printf, 9, 10)));

/* Problems of one severity. */
size_t moot__crew_report_count(const struct moot_crew_report *r, enum moot_severity severity);
/* Whether a crew with these problems can run: no error, nothing that is not here yet. */
bool moot__crew_report_good(const struct moot_crew_report *r);
/* Takes the problems of another report over, but those that it has already. */
void moot__crew_report_take(struct moot_crew_report *r, struct moot_crew_report *from);
/* By file, line and column; what stands twice is taken out. */
void moot__crew_report_sort(struct moot_crew_report *r);
/* As people read it, with a last line of counts. Returns the buffer's status. */
int moot__crew_report_print(const struct moot_crew_report *r, struct moot_buf *out);
/* As one JSON object. Returns the buffer's status. */
int moot__crew_report_json(const struct moot_crew_report *r, struct moot_buf *out);
/* The first error as an error, for whoever shows only one. Returns its code, MOOT_OK: none. */
int moot__crew_report_error(const struct moot_crew_report *r, struct moot_error *err);
void moot__crew_report_release(struct moot_crew_report *r);

#endif
