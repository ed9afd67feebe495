/* Files as bytes, and bytes as what they are. */
#include "runtime/input_part.h"

#include "runtime/file.h"
#include "runtime/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int moot__input_fd(int fd, const char *name, size_t max, struct moot_buf *out, size_t *cut,
                   struct moot_error *err)
{
    char chunk[65536];
    size_t whole = 0;
    if (cut != NULL)
        *cut = 0;
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return moot__file_fail(err, name, "read");
        if (n == 0)
            break;
        whole += (size_t)n;
        size_t room = max - out->len;
        if ((size_t)n > room && cut == NULL)
            return moot__fail(err, MOOT_ETOOBIG, "%s is bigger than %zu KiB", name, max / 1024);
        if (moot__buf_add(out, chunk, (size_t)n < room ? (size_t)n : room) != 0)
            return moot__fail(err, out->status, "%s cannot be read: %s", name,
                              moot__status_text(out->status));
        if ((size_t)n > room)
            break;
    }
    if (cut != NULL && whole > max) {
        struct stat st;
        *cut = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (size_t)st.st_size : whole;
    }
    return 0;
}

int moot__input_bytes(const char *path, size_t max, struct moot_buf *out, size_t *cut,
                      struct moot_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return moot__file_fail(err, path, "opened");
    struct stat st;
    int rc = 0;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        rc = moot__fail(err, MOOT_EUSAGE, "%s is a folder", path);
        moot__fail_hint(err, "give its files: %s/*", path);
    } else {
        rc = moot__input_fd(fd, path, max, out, cut, err);
    }
    close(fd);
    return rc;
}

static bool ends_with(const char *path, const char *suffix)
{
    size_t n = strlen(path);
    size_t m = strlen(suffix);
    return n > m && strcasecmp(path + n - m, suffix) == 0;
}

enum input_kind moot__input_kind(const char *path, const struct moot_buf *bytes)
{
    static const struct {
        const char *suffix;
        enum input_kind kind;
    } kinds[] = {
        {".html", INPUT_PAGE}, {".htm", INPUT_PAGE},   {".xhtml", INPUT_PAGE},
        {".json", INPUT_JSON}, {".jsonl", INPUT_JSON}, {".ndjson", INPUT_JSON},
        {".txt", INPUT_TEXT},  {".md", INPUT_TEXT},    {".csv", INPUT_TEXT},
    };
    for (size_t i = 0; i < MOOT_COUNT(kinds); i++)
        if (ends_with(path, kinds[i].suffix))
            return kinds[i].kind;
    const char *start = moot__buf_text(bytes);
    start += strspn(start, " \t\r\n\xEF\xBB\xBF");
    bool page =
        strncasecmp(start, "<!doctype html", 14) == 0 || strncasecmp(start, "<html", 5) == 0;
    return page ? INPUT_PAGE : INPUT_TEXT;
}

int moot__input_text(const char *path, struct moot_buf *bytes, struct moot_error *err)
{
    static const char mark[] = "\xEF\xBB\xBF";
    if (bytes->len >= 3 && memcmp(bytes->data, mark, 3) == 0) {
        memmove(bytes->data, bytes->data + 3, bytes->len - 3);
        moot__buf_truncate(bytes, bytes->len - 3);
    }
    if (bytes->len == 0)
        return moot__fail(err, MOOT_EINVAL, "%s is empty", path);
    size_t bad = 0;
    if (memchr(bytes->data, '\0', bytes->len) != NULL)
        return moot__fail(err, MOOT_EINVAL, "%s is no text: it holds a zero byte", path);
    if (moot__utf8_valid(bytes->data, bytes->len, &bad))
        return 0;
    moot__fail(err, MOOT_EINVAL, "%s is not UTF-8: byte %zu begins no character", path, bad + 1);
    moot__fail_hint(err, "iconv -f windows-1252 -t utf-8 %s", path);
    return MOOT_EINVAL;
}

/* A member of a JSON text, or of its array. */
static int give(const char *path, size_t number, struct moot_json *value,
                int (*each)(void *arg, struct moot_json *object, size_t number), void *arg,
                struct moot_error *err)
{
    if (moot__json_is(value, MOOT_JSON_OBJECT)) {
        int rc = each(arg, value, number);
        return rc == 0 ? 0 : moot__fail(err, rc, "%s: %s", path, moot__status_text(rc));
    }
    moot__json_free(value);
    return moot__fail(err, MOOT_EINVAL,
                      "%s: entry %zu is no object: an item is written {\"NAME\": "
                      "VALUE}",
                      path, number);
}

static int give_all(const char *path, struct moot_json *whole,
                    int (*each)(void *arg, struct moot_json *object, size_t number), void *arg,
                    struct moot_error *err)
{
    if (!moot__json_is(whole, MOOT_JSON_ARRAY))
        return give(path, 1, whole, each, arg, err);
    int rc = 0;
    size_t number = 0;
    for (const struct moot_json *j = moot__json_first(whole); j != NULL && rc == 0;
         j = moot__json_next(j)) {
        struct moot_json *copy = moot__json_copy(j);
        rc = copy != NULL ? give(path, ++number, copy, each, arg, err)
                          : moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    moot__json_free(whole);
    return rc;
}

static int give_lines(const char *path, const char *text,
                      int (*each)(void *arg, struct moot_json *object, size_t number), void *arg,
                      struct moot_error *err)
{
    size_t number = 0;
    int rc = 0;
    for (size_t line = 1; *text != '\0' && rc == 0; line++) {
        size_t n = strcspn(text, "\n");
        size_t shown = n > 0 && text[n - 1] == '\r' ? n - 1 : n;
        struct moot_json *value = NULL;
        if (strspn(text, " \t") < shown) {
            rc = moot__json_parse(text, shown, &value, err);
            if (rc != 0) {
                moot__fail_wrap(err, "%s:%zu", path, line);
                moot__fail_at(err, path, (int)line, 0);
            } else {
                rc = give(path, ++number, value, each, arg, err);
            }
        }
        text += n + (text[n] == '\n');
    }
    return rc;
}

int moot__input_objects(const char *path, const struct moot_buf *bytes,
                        int (*each)(void *arg, struct moot_json *object, size_t number), void *arg,
                        struct moot_error *err)
{
    struct moot_json *whole = NULL;
    struct moot_error why = {0};
    int rc = moot__json_parse(moot__buf_text(bytes), bytes->len, &whole, &why);
    if (rc == 0)
        return give_all(path, whole, each, arg, err);
    if (rc == MOOT_ENOMEM)
        return moot__fail(err, rc, "out of memory");
    /* Lines, if the first of them is a whole value. */
    const char *text = moot__buf_text(bytes);
    size_t first = strcspn(text, "\r\n");
    bool lines = text[first] != '\0' && moot__json_parse(text, first, &whole, NULL) == 0;
    if (!lines)
        return moot__fail(err, rc, "%s is not JSON: %s", path, why.message);
    moot__json_free(whole);
    return give_lines(path, text, each, arg, err);
}
