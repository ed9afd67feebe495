#include "runtime/page_xml.h"

#include "runtime/shared.h"

struct moot_xml moot__xml;

static const struct moot_symbol symbols[] = {
#define SYMBOL(name) {#name, offsetof(struct moot_xml, name)},
    MOOT_XML_FUNCTIONS(SYMBOL)
#undef SYMBOL
};

static struct moot_shared library = {
    .soname = MOOT_SONAME_XML,
    .package = "libxml2",
    .purpose = "reading a page",
    .symbols = symbols,
    .count = MOOT_COUNT(symbols),
    .table = &moot__xml,
};

int moot__xml_open(struct moot_error *err)
{
    return moot__shared_open(&library, err);
}
