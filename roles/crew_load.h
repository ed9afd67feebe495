/* A crew file, read: YAML with `extends` and `{file: PATH}` carried out, and the resolved crew.
 *
 * The RESOLVED CREW goes into the journal as canonical JSON: texts, integers, bools, lists and
 * maps, never a fraction. What is unset is absent; moot__crew_default has the defaults. Lists keep
 * the order of the file (with `extends` those of the base first, in its order):
 *
 *   crew, goal                         text
 *   process                            text; always there
 *   input                              {name, registry?, key?}; always there
 *   models                             [{name, model, base_url?, key?, temperature?, top_p?,
 *                                        max_tokens?, stop?: [text], reasoning?, seed?, price?:
 *                                        {input?, output?, cached?}, capabilities?: {context?,
 *                                        schema?, …}, timeouts?: {connect?, first_byte?, idle?,
 *                                        total?}, extra?: JSON text}]
 *   agents                             [{id, kind?, role?, goal?, backstory?, system_message?,
 *                                        model?, tools?: [text], tool_choice?, plan?, max_steps?,
 *                                        limits?, workspace?, sandbox?}]
 *   tasks                              [{id, …}]: exactly one of prompt, steps, tool and command
 *     prompt, tool, agent, expected_output, when, output_file, on_reject, on_exhausted, approval,
 *     model, tool_choice, require_tool   text; attempts: integer
 *     steps                            [{prompt, as?, tool_choice?, model?}]
 *     command, tools                   [text]
 *     args                             [{name, value}]; a value is a text, or a list of texts
 *     needs                            [text]; always there and final: what is written, or what the
 *                                      process says, with what placeholders and expressions name
 *     output                           a shape (below); output_schema: JSON text
 *     check                            [{that, else?} | {pattern, of?} | {none, of?} |
 *                                       {length: {min?, max?, unit}, of?} | {file} |
 *                                       {command: [text]} | {judge, criteria?: [text],
 *                                       sees?: [text]} | {person: true or [text]}]
 *     review                           true, false or [text]
 *     limits                           as the crew's, without total
 *   tools                              [{id, use?, command?: [text], description?, parameters?: a
 *                                        shape, parameters_schema?: JSON text, args?: [{name,
 *                                        value}], limits?: {calls}, effect?, on_unknown?, reads?,
 *                                        ingests?, sends?, writes?, exec?, approval?, sandbox?,
 *                                        deliver?}]
 *   people                             [{id, name?, key?, notify?: [text]}]
 *   limits                             {turns?, calls?, tokens?, cost?, seconds?, depth?, total?:
 *                                        {tokens?, cost?, seconds?}}
 *   seed                               integer;  on_no_person: text
 *
 * Durations (`seconds`, `timeouts`, `cpu`) are milliseconds, sizes (`memory`) bytes, money
 * (`cost`, `price`) and other decimals (`temperature`) their digits as text. `sandbox` is "none"
 * or {network?: "none" or [text], bind?: [text], memory?, cpu?, seconds?}. Paths are relative to
 * the folder of the crew file that was opened, also where a base in another folder wrote them.
 *
 * A SHAPE keeps the order of its fields, which canonical JSON would sort: a scalar of the short
 * form is a text, a map a list of {name, type}, a list a list of the one type of its elements:
 *   {a: text, b: [number], c: [{d: text}]}  is
 *   [{name: a, type: "text"}, {name: b, type: ["number"]},
 *    {name: c, type: [[{name: d, type: "text"}]]}]                       (moot__crew_shape undoes
 * it) */
#ifndef MOOT_CREW_LOAD_H
#define MOOT_CREW_LOAD_H

#include "roles/crew_report.h"

enum { MOOT_CREW_FILES_MAX = MOOT_MAX_EXTENDS + 1 };

/* One YAML file of a crew. */
struct moot_crew_source {
    char *shown; /* its name in messages */
    char *real;  /* its real path */
    char *dir;   /* the folder it is in, real */
};

