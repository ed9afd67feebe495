/* What a page says of itself to machines (JSON-LD): names, prices, addresses, ratings. Only members
 * that say such things are taken; what would make a machine act (potentialAction, instructions) is
 * not a fact about a shop. */
#include "runtime/json.h"
#include "runtime/page_part.h"
#include "runtime/utf8.h"

static const char *const wanted[] = {
    "name",           "alternateName", "legalName",    "description",   "slogan",
    "telephone",      "foundingDate",  "priceRange",   "price",         "lowPrice",
    "highPrice",      "priceCurrency", "availability", "ratingValue",   "reviewCount",
    "ratingCount",    "streetAddress", "postalCode",   "addressRegion", "addressLocality",
    "addressCountry", "openingHours",  "opens",        "closes",        "dayOfWeek",
    "category",       "material",      "color",        "reviewBody",    "datePublished",
};

/* Members that hold things with members of their own. */
static const char *const holders[] = {
    "@graph",
    "offers",
    "brand",
    "address",
    "aggregateRating",
    "founder",
    "author",
    "review",
    "item",
    "mainEntity",
    "itemListElement",
    "hasOfferCatalog",
    "image",
    "location",
    "department",
    "openingHoursSpecification",
};

enum { VALUE_MAX = 400, DEPTH_MAX = 12 };

static bool listed(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; word != NULL && i < count; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}

static const char *type_of(const struct moot_json *thing)
{
    const struct moot_json *type = moot__json_get(thing, "@type");
    if (moot__json_is(type, MOOT_JSON_ARRAY))
        type = moot__json_first(type);
    const char *text = moot__json_text(type);
    return text != NULL ? text : "";
}

/* One line "Product name: value"; lines that no longer fit are left out. */
static int add_fact(struct moot_buf *out, const char *type, const char *name, const char *value)
{
    struct page_lines counts = {0};
    char *clean = moot__page_clean(value, &counts);
    char *kind = clean != NULL ? moot__page_clean(type, &counts) : NULL;
    if (kind == NULL) {
        free(clean);
        return MOOT_ENOMEM;
    }
    size_t kept = strlen(clean) > VALUE_MAX ? moot__utf8_cut(clean, VALUE_MAX) : strlen(clean);
    size_t shown = strlen(kind) > 40 ? moot__utf8_cut(kind, 40) : strlen(kind);
    if (kept > 0 && out->len + kept + shown + strlen(name) + 4 < out->max) {
        if (out->len > 0)
            moot__buf_addc(out, '\n');
        moot__buf_addf(out, "%.*s%s%s: %.*s", (int)shown, kind, shown > 0 ? " " : "", name,
                       (int)kept, clean);
    }
    free(clean);
    free(kind);
    return out->status;
}

static int add_scalar(struct moot_buf *out, const char *type, const char *name,
                      const struct moot_json *value)
{
    const char *text = moot__json_text(value);
    if (text == NULL)
        text = moot__json_digits(value);
    return text != NULL ? add_fact(out, type, name, text) : 0;
}

/* Bounded by DEPTH_MAX. */
static int add_thing(struct moot_buf *out, const struct moot_json *thing, int depth)
{
    int rc = 0;
    if (depth > DEPTH_MAX)
        return 0;
    bool list = moot__json_is(thing, MOOT_JSON_ARRAY);
    for (const struct moot_json *m = moot__json_first(thing); m != NULL && rc == 0;
         m = moot__json_next(m)) {
        const char *key = moot__json_key(m);
        bool nested = moot__json_first(m) != NULL;
        if (list || (nested && listed(key, holders, MOOT_COUNT(holders))))
            rc = add_thing(out, m, depth + 1);
        else if (listed(key, wanted, MOOT_COUNT(wanted)))
            rc = add_scalar(out, type_of(thing), key,
                            moot__json_is(m, MOOT_JSON_ARRAY) ? moot__json_first(m) : m);
    }
    return rc;
}

int moot__page_facts(const char *json, size_t len, struct moot_buf *out)
{
    struct moot_json *facts = NULL;
    int rc = moot__json_parse(json, len, &facts, NULL);
    if (rc != 0)
        return rc == MOOT_ENOMEM ? rc : MOOT_ESYNTAX;
    rc = add_thing(out, facts, 0);
    moot__json_free(facts);
    return rc;
}
