#include "runtime/redact.h"

#include "runtime/utf8.h"

enum { SECRETS_MAX = 256, FORMS_MAX = SECRETS_MAX * 12, FORM_MIN = MOOT_SECRET_MIN };

struct form {
    char *bytes;
    size_t len;
    const char *name; /* of `names` */
};

struct moot_redact {
    struct form *forms; /* the longest first */
    size_t count;
    char *names[SECRETS_MAX];
    size_t name_count;
    size_t longest;
    bool begins[256]; /* some form begins with this byte */
};

struct moot_redact *moot__redact_new(void)
{
    return calloc(1, sizeof(struct moot_redact));
}

void moot__redact_free(struct moot_redact *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->count; i++) {
        explicit_bzero(r->forms[i].bytes, r->forms[i].len);
        free(r->forms[i].bytes);
    }
    for (size_t i = 0; i < r->name_count; i++)
        free(r->names[i]);
    free(r->forms);
    free(r);
}

static int add_form(struct moot_redact *r, const char *name, const char *bytes, size_t len)
{
    if (len < FORM_MIN)
        return MOOT_OK;
    size_t at = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (r->forms[i].len == len && memcmp(r->forms[i].bytes, bytes, len) == 0)
            return MOOT_OK;
        if (r->forms[i].len >= len)
            at = i + 1;
    }
    struct form *forms = realloc(r->forms, (r->count + 1) * sizeof(*forms));
    if (forms == NULL)
        return MOOT_ENOMEM;
    r->forms = forms;
    char *copy = moot__copy(bytes, len);
    if (copy == NULL)
        return MOOT_ENOMEM;
    memmove(&forms[at + 1], &forms[at], (r->count - at) * sizeof(*forms));
    forms[at] = (struct form){.bytes = copy, .len = len, .name = name};
    r->count++;
    r->begins[(unsigned char)bytes[0]] = true;
    if (len > r->longest)
        r->longest = len;
    return MOOT_OK;
}

