#include "runtime/mail.h"

#include "runtime/file.h"
#include "runtime/utf8.h"

#include <time.h>

enum {
    LINE_MAX_QP = 76,  /* RFC 2045 */
    WORD_MAX = 75,     /* RFC 2047 */
    PLAIN_MAX = 68,    /* what fits behind "Subject: " without folding */
    LOCAL_MAX = 64,    /* before the @ */
    LABEL_MAX = 63,    /* between the dots of a domain */
    ADDRESS_MAX = 254, /* RFC 5321 */
    ID_MAX = 200,
    SUBJECT_MAX = 998, /* bytes */
};

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 5322 atext. */
static bool is_atom(char c)
{
    return c != '\0' && (is_alnum(c) || strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Controls of one byte, and those that UTF-8 writes with two. */
static bool has_control(const char *text, bool lines)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        bool layout = lines && (*p == '\n' || *p == '\r' || *p == '\t');
        if ((*p < 0x20 && !layout) || *p == 0x7F)
            return true;
        if (*p == 0xC2 && p[1] >= 0x80 && p[1] < 0xA0)
            return true;
    }
    return false;
}

static bool dot_atom(const char *text, size_t len)
{
    if (len == 0 || len > LOCAL_MAX || text[0] == '.' || text[len - 1] == '.')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_atom(text[i]) && (text[i] != '.' || text[i - 1] == '.'))
            return false;
    return true;
}

static bool domain(const char *text, size_t len)
{
    size_t start = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && text[i] != '.') {
            if (!is_alnum(text[i]) && text[i] != '-')
                return false;
            continue;
        }
        size_t label = i - start;
        if (label == 0 || label > LABEL_MAX || text[start] == '-' || text[i - 1] == '-')
            return false;
        start = i + 1;
    }
    return len > 0;
}

/* local@domain in plain ASCII; no display name, no list, no quoting: what could hide a second one.
 */
static bool is_address(const char *text)
{
    size_t len = strlen(text);
    const char *at = strchr(text, '@');
    if (at == NULL || len > ADDRESS_MAX)
        return false;
    size_t local = (size_t)(at - text);
    return dot_atom(text, local) && domain(at + 1, len - local - 1);
}

static int check_address(const char *what, const char *text, struct moot_error *err)
{
    if (has_control(text, false))
        return moot__fail(err, MOOT_EINVAL,
                          "the mail's %s holds a control character: refused, it could become "
                          "another header",
                          what);
    if (is_address(text))
        return 0;
    const char *why = strpbrk(text, ",;") != NULL ? ": a mail has one recipient" : "";
    if (strchr(text, '<') != NULL)
        why = ": write it without a name";
    return moot__fail(err, MOOT_EINVAL, "the mail's %s '%.80s' is not one address%s", what, text,
                      why);
}

/* What is both a header and a file's name. */
static int check_id(const char *id, struct moot_error *err)
{
    size_t len = strlen(id);
    bool ok = len > 0 && len <= ID_MAX && id[0] != '.' && id[len - 1] != '.';
    for (size_t i = 0; ok && i < len; i++)
        ok = (is_atom(id[i]) && id[i] != '/') || (id[i] == '.' && id[i - 1] != '.');
    return ok ? 0 : moot__fail(err, MOOT_EINVAL, "'%.100s' cannot be a mail's id", id);
}

int moot__mail_check(const struct moot_mail *mail, struct moot_error *err)
{
    int rc = check_id(mail->id, err);
    if (rc == 0)
        rc = check_address("sender", mail->from, err);
    if (rc == 0)
        rc = check_address("recipient", mail->to, err);
    if (rc != 0)
        return rc;
    if (!moot__utf8_valid(mail->subject, strlen(mail->subject), NULL) ||
        !moot__utf8_valid(mail->body, strlen(mail->body), NULL))
        return moot__fail(err, MOOT_EINVAL, "the mail is not UTF-8");
    if (has_control(mail->subject, false))
        return moot__fail(err, MOOT_EINVAL,
                          "the mail's subject holds a line break or another control character: "
                          "refused, it could become another header");
    if (strlen(mail->subject) > SUBJECT_MAX)
        return moot__fail(err, MOOT_EINVAL, "the mail's subject has more than %d bytes",
                          SUBJECT_MAX);
    if (has_control(mail->body, true))
        return moot__fail(err, MOOT_EINVAL, "the mail's body holds a control character");
    return 0;
}

/* Goes into a header as it is. A space at an end would be lost. */
static bool is_plain(const char *text, size_t len)
{
    if (len > 0 && (text[0] == ' ' || text[len - 1] == ' '))
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] > 0x7E)
            return false;
    return memmem(text, len, "=?", 2) == NULL && len <= PLAIN_MAX;
}