/* A place of the file that names something by its id. */
struct moot_crew_ref {
    int grammar;                 /* enum moot_grammar: what is named */
    const struct moot_json *raw; /* where */
    char *key;                   /* of the field: "agent" */
    char *place;                 /* "task 'email'" */
};

struct moot_crew_file {
    struct moot_yaml *yaml;
    struct moot_json *raw;      /* all files laid over each other; all scalars are texts */
    struct moot_json *resolved; /* NULL: the YAML cannot be read. Its values stand where those of
                                   raw do, by which problems find their places */
    struct moot_crew_report report;
    struct moot_crew_source sources[MOOT_CREW_FILES_MAX]; /* the crew file, its base, … */
    size_t source_count;
    char *project; /* real path of the project folder */
    struct moot_crew_ref *refs;
    size_t ref_count;
};

/* Reads a crew file and what it extends, and resolves it. What is wrong goes into (*out)->report;
 * only MOOT_ENOMEM is returned. The caller frees *out with moot__crew_close. */
int moot__crew_open(const char *path, struct moot_crew_file **out, struct moot_error *err);
/* The same of a text that stands in no file: as if it were in that file, an absolute path. */
int moot__crew_open_text(const char *path, const char *text, struct moot_crew_file **out,
                         struct moot_error *err);
/* The same of a variant of an experiment file: the crew that it names, with the variant laid over
 * it as by `extends`. Paths are relative to the experiment file's folder. */
int moot__crew_open_variant(const char *path, const char *variant, struct moot_crew_file **out,
                            struct moot_error *err);
/* The same of an experiment file itself: (*out)->resolved is what roles/crew_experiment.h says. */
int moot__crew_open_experiment(const char *path, struct moot_crew_file **out,
                               struct moot_error *err);
void moot__crew_close(struct moot_crew_file *f);

/* Opens and checks a crew file for a run: *resolved and *base_dir (the folder of the crew file) are
 * the caller's. `model`, if not NULL, is the argument of --model. MOOT_EINVAL and so on: the first
 * thing that is wrong. Warnings are left to `moot check`. */
int moot__crew_load(const char *path, const char *model, struct moot_json **resolved,
                    char **base_dir, struct moot_error *err);

/* The path of a value of grammar MOOT_G_PATH, relative to the crew file's folder. The caller frees
 * it. NULL: out of memory. */
char *moot__crew_path(const struct moot_crew_file *f, const struct moot_json *value);
/* The real path of a file that the crew file names and that is read with it: inside the project,
 * not in .moot. The caller frees *out. MOOT_ENOTFOUND, MOOT_EDENIED, MOOT_ENOMEM; err has the words
 * but no place. */
int moot__crew_inside(const struct moot_crew_file *f, const struct moot_json *value, char **out,
                      struct moot_error *err);
/* The same of a path of the resolved crew, which is relative to the crew file's folder. */
int moot__crew_resolve(const struct moot_crew_file *f, const struct moot_json *path, char **out,
                       struct moot_error *err);

/* The short form (an object, or a text) of a shape of the resolved crew, for
 * moot__shortform_compile. The caller frees it. NULL: out of memory. */
struct moot_json *moot__crew_shape(const struct moot_json *shape);

/* Replaces models in a resolved crew as --model and MOOT_MODEL do: "M" all of them, "NAME=M" one
 * name of `models`. A map's other members stay, fallbacks go. MOOT_EINVAL (no provider/model, no
 * such name), MOOT_ENOMEM. */
int moot__crew_use_model(struct moot_json *resolved, const char *spec, struct moot_error *err);

/* An entry of `models` as moot__model_spec_make takes it: `extra` a map, `timeouts` with units. The
 * caller frees it. NULL: out of memory. */
struct moot_json *moot__crew_model_map(const struct moot_json *entry);

/* An entry of a list of the resolved crew ("agents", "tasks", "tools", "people" by id, "models" by
 * name); NULL: none of that id. */
const struct moot_json *moot__crew_entry(const struct moot_json *resolved, const char *list,
                                         const char *id);

#endif