static const char base64_plain[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The characters that depend on the secret alone when `before` bytes stand in front of it: base64
 * can begin at any of three places. */
static int add_base64(struct moot_redact *r, const char *name, const char *secret, size_t before,
                      const char *alphabet)
{
    struct moot_buf b;
    size_t len = strlen(secret);
    size_t first = (before * 8 + 5) / 6; /* first character without a bit of what is before */
    size_t end = (before + len) * 8 / 6; /* past the last one without a bit of what follows */
    moot__buf_init(&b, 2 * len + 8);
    for (size_t c = first; c < end; c++) {
        unsigned value = 0;
        for (size_t bit = c * 6; bit < c * 6 + 6; bit++) {
            unsigned char byte = (unsigned char)secret[bit / 8 - before];
            value = value << 1 | ((unsigned)byte >> (7 - bit % 8) & 1u);
        }
        moot__buf_addc(&b, alphabet[value]);
    }
    int status = b.status == MOOT_OK ? add_form(r, name, moot__buf_text(&b), b.len) : b.status;
    if (b.data != NULL)
        explicit_bzero(b.data, b.len);
    moot__buf_release(&b);
    return status;
}

static int add_hex(struct moot_redact *r, const char *name, const char *secret, bool percent,
                   const char *digits)
{
    struct moot_buf b;
    moot__buf_init(&b, 3 * strlen(secret) + 8);
    for (const char *at = secret; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~", c) != NULL;
        if (percent && plain) {
            moot__buf_addc(&b, (char)c);
            continue;
        }
        if (percent)
            moot__buf_addc(&b, '%');
        moot__buf_addc(&b, digits[c >> 4]);
        moot__buf_addc(&b, digits[c & 15]);
    }
    int status = b.status == MOOT_OK ? add_form(r, name, moot__buf_text(&b), b.len) : b.status;
    if (b.data != NULL)
        explicit_bzero(b.data, b.len);
    moot__buf_release(&b);
    return status;
}

int moot__redact_add(struct moot_redact *r, const char *name, const char *secret)
{
    static const char lower[] = "0123456789abcdef";
    static const char upper[] = "0123456789ABCDEF";
    if (strlen(secret) < MOOT_SECRET_MIN)
        return MOOT_EINVAL;
    if (r->name_count == SECRETS_MAX)
        return MOOT_ETOOBIG;
    char *held = moot__copy(name, strlen(name));
    if (held == NULL)
        return MOOT_ENOMEM;
    r->names[r->name_count++] = held;
    int status = add_form(r, held, secret, strlen(secret));
    for (size_t before = 0; before < 3 && status == MOOT_OK; before++) {
        status = add_base64(r, held, secret, before, base64_plain);
        if (status == MOOT_OK)
            status = add_base64(r, held, secret, before, base64_url);
    }
    for (int percent = 0; percent < 2 && status == MOOT_OK; percent++) {
        status = add_hex(r, held, secret, percent == 1, lower);
        if (status == MOOT_OK)
            status = add_hex(r, held, secret, percent == 1, upper);
    }
    return status;
}

size_t moot__redact_longest(const struct moot_redact *r)
{
    return r->longest;
}

/* The form that stands at `text`, or NULL. */
static const struct form *form_at(const struct moot_redact *r, const char *text, size_t len)
{
    if (!r->begins[(unsigned char)text[0]])
        return NULL;
    for (size_t i = 0; i < r->count; i++) {
        const struct form *f = &r->forms[i];
        if (f->len <= len && memcmp(text, f->bytes, f->len) == 0)
            return f;
    }
    return NULL;
}

int moot__redact_text(const struct moot_redact *r, const char *text, size_t len,
                      struct moot_buf *out)
{
    size_t plain = 0;
    for (size_t i = 0; i < len;) {
        const struct form *f = form_at(r, text + i, len - i);
        if (f == NULL) {
            i++;
            continue;
        }
        moot__buf_add(out, text + plain, i - plain);
        moot__buf_addf(out, "secret://%s", f->name);
        i += f->len;
        plain = i;
    }
    return moot__buf_add(out, text + plain, len - plain);
}

bool moot__redact_found(const struct moot_redact *r, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (form_at(r, text + i, len - i) != NULL)
            return true;
    }
    return false;
}

void moot__redact_stream_init(struct moot_redact_stream *s, const struct moot_redact *r)
{
    s->r = r;
    moot__buf_init(&s->held, MOOT_MAX_JSON);
}

void moot__redact_stream_release(struct moot_redact_stream *s)
{
    moot__buf_release(&s->held);
}

/* Whether a form begins at `text` and goes on beyond its end. */
static bool form_open(const struct moot_redact *r, const char *text, size_t len)
{
    if (!r->begins[(unsigned char)text[0]])
        return false;
    for (size_t i = 0; i < r->count && r->forms[i].len > len; i++) {
        if (memcmp(text, r->forms[i].bytes, len) == 0)
            return true;
    }
    return false;
}

int moot__redact_stream_add(struct moot_redact_stream *s, const char *text, size_t len,
                            struct moot_buf *out)
{
    int status = moot__buf_add(&s->held, text, len);
    if (status != MOOT_OK || s->held.len == 0)
        return status;
    const char *held = s->held.data;
    size_t plain = 0; /* up to here it is given out */
    size_t i = 0;
    while (i < s->held.len && !form_open(s->r, held + i, s->held.len - i)) {
        const struct form *f = form_at(s->r, held + i, s->held.len - i);
        if (f == NULL) {
            i++;
            continue;
        }
        moot__buf_add(out, held + plain, i - plain);
        moot__buf_addf(out, "secret://%s", f->name);
        i += f->len;
        plain = i;
    }
    moot__buf_add(out, held + plain, i - plain);
    memmove(s->held.data, held + i, s->held.len - i);
    moot__buf_truncate(&s->held, s->held.len - i);
    return out->status;
}

int moot__redact_stream_end(struct moot_redact_stream *s, struct moot_buf *out)
{
    int status = moot__redact_text(s->r, moot__buf_text(&s->held), s->held.len, out);
    moot__buf_clear(&s->held);
    return status;
}