/* RFC 2047: words of at most 75 characters, each ending at a code point, a line each. */
static void add_encoded(struct moot_buf *out, const char *text, size_t len)
{
    static const char opening[] = "=?UTF-8?Q?";
    size_t used = 0; /* of the word at hand; 0: none is open */
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        size_t n = moot__utf8_decode(text + i, &code);
        bool bare = n == 1 && (is_alnum(text[i]) || strchr("!*+-/", text[i]) != NULL);
        size_t cost = bare || text[i] == ' ' ? 1 : 3 * n;
        if (used > 0 && used + cost + 2 > WORD_MAX - 10) { /* room for "Subject: " */
            moot__buf_adds(out, "?=\r\n ");
            used = 0;
        }
        if (used == 0) {
            moot__buf_adds(out, opening);
            used = strlen(opening);
        }
        for (size_t k = 0; k < n; k++) {
            unsigned char c = (unsigned char)text[i + k];
            if (bare)
                moot__buf_addc(out, (char)c);
            else if (c == ' ')
                moot__buf_addc(out, '_');
            else
                moot__buf_addf(out, "=%02X", c);
        }
        used += cost;
        i += n;
    }
    moot__buf_adds(out, "?=");
}

/* In English and UTC whatever the locale. */
static int add_date(struct moot_buf *out, int64_t date_ms, struct moot_error *err)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t when = (time_t)(date_ms / 1000);
    struct tm t;
    if (date_ms < 0 || gmtime_r(&when, &t) == NULL || t.tm_year > 8000)
        return moot__fail(err, MOOT_EINVAL, "the mail's date cannot be written");
    return moot__buf_addf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[t.tm_wday],
                          t.tm_mday, months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min,
                          t.tm_sec);
}

/* Length of the line end at `text`, 0: none. */
static size_t line_end(const char *text)
{
    if (text[0] == '\r')
        return text[1] == '\n' ? 2 : 1;
    return text[0] == '\n';
}

/* Quoted-printable. A space before a line end, and what some relays take for marks (`From ` and a
 * dot at a line's beginning), are written as codes. */
static void add_body(struct moot_buf *out, const char *body)
{
    size_t column = 0;
    for (size_t i = 0; body[i] != '\0';) {
        size_t end = line_end(body + i);
        if (end > 0) {
            moot__buf_adds(out, "\r\n");
            column = 0;
            i += end;
            continue;
        }
        unsigned char c = (unsigned char)body[i];
        bool last = body[i + 1] == '\0' || line_end(body + i + 1) > 0;
        bool mark = column == 0 && (c == '.' || strncmp(body + i, "From ", 5) == 0);
        bool bare =
            (c > 0x20 && c < 0x7F && c != '=' && !mark) || ((c == ' ' || c == '\t') && !last);
        size_t cost = bare ? 1 : 3;
        if (column + cost > LINE_MAX_QP - (size_t)!last) {
            moot__buf_adds(out, "=\r\n");
            column = 0;
        }
        if (bare)
            moot__buf_addc(out, (char)c);
        else
            moot__buf_addf(out, "=%02X", c);
        column += cost;
        i++;
    }
    if (column > 0)
        moot__buf_adds(out, "\r\n");
}

int moot__mail_build(const struct moot_mail *mail, struct moot_buf *out, struct moot_error *err)
{
    int rc = moot__mail_check(mail, err);
    if (rc == 0)
        rc = add_date(out, mail->date_ms, err);
    if (rc != 0)
        return rc;
    moot__buf_addf(out, "From: %s\r\nTo: %s\r\nSubject: ", mail->from, mail->to);
    size_t len = strlen(mail->subject);
    if (is_plain(mail->subject, len))
        moot__buf_add(out, mail->subject, len);
    else
        add_encoded(out, mail->subject, len);
    moot__buf_addf(out, "\r\nMessage-ID: <%s@folkmoot>\r\n", mail->id);
    moot__buf_adds(out, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    add_body(out, mail->body);
    return out->status == 0 ? 0 : moot__fail(err, out->status, "the mail is too big");
}

int moot__mail_outbox(const char *dir, const char *id, const struct moot_buf *bytes,
                      struct moot_error *err)
{
    char name[ID_MAX + 8];
    snprintf(name, sizeof(name), "%.*s.eml", ID_MAX, id);
    int rc = check_id(id, err);
    if (rc == 0)
        rc = moot__make_dirs(dir, err);
    return rc == 0 ? moot__file_replace(dir, name, moot__buf_text(bytes), bytes->len, err) : rc;
}
