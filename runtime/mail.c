#include "runtime/mail.h"

#include "runtime/file.h"
#include "runtime/utf8.h"

#include <time.h>

enum {
    LINE_MAX_QP = 76,    /* RFC 2045 6.7 (5) */
    WORD_BYTES_MAX = 42, /* of text in one encoded word: 75 columns with its frame (RFC 2047 2) */
    ADDRESS_MAX = 254,   /* RFC 5321 4.5.3.1.3 */
    SUBJECT_MAX = 998,
};

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7F)
            return true;
    }
    return false;
}

/* local@domain in plain ASCII; no display name, no list, no quoting: what could hide a second one.
 */
static bool is_address(const char *text)
{
    static const char local[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "!#$%&'*+-/=?^_`{|}~.";
    static const char domain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    size_t length = strlen(text);
    size_t before = strspn(text, local);
    if (length > ADDRESS_MAX || before == 0 || before > 64 || text[before] != '@')
        return false;
    const char *host = text + before + 1;
    size_t after = strlen(host);
    if (after == 0 || strspn(host, domain) != after)
        return false;
    bool dots = strstr(text, "..") != NULL || text[0] == '.' || text[before - 1] == '.' ||
                host[0] == '.' || host[0] == '-' || host[after - 1] == '.';
    return !dots;
}

static int check_address(const char *what, const char *text, struct moot_error *err)
{
    if (has_control(text))
        return moot__fail(err, MOOT_EINVAL,
                          "the mail's %s holds a control character: refused, it could become "
                          "another header",
                          what);
    if (!is_address(text))
        return moot__fail(err, MOOT_EINVAL, "the mail's %s '%.80s' is not one address", what, text);
    return MOOT_OK;
}

int moot__mail_check(const struct moot_mail *mail, struct moot_error *err)
{
    int status = check_address("sender", mail->from, err);
    if (status == MOOT_OK)
        status = check_address("recipient", mail->to, err);
    if (status != MOOT_OK)
        return status;
    if (has_control(mail->subject))
        return moot__fail(err, MOOT_EINVAL,
                          "the mail's subject holds a line break or another control character: "
                          "refused, it could become another header");
    if (strlen(mail->subject) > SUBJECT_MAX)
        return moot__fail(err, MOOT_EINVAL, "the mail's subject has more than %d bytes",
                          SUBJECT_MAX);
    bool text = moot__utf8_valid(mail->subject, strlen(mail->subject), NULL) &&
                moot__utf8_valid(mail->body, strlen(mail->body), NULL);
    return text ? MOOT_OK : moot__fail(err, MOOT_EINVAL, "the mail is not UTF-8");
}

static void add_base64(struct moot_buf *out, const unsigned char *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < len; i += 3) {
        uint32_t v = (uint32_t)data[i] << 16;
        v |= i + 1 < len ? (uint32_t)data[i + 1] << 8 : 0;
        v |= i + 2 < len ? (uint32_t)data[i + 2] : 0;
        moot__buf_addc(out, digits[v >> 18]);
        moot__buf_addc(out, digits[(v >> 12) & 63]);
        moot__buf_addc(out, i + 1 < len ? digits[(v >> 6) & 63] : '=');
        moot__buf_addc(out, i + 2 < len ? digits[v & 63] : '=');
    }
}

static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text >= 0x80)
            return false;
    }
    return true;
}

/* Encoded words, each of whole code points, folded one a line (RFC 2047). */
static void add_subject(struct moot_buf *out, const char *subject)
{
    size_t len = strlen(subject);
    if (is_ascii(subject) && len <= 60 && strstr(subject, "=?") == NULL) {
        moot__buf_addf(out, "Subject: %s\r\n", subject);
        return;
    }
    moot__buf_adds(out, "Subject:");
    for (size_t at = 0; at < len;) {
        size_t take = len - at;
        if (take > WORD_BYTES_MAX)
            take = moot__utf8_cut(subject + at, WORD_BYTES_MAX);
        moot__buf_adds(out, at == 0 ? " =?UTF-8?B?" : "\r\n =?UTF-8?B?");
        add_base64(out, (const unsigned char *)subject + at, take);
        moot__buf_adds(out, "?=");
        at += take;
    }
    moot__buf_adds(out, "\r\n");
}

/* Quoted-printable (RFC 2045 6.7), line ends as CRLF. */
static void add_body(struct moot_buf *out, const char *body)
{
    size_t column = 0;
    for (const char *p = body; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '\n' || (c == '\r' && p[1] == '\n')) {
            p += c == '\r';
            moot__buf_adds(out, "\r\n");
            column = 0;
            continue;
        }
        bool last = p[1] == '\n' || p[1] == '\r' || p[1] == '\0';
        bool plain = (c >= 33 && c <= 126 && c != '=') || ((c == ' ' || c == '\t') && !last);
        /* a dot alone on a line would end an SMTP session, "From " confuses mailboxes */
        plain = plain && !(column == 0 && (c == '.' || c == 'F'));
        size_t width = plain ? 1 : 3;
        if (column + width > LINE_MAX_QP - 1) {
            moot__buf_adds(out, "=\r\n");
            column = 0;
        }
        if (plain)
            moot__buf_addc(out, (char)c);
        else
            moot__buf_addf(out, "=%02X", c);
        column += width;
    }
    moot__buf_adds(out, "\r\n");
}

static void add_date(struct moot_buf *out, int64_t ms)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(ms / 1000);
    struct tm t;
    if (gmtime_r(&seconds, &t) == NULL)
        memset(&t, 0, sizeof(t));
    moot__buf_addf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[t.tm_wday % 7],
                   t.tm_mday, months[t.tm_mon % 12], t.tm_year + 1900, t.tm_hour, t.tm_min,
                   t.tm_sec);
}

int moot__mail_build(const struct moot_mail *mail, struct moot_buf *out, struct moot_error *err)
{
    int status = moot__mail_check(mail, err);
    if (status != MOOT_OK)
        return status;
    add_date(out, mail->date_ms);
    moot__buf_addf(out, "From: %s\r\nTo: %s\r\n", mail->from, mail->to);
    add_subject(out, mail->subject);
    moot__buf_addf(out,
                   "Message-ID: <%s@folkmoot>\r\n"
                   "MIME-Version: 1.0\r\n"
                   "Content-Type: text/plain; charset=utf-8\r\n"
                   "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                   mail->id);
    add_body(out, mail->body);
    return out->status == MOOT_OK ? MOOT_OK : moot__fail(err, out->status, "the mail is too big");
}

int moot__mail_outbox(const char *dir, const char *id, const struct moot_buf *bytes,
                      struct moot_error *err)
{
    char name[128];
    snprintf(name, sizeof(name), "%.100s.eml", id);
    int status = moot__make_dirs(dir, err);
    if (status == MOOT_OK)
        status = moot__file_replace(dir, name, moot__buf_text(bytes), bytes->len, err);
    return status;
}
