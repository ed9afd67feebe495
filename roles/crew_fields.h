/* The fields of a crew file: the one table that reading, `moot check`, did-you-mean, the reference
 * page and the JSON Schema for editors are made from. */
#ifndef MOOT_CREW_FIELDS_H
#define MOOT_CREW_FIELDS_H

#include "runtime/json.h"

/* What a scalar is read as, and what it becomes in the resolved crew. */
enum moot_grammar {
    MOOT_G_NONE,     /* no scalar stands here */
    MOOT_G_WORD,     /* one of the form's words */
    MOOT_G_TEXT,     /* text, as it is */
    MOOT_G_PROSE,    /* the same; may be {file: PATH} */
    MOOT_G_TEMPLATE, /* text with placeholders; may be {file: PATH} */
    MOOT_G_FILLED,   /* short text with placeholders */
    MOOT_G_NAME,     /* a new name */
    MOOT_G_PATH,     /* of a file, relative to the crew file */
    MOOT_G_AGENT,    /* ids of what stands elsewhere in the file */
    MOOT_G_TASK,
    MOOT_G_TOOL,
    MOOT_G_PERSON,
    MOOT_G_MODEL,    /* provider/model, or a name in models */
    MOOT_G_PROVIDER, /* provider/model */
    MOOT_G_SECRET,   /* ${env:NAME} or ${file:PATH} */
    MOOT_G_BOOL,     /* a bool */
    MOOT_G_INTEGER,  /* an integer */
    MOOT_G_TOKENS,   /* `200k`: an integer */
    MOOT_G_SIZE,     /* `512M`: an integer, bytes */
    MOOT_G_DURATION, /* `90s`, a bare number is seconds: an integer, milliseconds */
    MOOT_G_DECIMAL,  /* `0.7`: its digits as text */
    MOOT_G_MONEY,    /* `0.50 USD`: its digits as text */
    MOOT_G_RATIO,    /* `2/3`: text */
    MOOT_G_LENGTH,   /* `120..220 words`: {min?, max?, unit} */
    MOOT_G_EXPR,     /* an expression: text */
    MOOT_G_FIELDS,   /* a path into results: text */
    MOOT_G_REGEX,    /* a pattern: text */
    MOOT_G_TYPE,     /* a scalar of the short form: text */
    MOOT_G_COUNT
};

/* What a map holds besides a table's fields. */
enum moot_map_form {
    MOOT_MAP_NONE,
    MOOT_MAP_TABLE,   /* a record, a dictionary or a choice: `table` says */
    MOOT_MAP_SHAPE,   /* a short form */
    MOOT_MAP_SCHEMA,  /* a JSON Schema */
    MOOT_MAP_ARGS,    /* name -> text with placeholders */
    MOOT_MAP_ANY,     /* anything: becomes JSON text */
    MOOT_MAP_OVERLAY, /* of `table`, in part: read and checked with what it lies over */
};

struct moot_form {
    enum moot_grammar grammar;
    const char *words; /* words that stand here besides, separated by spaces; "~word": not yet */
};

enum {
    MOOT_FIELD_REQUIRED = 1,
    MOOT_FIELD_LATER = 2,   /* known, but nothing does it yet */
    MOOT_FIELD_DECIDES = 4, /* of a choice: says which one it is */
};

/* A field has at most one form of each kind: a scalar, a list (of scalars, maps, or both), a map.
 */
struct moot_field {
    const char *key; /* "*": every key of a dictionary */
    struct moot_form scalar;
    struct moot_form list;
    const char *list_table; /* table of the list's maps, or NULL */
    enum moot_map_form map;
    const char *table;    /* of MOOT_MAP_TABLE and MOOT_MAP_OVERLAY */
    const char *fallback; /* the default, in words; NULL: none */
    const char *meaning;
    unsigned flags;
    const char *group; /* at most one field of a group may stand; "!name": exactly one */
    const char *with;  /* of a choice: the deciding keys it may stand beside */
};

struct moot_table {
    const char *name;
    const char *title; /* of the reference page */
    const char *place; /* where a field of it stands, for messages: "task '%s'", "models.%s" */
    const char *intro; /* for the reference page */
    const struct moot_field *fields;
    size_t count;
    bool choice;
};

/* NULL: no such table. */
const struct moot_table *moot__crew_table(const char *name);
/* All of them, in the order of the reference page. */
const struct moot_table *moot__crew_tables(size_t *count);
/* The field of that key, or the dictionary's "*"; NULL: unknown. */
const struct moot_field *moot__crew_field(const struct moot_table *table, const char *key);
/* The known key nearest to a mistyped one, or NULL. */
const char *moot__crew_near(const struct moot_table *table, const char *key);
/* Whether the word stands in a form's words; *later: it is not here yet. */
bool moot__crew_word(const struct moot_form *form, const char *word, bool *later);
/* Word number i of a form (its '~' taken off), with its length; NULL: no more. */
const char *moot__crew_word_at(const struct moot_form *form, size_t i, size_t *len, bool *later);

/* The default of a field as it stands in the resolved crew, for whoever builds the crew:
 * moot__crew_default("task", "attempts") is the integer 2. The caller frees it; NULL: the field has
 * none, or a default that is a sentence (then the process decides), or out of memory. */
struct moot_json *moot__crew_default(const char *table, const char *key);

/* A scalar's text read by its grammar. On success *out is the value of the resolved crew, which the
 * caller frees. MOOT_EINVAL: *err says what is wrong with it and, in its hint, what it may be;
 * references, expressions, patterns and placeholders are not looked into here. MOOT_ENOMEM. */
int moot__crew_scalar(const struct moot_form *form, const char *text, struct moot_json **out,
                      struct moot_error *err);

/* The grammar in a word or two, for messages and the reference page: "integer". */
const char *moot__crew_grammar_text(enum moot_grammar grammar);
/* Whether a text may be an id: a letter or '_', then letters, digits, '_' and '-'. */
bool moot__crew_id(const char *text);
/* Whether the word has a meaning of its own where that id would stand. */
bool moot__crew_reserved(const char *table, const char *id);

/* Tools that need no entry in `tools`. */
struct moot_builtin {
    const char *name;
    bool later;
    const char *parameters; /* names, separated by spaces; "?name": optional */
    const char *meaning;
};
const struct moot_builtin *moot__crew_builtin(const char *name);
const struct moot_builtin *moot__crew_builtins(size_t *count);

/* Words of other frameworks. */
struct moot_foreign {
    const char *word;
    const char *framework; /* "CrewAI's", or "a word of other frameworks" */
    const char *tables;    /* where it is that word, separated by spaces; NULL: anywhere */
    const char *ours;      /* NULL: see note */
    const char *note;      /* said instead of "here it is …" */
};
/* NULL: no such word in that table. */
const struct moot_foreign *moot__crew_foreign(const char *table, const char *word);
const struct moot_foreign *moot__crew_foreigns(size_t *count);

#endif
