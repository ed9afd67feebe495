/* A compiled schema from within: schema.c makes it, schema_check.c walks it. */
#ifndef MOOT_SCHEMA_NODE_H
#define MOOT_SCHEMA_NODE_H

#include "runtime/regex.h"
#include "runtime/schema.h"

/* In the order in which they are checked and reported. */
enum moot_schema_keyword {
    MOOT_KW_REF,
    MOOT_KW_TYPE,
    MOOT_KW_ENUM,
    MOOT_KW_CONST,
    MOOT_KW_MIN_LENGTH,
    MOOT_KW_MAX_LENGTH,
    MOOT_KW_PATTERN,
    MOOT_KW_MINIMUM,
    MOOT_KW_MAXIMUM,
    MOOT_KW_EXCLUSIVE_MINIMUM,
    MOOT_KW_EXCLUSIVE_MAXIMUM,
    MOOT_KW_MULTIPLE_OF,
    MOOT_KW_REQUIRED,
    MOOT_KW_DEPENDENT_REQUIRED,
    MOOT_KW_MIN_PROPERTIES,
    MOOT_KW_MAX_PROPERTIES,
    MOOT_KW_PROPERTY_NAMES,
    MOOT_KW_PROPERTIES,
    MOOT_KW_PATTERN_PROPERTIES,
    MOOT_KW_ADDITIONAL_PROPERTIES,
    MOOT_KW_DEPENDENT_SCHEMAS,
    MOOT_KW_MIN_ITEMS,
    MOOT_KW_MAX_ITEMS,
    MOOT_KW_UNIQUE_ITEMS,
    MOOT_KW_PREFIX_ITEMS,
    MOOT_KW_ITEMS,
    MOOT_KW_CONTAINS,
    MOOT_KW_MIN_CONTAINS, /* both read by MOOT_KW_CONTAINS */
    MOOT_KW_MAX_CONTAINS,
    MOOT_KW_ALL_OF,
    MOOT_KW_ANY_OF,
    MOOT_KW_ONE_OF,
    MOOT_KW_NOT,
    MOOT_KW_IF, /* reads the next two */
    MOOT_KW_THEN,
    MOOT_KW_ELSE,
    MOOT_KW_DEFS, /* checks nothing, as the note */
    MOOT_KW_DEFINITIONS,
    MOOT_KW_NOTE,
};

enum {
    MOOT_TYPE_NULL = 1,
    MOOT_TYPE_BOOLEAN = 2,
    MOOT_TYPE_INTEGER = 4,
    MOOT_TYPE_NUMBER = 8,
    MOOT_TYPE_STRING = 16,
    MOOT_TYPE_ARRAY = 32,
    MOOT_TYPE_OBJECT = 64,
};

/* From a keyword to a subschema. */
struct moot_schema_edge {
    const char *name;         /* a member's name, or NULL */
    struct moot_regex *regex; /* a pattern of names, or NULL */
    size_t node;
};

/* One keyword of a subschema. */
struct moot_schema_rule {
    enum moot_schema_keyword keyword;
    const struct moot_json *value;
    struct moot_regex *regex; /* pattern */
    bool in_place;            /* its subschemas see the same value */
    size_t number;            /* a count, or the bits of the types */
    size_t edge_first;
    size_t edge_count;
};

struct moot_schema_node {
    const struct moot_json *source;
    size_t rule_first;
    size_t rule_count;
    size_t parent; /* itself at the root */
    size_t depth;
    const char *keyword; /* under which it stands in its parent, for reports */
    const char *name;    /* its member there, or NULL */
    size_t index;        /* its place there, or SIZE_MAX */
    bool never;          /* the schema `false` */
};

struct moot_schema {
    struct moot_json *source;
    struct moot_schema_node *nodes; /* the root first */
    size_t node_count;
    size_t node_size;
    struct moot_schema_rule *rules;
    size_t rule_count;
    size_t rule_size;
    struct moot_schema_edge *edges;
    size_t edge_count;
    size_t edge_size;
};

/* The rule of a node for a keyword, or NULL. */
const struct moot_schema_rule *moot__schema_rule(const struct moot_schema *s,
                                                 const struct moot_schema_node *node,
                                                 enum moot_schema_keyword keyword);

#endif
