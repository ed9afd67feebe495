/* libxml2, for page*.c alone: opened at the first page; each function is reached through moot__xml.
 */
#ifndef MOOT_PAGE_XML_H
#define MOOT_PAGE_XML_H

#include "runtime/status.h"

#include <libxml/HTMLparser.h>

#define MOOT_XML_FUNCTIONS(X)                                                                      \
    X(htmlCtxtReadMemory)                                                                          \
    X(htmlFreeParserCtxt)                                                                          \
    X(htmlNewParserCtxt)                                                                           \
    X(xmlCtxtGetLastError)                                                                         \
    X(xmlFreeDoc)                                                                                  \
    X(xmlStopParser)

struct moot_xml {
#define MOOT_XML_FIELD(name) __typeof__(name) *name;
    MOOT_XML_FUNCTIONS(MOOT_XML_FIELD)
#undef MOOT_XML_FIELD
};

/* Filled by moot__xml_open. */
extern struct moot_xml moot__xml;

/* From any thread. MOOT_EUNSUPPORTED. */
int moot__xml_open(struct moot_error *err);

#endif
