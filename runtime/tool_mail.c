#include "runtime/tool_builtin.h"

#include "runtime/mail.h"
#include "runtime/utf8.h"

/* As in the book: the mail is shown, not sent. */
static int mail_print(struct moot_tool_call_run *run, const struct moot_mail *mail)
{
    moot__buf_addf(&run->output, "To: %s\nSubject: %s\n\n", mail->to, mail->subject);
    return moot__buf_adds(&run->output, mail->body);
}

static int mail_outbox(struct moot_tool_call_run *run, const struct moot_mail *mail,
                       struct moot_error *err)
{
    const char *folder = run->spec->deliver + strlen("outbox:");
    struct moot_buf dir;
    struct moot_buf bytes;
    moot__buf_init(&dir, 4096);
    moot__buf_init(&bytes, MOOT_MAX_BODY);
    if (folder[0] == '/')
        moot__buf_adds(&dir, folder);
    else
        moot__buf_addf(&dir, "%s/%s", run->spec->base_dir, folder);
    int status = moot__mail_build(mail, &bytes, err);
    if (status == MOOT_OK)
        status = moot__mail_outbox(moot__buf_text(&dir), run->call_id, &bytes, err);
    if (status == MOOT_OK)
        moot__buf_addf(&run->output, "written to %s/%s.eml", folder, run->call_id);
    moot__buf_release(&dir);
    moot__buf_release(&bytes);
    return status;
}

static int mail_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    (void)err;
    struct moot_error why = {0};
    const struct moot_world *w = run->world;
    struct moot_mail mail = {
        .from = moot__json_get_text(run->args, "from", "folkmoot@localhost"),
        .to = moot__json_get_text(run->args, "to", ""),
        .subject = moot__json_get_text(run->args, "subject", ""),
        .body = moot__json_get_text(run->args, "body", ""),
        .id = run->call_id,
        .date_ms = w->now_wall(w->self),
    };
    int status = moot__mail_check(&mail, &why);
    const char *deliver = run->spec->deliver;
    if (status == MOOT_OK && strcmp(deliver, "print") == 0)
        status = mail_print(run, &mail);
    else if (status == MOOT_OK && strncmp(deliver, "outbox:", 7) == 0)
        status = mail_outbox(run, &mail, &why);
    else if (status == MOOT_OK)
        status = moot__fail(&why, MOOT_EUNSUPPORTED, "deliver: '%s' is not yet here", deliver);
    if (status != MOOT_OK) {
        moot__tool_finish_error(run, status, why.message);
        return MOOT_OK;
    }
    char shown[320];
    snprintf(shown, sizeof(shown), "to %.200s · %zu words", mail.to,
             moot__utf8_words(mail.body, strlen(mail.body)));
    run->shown = strdup(shown);
    moot__tool_finish(run);
    return MOOT_OK;
}

const struct moot_builtin_tool moot__tool_send_email = {
    .name = "send_email",
    .description = "Sends one e-mail.",
    .parameters = "{\"type\":\"object\",\"properties\":{\"to\":{\"type\":\"string\"},"
                  "\"subject\":{\"type\":\"string\"},\"body\":{\"type\":\"string\"}},"
                  "\"required\":[\"to\",\"subject\",\"body\"],\"additionalProperties\":false}",
    .effect = MOOT_EFFECT_IRREVERSIBLE,
    .sends_external = true,
    .start = mail_start,
};
