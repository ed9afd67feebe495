/* The parser of expressions: one token ahead, one function a level of the grammar. */
#include "runtime/expr.h"

#include "runtime/expr_node.h"
#include "runtime/scope.h"
#include "runtime/utf8.h"

enum token {
    TOKEN_END,
    TOKEN_TEXT,
    TOKEN_NUMBER,
    TOKEN_PATH,
    TOKEN_WORD, /* a word of the language */
    TOKEN_SIGN, /* ( ) [ ] , */
    TOKEN_COMPARE,
};

struct parser {
    struct moot_expr *e;
    size_t len;
    size_t next; /* behind the token */
    int depth;
    int status;
    struct moot_error *err;
    enum token token;
    size_t at; /* the token's first byte and length */
    size_t size;
    enum expr_op op; /* of a COMPARE, or of and, or, not, count, empty, true, false */
};

static const struct {
    const char *word;
    enum token token;
    enum expr_op op;
} words[] = {
    {"true", TOKEN_WORD, EXPR_TRUE},
    {"false", TOKEN_WORD, EXPR_FALSE},
    {"and", TOKEN_WORD, EXPR_AND},
    {"or", TOKEN_WORD, EXPR_OR},
    {"not", TOKEN_WORD, EXPR_NOT},
    {"count", TOKEN_WORD, EXPR_COUNT},
    {"empty", TOKEN_WORD, EXPR_EMPTY},
    {"in", TOKEN_COMPARE, EXPR_IN},
    {"contains", TOKEN_COMPARE, EXPR_CONTAINS},
    {"matches", TOKEN_COMPARE, EXPR_MATCHES},
    {"==", TOKEN_COMPARE, EXPR_EQ},
    {"!=", TOKEN_COMPARE, EXPR_NE},
    {"<=", TOKEN_COMPARE, EXPR_LE},
    {">=", TOKEN_COMPARE, EXPR_GE},
    {"<", TOKEN_COMPARE, EXPR_LT},
    {">", TOKEN_COMPARE, EXPR_GT},
};

/* Words and signs of other languages, and ours. */
static const struct {
    const char *theirs;
    const char *ours;
} foreign[] = {
    {"===", "=="}, {"&&", "and"}, {"||", "or"}, {"<>", "!="}, {"=~", "matches"},
    {"=", "=="},   {"!", "not"},  {"&", "and"}, {"|", "or"},  {"~", "matches"},
};
static const struct {
    const char *theirs;
    const char *ours;
} foreign_words[] = {
    {"True", "true"},
    {"False", "false"},
    {"AND", "and"},
    {"OR", "or"},
    {"NOT", "not"},
    {"len", "count(...)"},
    {"length", "count(...)"},
    {"size", "count(...)"},
    {"None", "empty(...)"},
    {"null", "empty(...)"},
    {"nil", "empty(...)"},
    {"is", "=="},
    {"has", "contains"},
    {"includes", "contains"},
    {"IN", "in"},
    {"like", "matches"},
};

const char *moot__expr_word(enum expr_op op)
{
    for (size_t i = 0; i < MOOT_COUNT(words); i++)
        if (words[i].op == op)
            return words[i].word;
    return "";
}

int moot__expr_fail(const struct moot_expr *e, size_t offset, struct moot_error *err, int code,
                    const char *format, ...)
{
    char message[sizeof(err->message)];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    moot__fail(err, code, "%s", message);
    moot__fail_at(err, NULL, 1, (int)moot__utf8_characters(e->source, offset) + 1);
    return code;
}

/* Only the first failure counts: what follows it may be nonsense. */
#define parser_fail(p, offset, ...)                                                                \
    ((p)->status == 0 ? (void)((p)->status = moot__expr_fail((p)->e, offset, (p)->err,             \
                                                             MOOT_ESYNTAX, __VA_ARGS__))           \
                      : (void)0)

static bool starts(const struct parser *p, const char *text)
{
    return strncmp(p->e->source + p->at, text, strlen(text)) == 0;
}

static void scan_text(struct parser *p)
{
    const char *source = p->e->source;
    const char *end = strchr(source + p->at + 1, source[p->at]);
    if (end == NULL) {
        parser_fail(p, p->at, "the text that begins here has no closing %c", source[p->at]);
        return;
    }
    p->token = TOKEN_TEXT;
    p->size = (size_t)(end - source) + 1 - p->at;
}

static void scan_number(struct parser *p)
{
    const char *text = p->e->source + p->at;
    p->token = TOKEN_NUMBER;
    p->size = 1 + strspn(text + 1, "0123456789.eE+-");
    if (moot__decimal_valid(text, p->size))
        return;
    if (text[0] == '.')
        parser_fail(p, p->at, "a number begins with a digit: write 0%.*s", (int)p->size, text);
    else
        parser_fail(p, p->at, "'%.*s' is not a decimal number", (int)p->size, text);
}

