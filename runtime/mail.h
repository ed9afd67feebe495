/* One e-mail: checked, built as RFC 5322 says, laid into an outbox. */
#ifndef MOOT_MAIL_H
#define MOOT_MAIL_H

#include "runtime/buf.h"

/* Texts are UTF-8 and belong to the caller. */
struct moot_mail {
    const char *from;    /* an address */
    const char *to;      /* one address */
    const char *subject; /* one line */
    const char *body;
    const char *id;  /* becomes <id@folkmoot> */
    int64_t date_ms; /* since 1970 */
};

/* Refuses what could become another header or another recipient: a line break or another control
 * character in an address or the subject, more than one recipient, an address that is none.
 * MOOT_EINVAL. */
int moot__mail_check(const struct moot_mail *mail, struct moot_error *err);

/* The message's bytes: Date, From, To, Subject (RFC 2047), Message-ID, MIME, the body as UTF-8 in
 * quoted-printable. Checks first. */
int moot__mail_build(const struct moot_mail *mail, struct moot_buf *out, struct moot_error *err);

/* Writes DIR/ID.eml: a temporary file, synced, renamed. The folder is made. MOOT_EIO. */
int moot__mail_outbox(const char *dir, const char *id, const struct moot_buf *bytes,
                      struct moot_error *err);

#endif
