/* Which seat a person takes in a crew. */
#include "cli/chat.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define A(id) "{\"id\":\"" id "\"}"
#define PROXY(id) "{\"id\":\"" id "\",\"kind\":\"user_proxy\"}"
#define SEAT(id) "{\"id\":\"" id "\",\"kind\":\"user_proxy\",\"human_input\":\"always\"}"

static const struct seat {
    const char *process, *agents, *as;
    const char *want; /* the agents then; NULL: refused, with these words */
    const char *why;
} cases[] = {
    {"pair", A("coder") "," PROXY("user"), NULL, A("coder") "," SEAT("user"), NULL},
    {"pair", A("coder") "," PROXY("user"), "coder", SEAT("coder") "," PROXY("user"), NULL},
    {"pair", A("coder"), NULL, A("coder") "," SEAT("you"), NULL},
    {"pair", A("ann") "," A("ben"), NULL, NULL, "both seats"},
    {"pair", A("ann") "," A("ben"), "ben", A("ann") "," SEAT("ben"), NULL},
    {"pair", A("ann") "," A("ben"), "bem", NULL, "no agent 'bem'"},
    {"group_chat", A("ann") "," A("ben"), NULL, A("ann") "," A("ben") "," SEAT("you"), NULL},
    {"swarm", A("ann") "," A("ben"), "ann", SEAT("ann") "," A("ben"), NULL},
    {"graph", A("ann"), NULL, NULL, "no conversation"},
};

static void the_seat_is_a_user_proxys(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        const struct seat *s = &cases[i];
        struct moot_error err = {0};
        struct moot_json *crew = NULL;
        char text[1024];
        snprintf(text, sizeof(text), "{\"process\":\"%s\",\"agents\":[%s]}", s->process, s->agents);
        assert_int_equal(moot__json_parse(text, strlen(text), &crew, NULL), MOOT_OK);
        int status = moot__chat_seat(crew, s->as, &err);
        if (s->want == NULL) {
            assert_int_equal(status, MOOT_EUSAGE);
            if (strstr(err.message, s->why) == NULL)
                fail_msg("case %zu: %s", i, err.message);
        } else {
            char *agents = moot__json_string(moot__json_get(crew, "agents"));
            snprintf(text, sizeof(text), "[%s]", s->want);
            assert_int_equal(status, MOOT_OK);
            assert_string_equal(agents, text);
            assert_string_equal(moot__json_get_text(crew, "chat", "none"),
                                s->as != NULL ? s->as : "");
            free(agents);
        }
        moot__json_free(crew);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_seat_is_a_user_proxys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
