/* YAML files as JSON trees, and where each value of them stands.
 *
 * Every scalar becomes a JSON string that holds its text: what a value means is for the reader of
 * the tree to decide, by the field it stands in. Aliases and `<<` are expanded here, within limits;
 * what comes by `<<` follows what is written out, and loses against it.
 *
 * libfyaml's events are used and not its documents: its own expansion of aliases is unbounded. */
#ifndef MOOT_YAML_H
#define MOOT_YAML_H

#include "runtime/json.h"

/* The files that were read, and the place of each value. Values are known by their address, so a
 * value keeps its place when it is moved to another parent. Opaque; trees do not belong to it. */
struct moot_yaml;

enum moot_yaml_style {
    MOOT_YAML_EMPTY, /* a key without a value */
    MOOT_YAML_PLAIN,
    MOOT_YAML_SINGLE,  /* 'quoted' */
    MOOT_YAML_DOUBLE,  /* "quoted" */
    MOOT_YAML_LITERAL, /* | */
    MOOT_YAML_FOLDED,  /* > */
    MOOT_YAML_BLOCK,   /* a map or list over lines */
    MOOT_YAML_FLOW,    /* a map or list in brackets */
    MOOT_YAML_FILE,    /* a whole file, read as text */
};

/* Lines and columns count from 1, columns count characters. */
struct moot_yaml_mark {
    const char *file; /* as messages show it; lives as long as the struct moot_yaml */
    int line;
    int column;
    int length;   /* characters on that line, at least 1 */
    int key_line; /* of the key it is the value of; 0: none */
    int key_column;
    int key_length;
    int alias_line; /* it came by an alias that stands in this line; 0: none */
    enum moot_yaml_style style;
    size_t start; /* bytes of the file */
    size_t end;
};

/* MOOT_ENOMEM. The caller frees *out with moot__yaml_free. */
int moot__yaml_new(struct moot_yaml **out);
void moot__yaml_free(struct moot_yaml *y);

/* Reads a crew file: at most MOOT_MAX_CREW_FILE bytes of valid UTF-8 (a byte-order mark and CR LF
 * are allowed), one document, MOOT_MAX_CREW_NODES nodes after aliases, MOOT_MAX_DEPTH deep, no
 * duplicate key, no tag. `shown` is the file's name in messages. The caller frees *out.
 * MOOT_EIO, MOOT_ENOTFOUND, MOOT_ETOOBIG, MOOT_ESYNTAX (err has the place), MOOT_ENOMEM. */
int moot__yaml_load(struct moot_yaml *y, const char *path, const char *shown,
                    struct moot_json **out, struct moot_error *err);
/* The same of a text in memory. */
int moot__yaml_parse(struct moot_yaml *y, const char *shown, const char *text, size_t len,
                     struct moot_json **out, struct moot_error *err);
/* A whole file as one JSON string (a crew's prompt in a file of its own), its last line break taken
 * off. Same limits. */
int moot__yaml_load_text(struct moot_yaml *y, const char *path, const char *shown,
                         struct moot_json **out, struct moot_error *err);

/* Where a value stands; NULL: it came from no file. Valid until the next load or stand. */
const struct moot_yaml_mark *moot__yaml_at(const struct moot_yaml *y,
                                           const struct moot_json *value);
/* From now on `value` stands where `like` stands. MOOT_ENOMEM. */
int moot__yaml_stand(struct moot_yaml *y, const struct moot_json *value,
                     const struct moot_json *like);
/* The place in the file of the scalar's character number `offset` (from 0). False: no such value.
 */
bool moot__yaml_locate(const struct moot_yaml *y, const struct moot_json *scalar, size_t offset,
                       int *line, int *column);
/* A line of a file without its line break, not NUL-terminated; NULL: no such file or line. The
 * bytes live as long as y. */
const char *moot__yaml_line(const struct moot_yaml *y, const char *file, int line, size_t *len);
/* Where the comma stands that ended the value before this one too early, in `{a: x, y}`: true if
 * the value is a key without a colon inside `{ }`. */
bool moot__yaml_comma(const struct moot_yaml *y, const struct moot_json *value, int *line,
                      int *column);
/* Whether a scalar is plain, or empty, and so may mean null, a number or a bool. */
bool moot__yaml_plain(const struct moot_yaml *y, const struct moot_json *value);
/* Whether a scalar is YAML's null: empty, `~` or `null`, unquoted. */
bool moot__yaml_null(const struct moot_yaml *y, const struct moot_json *value);

/* A copy of the tree in which plain scalars have the types of YAML 1.2's core schema (null, bool,
 * number, text). The caller frees *out. MOOT_ENOMEM. */
int moot__yaml_typed(const struct moot_yaml *y, const struct moot_json *tree,
                     struct moot_json **out);

/* Reads a data file (rows of a registry, scripted replies): as JSON if its name ends in .json, else
 * as YAML with the core types. At most MOOT_MAX_JSON bytes. The caller frees *out. */
int moot__yaml_load_plain(const char *path, struct moot_json **out, struct moot_error *err);

/* What a parser's complaint at a place of a text most likely comes from, in words for a person;
 * moves line and column to the cause. `raw` is libfyaml's message. */
void moot__yaml_explain(const char *text, size_t len, const char *raw, struct moot_error *err);

#endif
