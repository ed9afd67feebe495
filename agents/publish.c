#include "agents/publish.h"

#include "agents/prompt.h"

bool moot__publish_wanted(const struct moot_task_def *task)
{
    bool told = false;
    for (size_t i = 0; task->command != NULL && task->command[i] != NULL; i++)
        told = told || strstr(task->command[i], "{output_file") != NULL;
    return task->output_file != NULL && !told;
}

int moot__publish_args(const struct moot_task_def *task, const struct moot_json *scope,
                       const struct moot_json *result, char **out, struct moot_error *err)
{
    struct moot_buf path, content;
    moot__buf_init(&path, MOOT_MAX_BODY);
    moot__buf_init(&content, MOOT_MAX_BODY);
    int rc = moot__template_fill(task->output_file, scope, &path, err);
    if (rc == MOOT_OK)
        rc = moot__prompt_value(result, &content);
    if (rc == MOOT_OK && content.len > 0 && content.data[content.len - 1] != '\n')
        rc = moot__buf_addc(&content, '\n');
    struct moot_json *args = moot__json_new(MOOT_JSON_OBJECT);
    if (rc == MOOT_OK)
        rc = args == NULL ? MOOT_ENOMEM : moot__json_set_text(args, "path", moot__buf_text(&path));
    if (rc == MOOT_OK)
        rc = moot__json_set_text(args, "content", moot__buf_text(&content));
    moot__buf_release(&path);
    moot__buf_release(&content);
    *out = rc == MOOT_OK ? moot__json_string(args) : NULL;
    moot__json_free(args);
    return rc == MOOT_OK && *out == NULL ? MOOT_ENOMEM : rc;
}
