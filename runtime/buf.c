#include "runtime/buf.h"

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

static int buf_reserve(struct moot_buf *b, size_t more)
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
    int status = buf_reserve(b, len);
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
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    int status = length < 0 ? MOOT_EINVAL : buf_reserve(b, (size_t)length);
    if (status == MOOT_OK) {
        vsnprintf(b->data + b->len, (size_t)length + 1, format, again);
        b->len += (size_t)length;
    }
    va_end(again);
    return status;
}

int moot__buf_add_json(struct moot_buf *b, const char *text, size_t len)
{
    moot__buf_addc(b, '"');
    size_t plain = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        moot__buf_add(b, text + plain, i - plain);
        plain = i + 1;
        switch (c) {
        case '"':
            moot__buf_adds(b, "\\\"");
            break;
        case '\\':
            moot__buf_adds(b, "\\\\");
            break;
        case '\b':
            moot__buf_adds(b, "\\b");
            break;
        case '\f':
            moot__buf_adds(b, "\\f");
            break;
        case '\n':
            moot__buf_adds(b, "\\n");
            break;
        case '\r':
            moot__buf_adds(b, "\\r");
            break;
        case '\t':
            moot__buf_adds(b, "\\t");
            break;
        default:
            moot__buf_addf(b, "\\u%04x", c);
        }
    }
    moot__buf_add(b, text + plain, len - plain);
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
