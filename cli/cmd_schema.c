/* moot schema: the form of crew files, for editors and for people. */
#include "cli/commands.h"
#include "roles/crew_reference.h"

enum { SCHEMA_MAX = 4 * 1024 * 1024 };

static int schema_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_buf out;
    moot__buf_init(&out, SCHEMA_MAX);
    if (moot__flag(args, "reference")) {
        moot__crew_reference(&out);
    } else {
        struct moot_json *schema = moot__crew_schema(moot__flag(args, "experiment"));
        if (schema != NULL && moot__json_write_pretty(schema, &out) == MOOT_OK)
            moot__buf_addc(&out, '\n');
        moot__json_free(schema);
    }
    fputs(moot__buf_text(&out), cli->out);
    int code = MOOT_EXIT_DONE;
    if (out.len == 0) {
        struct moot_error err = {0};
        moot__fail(&err, MOOT_ENOMEM, "out of memory");
        code = moot__report(cli, &err);
    }
    moot__buf_release(&out);
    return code;
}

static const struct moot_option options[] = {
    {"experiment", 0, NULL, "of experiment files", 0},
    {"reference", 0, NULL, "the reference page instead, as Markdown", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_schema = {
    .name = "schema",
    .args = "",
    .help = "the JSON Schema of crew files",
    .more =
        "For editors: it knows every key, its values and what it means. `moot check` knows more.",
    .example = "moot schema >crew.schema.json\nmoot schema --reference | less",
    .options = options,
    .group = MOOT_GROUP_SYSTEM,
    .min_words = 0,
    .max_words = 0,
    .run = schema_run,
};
