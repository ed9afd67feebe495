/* Tools as the crew file defines them: built-ins, what is pinned, and one call of a form. */
#include "runtime/tool.h"

#include "tests/lib/sim_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct moot_tool_spec *make(const char *json, struct moot_error *err)
{
    struct moot_json *entry = NULL;
    struct moot_tool_spec *spec = NULL;
    assert_int_equal(moot__json_parse(json, strlen(json), &entry, err), MOOT_OK);
    moot__tool_spec_make(entry, "/tmp", &spec, err);
    moot__json_free(entry);
    return spec;
}

static void an_unknown_built_in_is_named_with_those_there_are(void **state)
{
    (void)state;
    struct moot_error err = {0};
    assert_null(make("{\"id\":\"fly\"}", &err));
    assert_int_equal(err.code, MOOT_ENOTFOUND);
    assert_non_null(strstr(err.hint, "send_email"));
}

static void no_model_sees_what_is_pinned(void **state)
{
    (void)state;
    struct moot_error err = {0};
    struct moot_tool_spec *spec = make(
        "{\"id\":\"send_email\",\"args\":[{\"name\":\"to\",\"value\":\"{shop.email}\"}]}", &err);
    assert_non_null(spec);
    assert_null(strstr(spec->parameters, "\"to\""));
    assert_non_null(strstr(spec->parameters, "\"subject\""));
    assert_string_equal(moot__json_get_text(spec->pinned, "to", ""), "{shop.email}");
    moot__tool_spec_free(spec);
}

static void mail_that_is_shown_reaches_nobody(void **state)
{
    (void)state;
    struct moot_error err = {0};
    struct moot_tool_spec *shown = make("{\"id\":\"send_email\"}", &err);
    struct moot_tool_spec *laid = make("{\"id\":\"send_email\",\"deliver\":\"outbox:out\"}", &err);
    struct moot_tool_spec *sent =
        make("{\"id\":\"send_email\",\"deliver\":\"smtp://mail.example\"}", &err);
    assert_false(shown->sends_external);
    assert_int_equal(shown->effect, MOOT_EFFECT_NONE);
    assert_false(shown->writes_outside);
    assert_true(laid->writes_outside);
    assert_false(laid->sends_external);
    assert_true(sent->sends_external);
    assert_int_equal(sent->effect, MOOT_EFFECT_IRREVERSIBLE);
    moot__tool_spec_free(shown);
    moot__tool_spec_free(laid);
    moot__tool_spec_free(sent);
}

static void on_done(void *arg, const struct moot_tool_result *r)
{
    char *out = arg;
    assert_int_equal(r->status, MOOT_OK);
    snprintf(out, 64, "%s", r->output);
}

static void a_form_gives_its_arguments_back_and_never_at_once(void **state)
{
    (void)state;
    struct moot_error err = {0};
    struct moot_tool_spec *spec = make("{\"id\":\"order\",\"use\":\"form\"}", &err);
    struct moot_world *w = sim_world_new(NULL);
    struct moot_json *args = NULL;
    struct moot_tool_call_run *run = NULL;
    char got[64] = "";
    assert_int_equal(moot__json_parse("{\"n\":1.50}", 10, &args, &err), MOOT_OK);
    assert_int_equal(moot__tool_start(w, spec, args, &(struct moot_tool_ask){"00", NULL, false},
                                      on_done, got, &run, &err),
                     MOOT_OK);
    assert_string_equal(got, "");
    sim_world_run(w, 10);
    assert_string_equal(got, "{\"n\":1.50}");
    moot__json_free(args);
    moot__tool_spec_free(spec);
    w->destroy(w->self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_built_in_is_named_with_those_there_are),
        cmocka_unit_test(no_model_sees_what_is_pinned),
        cmocka_unit_test(mail_that_is_shown_reaches_nobody),
        cmocka_unit_test(a_form_gives_its_arguments_back_and_never_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
