#include "runtime/status.h"

const char *moot__status_text(int code)
{
    switch (code) {
    case MOOT_OK:
        return "ok";
#define MOOT_STATUS_CASE(name, value, text)                                                        \
    case name:                                                                                     \
        return text;
        MOOT_STATUS_LIST(MOOT_STATUS_CASE)
#undef MOOT_STATUS_CASE
    default:
        return "unknown error";
    }
}

/* Ends a text that filled its room at the last whole code point. What came next is lost, so only
 * the lead byte tells whether the last one is whole. */
static void cut_end(char *text, size_t len)
{
    size_t lead = len - 1;
    while (lead > 0 && ((unsigned char)text[lead] & 0xC0) == 0x80)
        lead--;
    unsigned char c = (unsigned char)text[lead];
    size_t need = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
    if (lead + need > len)
        text[lead] = '\0';
}

static void print_cut(char *out, size_t size, const char *format, va_list args)
{
    int length = vsnprintf(out, size, format, args);
    if (length < 0)
        out[0] = '\0';
    else if ((size_t)length >= size)
        cut_end(out, size - 1);
}

int moot__fail(struct moot_error *err, int code, const char *format, ...)
{
    if (err == NULL)
        return code;
    memset(err, 0, sizeof(*err));
    err->code = code;
    va_list args;
    va_start(args, format);
    print_cut(err->message, sizeof(err->message), format, args);
    va_end(args);
    return code;
}

int moot__fail_wrap(struct moot_error *err, const char *format, ...)
{
    if (err == NULL)
        return MOOT_EINVAL;
    char outer[sizeof(err->message)];
    char inner[sizeof(err->message)];
    memcpy(inner, err->message, sizeof(inner));
    va_list args;
    va_start(args, format);
    print_cut(outer, sizeof(outer), format, args);
    va_end(args);
    int length = snprintf(err->message, sizeof(err->message), "%s: %s", outer, inner);
    if (length >= (int)sizeof(err->message))
        cut_end(err->message, sizeof(err->message) - 1);
    return err->code;
}

void moot__fail_hint(struct moot_error *err, const char *format, ...)
{
    if (err == NULL)
        return;
    va_list args;
    va_start(args, format);
    print_cut(err->hint, sizeof(err->hint), format, args);
    va_end(args);
}

void moot__fail_at(struct moot_error *err, const char *file, int line, int column)
{
    if (err == NULL)
        return;
    snprintf(err->file, sizeof(err->file), "%s", file != NULL ? file : "");
    err->line = line;
    err->column = column;
}

void moot__assert_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "moot: %s:%d: this must hold and does not: %s\n", file, line, condition);
    abort();
}