static void scan_word(struct parser *p)
{
    const char *text = p->e->source + p->at;
    p->token = TOKEN_PATH;
    p->size = moot__scope_path(text, p->len - p->at);
    for (size_t i = 0; i < MOOT_COUNT(words); i++)
        if (strlen(words[i].word) == p->size && strncmp(words[i].word, text, p->size) == 0) {
            p->token = words[i].token;
            p->op = words[i].op;
        }
    if (text[p->size] == '.')
        parser_fail(p, p->at + p->size, "a word or a number must follow this dot");
}

/* What no token begins with. */
static void scan_unknown(struct parser *p)
{
    const char *text = p->e->source + p->at;
    for (size_t i = 0; i < MOOT_COUNT(foreign); i++)
        if (starts(p, foreign[i].theirs)) {
            parser_fail(p, p->at, "'%s' is not used here: write '%s'", foreign[i].theirs,
                        foreign[i].ours);
            return;
        }
    uint32_t code = 0;
    size_t n = moot__utf8_decode(text, &code);
    if (code == '{' || code == '}')
        parser_fail(p, p->at, "paths stand without braces here: write storefront.text");
    else if (code >= 0x2018 && code <= 0x201F)
        parser_fail(p, p->at, "text stands in plain quotes: \" or '");
    else if (code == '+' || code == '*' || code == '/' || code == '%' || code == '-')
        parser_fail(p, p->at, "there is no arithmetic in expressions");
    else
        parser_fail(p, p->at, "'%.*s' means nothing here", code < 0x20 ? 0 : (int)n, text);
}

static void advance(struct parser *p)
{
    const char *source = p->e->source;
    p->at = p->next + strspn(source + p->next, " \t\r\n");
    p->size = 0;
    p->token = TOKEN_END;
    if (p->at >= p->len || p->status != 0)
        return;
    unsigned char c = (unsigned char)source[p->at];
    bool digit = c >= '0' && c <= '9';
    bool digit_next = source[p->at + 1] >= '0' && source[p->at + 1] <= '9';
    if (c == '"' || c == '\'') {
        scan_text(p);
    } else if (digit || ((c == '-' || c == '.') && digit_next)) {
        scan_number(p);
    } else if (moot__scope_path(source + p->at, p->len - p->at) > 0) {
        scan_word(p);
    } else if (strchr("()[],", c) != NULL) {
        p->token = TOKEN_SIGN;
        p->size = 1;
    } else {
        for (size_t i = 0; i < MOOT_COUNT(words) && p->token == TOKEN_END; i++)
            if (words[i].token == TOKEN_COMPARE && starts(p, words[i].word) && !starts(p, "===") &&
                !starts(p, "<>")) {
                p->token = TOKEN_COMPARE;
                p->op = words[i].op;
                p->size = strlen(words[i].word);
            }
        if (p->token == TOKEN_END)
            scan_unknown(p);
    }
    p->next = p->at + p->size;
}

static bool at_sign(const struct parser *p, char sign)
{
    return p->token == TOKEN_SIGN && p->e->source[p->at] == sign;
}

static bool at_word(const struct parser *p, enum expr_op op)
{
    return p->token == TOKEN_WORD && p->op == op;
}

static struct expr_node *make(struct parser *p, enum expr_op op, size_t offset)
{
    struct expr_node *node = calloc(1, sizeof(*node));
    if (node == NULL) {
        if (p->status == 0)
            p->status = moot__fail(p->err, MOOT_ENOMEM, "out of memory");
        return NULL;
    }
    node->op = op;
    node->offset = offset;
    node->made = p->e->made;
    p->e->made = node;
    return node;
}

static struct expr_node *make_text(struct parser *p, enum expr_op op, size_t skip)
{
    struct expr_node *node = make(p, op, p->at);
    if (node == NULL)
        return NULL;
    node->text = moot__copy(p->e->source + p->at + skip, p->size - 2 * skip);
    if (node->text == NULL && p->status == 0)
        p->status = moot__fail(p->err, MOOT_ENOMEM, "out of memory");
    advance(p);
    return node;
}

static struct expr_node *parse_or(struct parser *p);

static void expect_sign(struct parser *p, char sign, size_t open)
{
    if (at_sign(p, sign)) {
        advance(p);
    } else if (p->token == TOKEN_END) {
        parser_fail(p, p->at, "a '%c' is missing for the one opened at character %zu", sign,
                    moot__utf8_characters(p->e->source, open) + 1);
    } else {
        parser_fail(p, p->at, "a '%c' must stand before '%.*s'", sign, (int)p->size,
                    p->e->source + p->at);
    }
}

