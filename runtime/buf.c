#include "runtime/buf.h"

#include "runtime/decimal.h"

void moot__buf_init(struct moot_buf *b, size_t max)
{
    MOOT_ASSERT(max > 0);
    memset(b, 0, sizeof(*b));
    b->max = max;
}

void moot__buf_release(struct moot_buf *b)
{
    free(b->data);
    b->data = NULL;
    b->len = 0;
    b->size = 0;
    b->status = MOOT_OK;
}

void moot__buf_clear(struct moot_buf *b)
{
    b->len = 0;
    b->status = MOOT_OK;
    if (b->data != NULL)
        b->data[0] = '\0';
}

static int buf_fail(struct moot_buf *b, int status)
{
    free(b->data);
    b->data = NULL;
    b->len = 0;
    b->size = 0;
    b->status = status;
    return status;
}

int moot__buf_reserve(struct moot_buf *b, size_t more)
{
    if (b->status != MOOT_OK)
        return b->status;
    if (more > b->max || b->len > b->max - more)
        return buf_fail(b, MOOT_ETOOBIG);
    size_t need = b->len + more + 1;
    if (need <= b->size)
        return MOOT_OK;
    size_t size = b->size < 64 ? 64 : b->size * 2;
    if (size < need)
        size = need;
    if (size > b->max + 1)
        size = b->max + 1;
    char *data = realloc(b->data, size);
    if (data == NULL)
        return buf_fail(b, MOOT_ENOMEM);
    b->data = data;
    b->size = size;
    return MOOT_OK;
}

int moot__buf_add(struct moot_buf *b, const void *data, size_t len)
{
    int status = moot__buf_reserve(b, len);
    if (status != MOOT_OK)
        return status;
    if (len > 0)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
    return MOOT_OK;
}

int moot__buf_adds(struct moot_buf *b, const char *text)
{
    return moot__buf_add(b, text, strlen(text));
}

int moot__buf_addc(struct moot_buf *b, char c)
{
    return moot__buf_add(b, &c, 1);
}

int moot__buf_addf(struct moot_buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    /* Mostly there is room already, and writing once is enough. */
    size_t room = b->status == MOOT_OK && b->data != NULL ? b->size - b->len : 0;
    int length = vsnprintf(room > 0 ? b->data + b->len : NULL, room, format, args);
    va_end(args);
    int status = length < 0 ? MOOT_EINVAL : moot__buf_reserve(b, (size_t)length);
    if (status == MOOT_OK) {
        if ((size_t)length >= room)
            vsnprintf(b->data + b->len, (size_t)length + 1, format, again);
        b->len += (size_t)length;
    } else if (b->data != NULL) {
        b->data[b->len] = '\0';
    }
    va_end(again);
    return status;
}

int moot__buf_add_int(struct moot_buf *b, int64_t n)
{
    char digits[MOOT_INT_TEXT];
    return moot__buf_add(b, digits, moot__int_write(n, digits));
}

int moot__buf_add_hex(struct moot_buf *b, const uint8_t *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    int status = moot__buf_reserve(b, 2 * len);
    if (status != MOOT_OK)
        return status;
    for (size_t i = 0; i < len; i++) {
        b->data[b->len++] = digits[data[i] >> 4];
        b->data[b->len++] = digits[data[i] & 15];
    }
    b->data[b->len] = '\0';
    return MOOT_OK;
}

/* Whether any of eight bytes is `c`; a carry may say so of one above it too. */
static uint64_t any_byte(uint64_t eight, unsigned char c)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t zero = eight ^ (ones * c);
    return (zero - ones) & ~zero & (ones << 7);
}

size_t moot__json_plain(const char *text, size_t len)
{
    const uint64_t ones = 0x0101010101010101u;
    size_t i = 0;
    for (uint64_t eight = 0; len - i >= sizeof(eight); i += sizeof(eight)) {
        memcpy(&eight, text + i, sizeof(eight));
        uint64_t hit = (eight - ones * 0x20) & ~eight & (ones << 7);
        hit |= any_byte(eight, '"') | any_byte(eight, '\\');
        if (hit == 0)
            continue;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        return i + (size_t)__builtin_ctzll(hit) / 8;
#else
        break;
#endif
    }
    while (i < len && (unsigned char)text[i] >= 0x20 && text[i] != '"' && text[i] != '\\')
        i++;
    return i;
}

int moot__buf_add_json(struct moot_buf *b, const char *text, size_t len)
{
    static const char shorts[] = {['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
                                  ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't'};
    moot__buf_reserve(b, len + 2);
    moot__buf_addc(b, '"');
    for (size_t at = 0; at < len; at++) {
        size_t plain = moot__json_plain(text + at, len - at);
        moot__buf_add(b, text + at, plain);
        at += plain;
        if (at == len)
            break;
        unsigned char c = (unsigned char)text[at];
        if (shorts[c] != '\0') {
            char pair[2] = {'\\', shorts[c]};
            moot__buf_add(b, pair, 2);
        } else {
            moot__buf_adds(b, "\\u00");
            moot__buf_add_hex(b, &c, 1);
        }
    }
    return moot__buf_addc(b, '"');
}

void moot__buf_truncate(struct moot_buf *b, size_t len)
{
    MOOT_ASSERT(len <= b->len);
    b->len = len;
    if (b->data != NULL)
        b->data[len] = '\0';
}

const char *moot__buf_text(const struct moot_buf *b)
{
    return b->data != NULL ? b->data : "";
}

char *moot__buf_take(struct moot_buf *b)
{
    if (b->data == NULL && b->status == MOOT_OK)
        moot__buf_add(b, "", 0);
    char *data = b->data;
    b->data = NULL;
    b->len = 0;
    b->size = 0;
    return data;
}

char *moot__copy(const char *text, size_t len)
{
    char *copy = malloc(len + 1);
    if (copy == NULL)
        return NULL;
    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

struct moot_text *moot__text_make(const char *data, size_t len)
{
    struct moot_text *t = malloc(sizeof(*t) + len + 1);
    if (t == NULL)
        return NULL;
    t->refs = 1;
    t->tokens = 0;
    t->len = len;
    if (len > 0)
        memcpy(t->data, data, len);
    t->data[len] = '\0';
    return t;
}

struct moot_text *moot__text_ref(struct moot_text *t)
{
    MOOT_ASSERT(t->refs > 0);
    t->refs++;
    return t;
}

void moot__text_unref(struct moot_text *t)
{
    if (t == NULL)
        return;
    MOOT_ASSERT(t->refs > 0);
    if (--t->refs == 0)
        free(t);
}
