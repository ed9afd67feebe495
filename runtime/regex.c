#include "runtime/regex.h"

#include "runtime/buf.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* PCRE2's own match limit holds for each place a match may begin at, not for the search, and does
 * not count the bytes a step looks at. So every pattern has a callout before each of its items; it
 * counts steps and bytes for the whole search and, unlike a clock, always the same. */
enum {
    COST_MAX = 5000000,
    COST_MAX_A_BYTE = 64,
    MATCH_MAX = 100000000,
    HEAP_MAX_KIB = 64 * 1024,
};

struct moot_regex {
    pcre2_code *code;
    char *pattern;
    uint32_t groups;
};

struct search {
    size_t last;
    size_t *budget;
};

static int count_step(pcre2_callout_block *block, void *data)
{
    struct search *s = data;
    size_t at = block->current_position;
    size_t cost = 1 + (at > s->last ? at - s->last : s->last - at);
    s->last = at;
    if (cost > *s->budget) {
        *s->budget = 0;
        return PCRE2_ERROR_CALLOUT;
    }
    *s->budget -= cost;
    return 0;
}

static int refuse(struct moot_error *err, const char *pattern)
{
    size_t len = strlen(pattern);
    if (len > MOOT_REGEX_LENGTH_MAX)
        return moot__fail(err, MOOT_ETOOBIG, "a pattern of %zu bytes is longer than %d", len,
                          MOOT_REGEX_LENGTH_MAX);
    if (strncmp(pattern, "(*", 2) == 0)
        return moot__fail(err, MOOT_ESYNTAX, "a pattern cannot begin with (*");
    if (strstr(pattern, "(?C") != NULL)
        return moot__fail(err, MOOT_ESYNTAX, "a pattern cannot have a callout (?C at byte %zu",
                          (size_t)(strstr(pattern, "(?C") - pattern));
    return MOOT_OK;
}

static int compile_code(struct moot_regex *re, struct moot_error *err)
{
    int code = 0;
    PCRE2_SIZE at = 0;
    re->code = pcre2_compile((PCRE2_SPTR)re->pattern, PCRE2_ZERO_TERMINATED,
                             PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C |
                                 PCRE2_AUTO_CALLOUT,
                             &code, &at, NULL);
    if (re->code == NULL) {
        PCRE2_UCHAR words[256];
        if (code == PCRE2_ERROR_HEAP_FAILED)
            return moot__fail(err, MOOT_ENOMEM, "out of memory while compiling a pattern");
        pcre2_get_error_message(code, words, sizeof(words));
        return moot__fail(err, MOOT_ESYNTAX, "%s at byte %zu of the pattern '%.200s'",
                          (const char *)words, (size_t)at, re->pattern);
    }
    pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &re->groups);
    if (re->groups > MOOT_REGEX_GROUPS_MAX)
        return moot__fail(err, MOOT_ETOOBIG, "a pattern has %u groups, more than %d", re->groups,
                          MOOT_REGEX_GROUPS_MAX);
    return MOOT_OK;
}

int moot__regex_compile(const char *pattern, struct moot_regex **out, struct moot_error *err)
{
    *out = NULL;
    int status = refuse(err, pattern);
    if (status != MOOT_OK)
        return status;
    struct moot_regex *re = calloc(1, sizeof(*re));
    if (re != NULL)
        re->pattern = moot__copy(pattern, strlen(pattern));
    if (re == NULL || re->pattern == NULL) {
        free(re);
        return moot__fail(err, MOOT_ENOMEM, "out of memory while compiling a pattern");
    }
    status = compile_code(re, err);
    if (status != MOOT_OK) {
        moot__regex_free(re);
        return status;
    }
    *out = re;
    return MOOT_OK;
}

void moot__regex_free(struct moot_regex *re)
{
    if (re == NULL)
        return;
    pcre2_code_free(re->code);
    free(re->pattern);
    free(re);
}

const char *moot__regex_pattern(const struct moot_regex *re)
{
    return re->pattern;
}

size_t moot__regex_groups(const struct moot_regex *re)
{
    return re->groups;
}

static int status_of(int result)
{
    if (result > 0)
        return MOOT_OK;
    switch (result) {
    case PCRE2_ERROR_NOMATCH:
        return MOOT_ENOTFOUND;
    case PCRE2_ERROR_NOMEMORY:
        return MOOT_ENOMEM;
    case PCRE2_ERROR_CALLOUT:
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
    case PCRE2_ERROR_RECURSELOOP:
        return MOOT_ELIMIT;
    default:
        return MOOT_EINVAL;
    }
}

static void fill_match(const struct moot_regex *re, const PCRE2_SIZE *place,
                       struct moot_regex_match *match)
{
    memset(match, 0, sizeof(*match));
    match->start = place[0];
    match->end = place[1] > place[0] ? place[1] : place[0];
    match->has_group = re->groups > 0 && place[2] != PCRE2_UNSET;
    if (match->has_group) {
        match->group_start = place[2];
        match->group_end = place[3];
    }
}

int moot__regex_search_within(const struct moot_regex *re, const char *text, size_t len,
                              size_t from, size_t *budget, struct moot_regex_match *match)
{
    if (from > len)
        return MOOT_ENOTFOUND;
    struct search s = {.last = from, .budget = budget};
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(re->code, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    int status = MOOT_ENOMEM;
    if (data != NULL && context != NULL) {
        pcre2_set_match_limit(context, MATCH_MAX);
        pcre2_set_depth_limit(context, MATCH_MAX);
        pcre2_set_heap_limit(context, HEAP_MAX_KIB);
        pcre2_set_callout(context, count_step, &s);
        status = status_of(pcre2_match(re->code, (PCRE2_SPTR)text, len, from, 0, data, context));
        if (status == MOOT_OK && match != NULL)
            fill_match(re, pcre2_get_ovector_pointer(data), match);
    }
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return status;
}

int moot__regex_search(const struct moot_regex *re, const char *text, size_t len, size_t from,
                       struct moot_regex_match *match)
{
    size_t budget = COST_MAX + len * COST_MAX_A_BYTE;
    return moot__regex_search_within(re, text, len, from, &budget, match);
}

int moot__regex_extract(const struct moot_regex *re, const char *text, size_t len, char **out)
{
    struct moot_regex_match match;
    *out = NULL;
    int status = moot__regex_search(re, text, len, 0, &match);
    if (status != MOOT_OK)
        return status;
    size_t start = match.has_group ? match.group_start : match.start;
    size_t end = match.has_group ? match.group_end : match.end;
    *out = moot__copy(text + start, end - start);
    return *out != NULL ? MOOT_OK : MOOT_ENOMEM;
}