static struct expr_node *parse_list(struct parser *p)
{
    size_t open = p->at;
    struct expr_node *list = make(p, EXPR_LIST, open);
    struct expr_node **last = list != NULL ? &list->first : NULL;
    advance(p);
    while (p->status == 0 && !at_sign(p, ']')) {
        *last = parse_or(p);
        if (p->status != 0)
            return NULL;
        last = &(*last)->next;
        if (!at_sign(p, ','))
            break;
        advance(p);
    }
    expect_sign(p, ']', open);
    return list;
}

static struct expr_node *parse_call(struct parser *p)
{
    struct expr_node *node = make(p, p->op, p->at);
    const char *word = moot__expr_word(p->op);
    advance(p);
    if (!at_sign(p, '(')) {
        parser_fail(p, p->at, "'%s' asks for what it is of: write %s(path)", word, word);
        return NULL;
    }
    size_t open = p->at;
    advance(p);
    struct expr_node *of = parse_or(p);
    if (node != NULL)
        node->first = of;
    expect_sign(p, ')', open);
    return node;
}

/* A path, unless it is a call or a word of another language. */
static struct expr_node *parse_path(struct parser *p)
{
    struct expr_node *node = make_text(p, EXPR_PATH, 0);
    if (p->status != 0)
        return NULL;
    bool call = at_sign(p, '(');
    bool ends = p->token == TOKEN_END || p->token == TOKEN_WORD || p->token == TOKEN_SIGN ||
                p->token == TOKEN_COMPARE;
    for (size_t i = 0; i < MOOT_COUNT(foreign_words); i++)
        if (strcmp(node->text, foreign_words[i].theirs) == 0 && (call || !ends)) {
            parser_fail(p, node->offset, "'%s' is not used here: write '%s'", node->text,
                        foreign_words[i].ours);
            return NULL;
        }
    if (call)
        parser_fail(p, node->offset, "only count() and empty() can be called, not %s()",
                    node->text);
    return node;
}

static void fail_operand(struct parser *p)
{
    const char *text = p->e->source + p->at;
    if (p->token == TOKEN_END)
        parser_fail(p, p->at,
                    p->at == 0 ? "an expression is missing" : "something is missing here");
    else if (starts(p, "="))
        parser_fail(p, p->at, "'%.*s' needs something on its left", (int)p->size, text);
    else
        parser_fail(p, p->at, "a value must stand before '%.*s'", (int)p->size, text);
}

static struct expr_node *parse_operand(struct parser *p)
{
    if (p->token == TOKEN_TEXT)
        return make_text(p, EXPR_TEXT, 1);
    if (p->token == TOKEN_NUMBER)
        return make_text(p, EXPR_NUMBER, 0);
    if (p->token == TOKEN_PATH)
        return parse_path(p);
    if (at_word(p, EXPR_COUNT) || at_word(p, EXPR_EMPTY))
        return parse_call(p);
    if (at_word(p, EXPR_TRUE) || at_word(p, EXPR_FALSE)) {
        struct expr_node *node = make(p, p->op, p->at);
        advance(p);
        return node;
    }
    if (at_sign(p, '['))
        return parse_list(p);
    if (at_sign(p, '(')) {
        size_t open = p->at;
        advance(p);
        struct expr_node *node = parse_or(p);
        expect_sign(p, ')', open);
        return node;
    }
    fail_operand(p);
    return NULL;
}

/* The right side of `matches`, compiled here so that a wrong pattern is a wrong crew file. */
static void parse_pattern(struct parser *p, struct expr_node *node)
{
    if (p->token != TOKEN_TEXT) {
        parser_fail(p, p->at, "a pattern in quotes must follow 'matches'");
        return;
    }
    size_t offset = p->at;
    node->first->next = make_text(p, EXPR_TEXT, 1);
    if (p->status != 0)
        return;
    struct moot_error inner = {0};
    int rc = moot__regex_compile(node->first->next->text, &node->regex, &inner);
    if (rc != 0)
        p->status = moot__expr_fail(p->e, offset, p->err, rc, "not a pattern: %s", inner.message);
}

static struct expr_node *parse_compare(struct parser *p)
{
    struct expr_node *left = parse_operand(p);
    if (p->status != 0)
        return NULL;
    if (at_word(p, EXPR_NOT)) {
        parser_fail(p, p->at, "'not' stands in front of all of it: write not (a in b)");
        return NULL;
    }
    if (p->token != TOKEN_COMPARE)
        return left;
    struct expr_node *node = make(p, p->op, p->at);
    if (node == NULL)
        return NULL;
    node->first = left;
    advance(p);
    if (node->op == EXPR_MATCHES)
        parse_pattern(p, node);
    else
        left->next = parse_operand(p);
    if (p->status == 0 && p->token == TOKEN_COMPARE)
        parser_fail(p, p->at, "comparisons do not follow one another: write a < b and b < c");
    return node;
}

static struct expr_node *parse_not(struct parser *p)
{
    if (!at_word(p, EXPR_NOT))
        return parse_compare(p);
    struct expr_node *node = make(p, EXPR_NOT, p->at);
    if (node == NULL)
        return NULL;
    advance(p);
    if (++p->depth > MOOT_MAX_EXPR_DEPTH)
        parser_fail(p, node->offset, "nested deeper than %d", MOOT_MAX_EXPR_DEPTH);
    else
        node->first = parse_not(p);
    p->depth--;
    return node;
}

/* `a and b and c` is one node with three children, so that a long chain is not deep. */
static struct expr_node *parse_chain(struct parser *p, enum expr_op op,
                                     struct expr_node *(*part)(struct parser *))
{
    struct expr_node *left = part(p);
    if (p->status != 0 || !at_word(p, op))
        return left;
    struct expr_node *node = make(p, op, p->at);
    if (node == NULL)
        return NULL;
    /* A child may be the child of a parenthesis and so of nothing else: its `next` is free. */
    node->first = left;
    struct expr_node *last = left;
    while (p->status == 0 && at_word(p, op)) {
        advance(p);
        last->next = part(p);
        if (p->status == 0)
            last = last->next;
    }
    return node;
}

static struct expr_node *parse_and(struct parser *p)
{
    return parse_chain(p, EXPR_AND, parse_not);
}

static struct expr_node *parse_or(struct parser *p)
{
    if (++p->depth > MOOT_MAX_EXPR_DEPTH) {
        parser_fail(p, p->at, "nested deeper than %d", MOOT_MAX_EXPR_DEPTH);
        return NULL;
    }
    struct expr_node *node = parse_chain(p, EXPR_OR, parse_and);
    p->depth--;
    return node;
}

static void fail_rest(struct parser *p)
{
    const char *text = p->e->source + p->at;
    for (size_t i = 0; i < MOOT_COUNT(foreign_words); i++)
        if (strlen(foreign_words[i].theirs) == p->size && starts(p, foreign_words[i].theirs)) {
            parser_fail(p, p->at, "'%s' is not used here: write '%s'", foreign_words[i].theirs,
                        foreign_words[i].ours);
            return;
        }
    if (p->token == TOKEN_SIGN)
        parser_fail(p, p->at, "nothing was opened for this '%c'", text[0]);
    else
        parser_fail(p, p->at, "'and', 'or' or a comparison must stand before '%.*s'", (int)p->size,
                    text);
}

int moot__expr_parse(const char *text, size_t len, struct moot_expr **out, struct moot_error *err)
{
    *out = NULL;
    if (len > MOOT_MAX_EXPR)
        return moot__fail(err, MOOT_ETOOBIG, "an expression has at most %d bytes", MOOT_MAX_EXPR);
    if (!moot__utf8_valid(text, len, NULL) || memchr(text, '\0', len) != NULL)
        return moot__fail(err, MOOT_ESYNTAX, "an expression is text in UTF-8");
    struct moot_expr *e = calloc(1, sizeof(*e));
    if (e == NULL || (e->source = moot__copy(text, len)) == NULL) {
        free(e);
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    struct parser p = {.e = e, .len = len, .err = err};
    advance(&p);
    e->root = parse_or(&p);
    if (p.status == 0 && p.token != TOKEN_END)
        fail_rest(&p);
    if (p.status != 0) {
        moot__expr_free(e);
        return p.status;
    }
    *out = e;
    return 0;
}

void moot__expr_free(struct moot_expr *e)
{
    if (e == NULL)
        return;
    for (struct expr_node *node = e->made; node != NULL;) {
        struct expr_node *before = node->made;
        moot__regex_free(node->regex);
        free(node->text);
        free(node);
        node = before;
    }
    free(e->source);
    free(e);
}

/* Bounded: the tree is at most MOOT_MAX_EXPR_DEPTH levels of parentheses and signs deep. */
static int paths_of(const struct expr_node *node,
                    int (*each)(void *arg, const char *path, size_t offset), void *arg)
{
    if (node->op == EXPR_PATH)
        return each(arg, node->text, node->offset);
    int rc = 0;
    for (const struct expr_node *kid = node->first; kid != NULL && rc == 0; kid = kid->next)
        rc = paths_of(kid, each, arg);
    return rc;
}

int moot__expr_paths(const struct moot_expr *e,
                     int (*each)(void *arg, const char *path, size_t offset), void *arg)
{
    return paths_of(e->root, each, arg);
}
