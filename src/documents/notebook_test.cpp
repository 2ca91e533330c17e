#include "documents/notebook.h"

#include <gmock/gmock.h>

#include "documents/fixture.h"

namespace lar::documents {
namespace {

using testing::ElementsAre;

Outcome notebook(std::string_view json) { return outcome_of(wire::DocumentFormat::notebook, json); }

TEST(Notebook, CellsComeInOrderWithWhatTheyPrinted) {
    const Outcome outcome = notebook(R"json({"cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Growth\n", "\n", "It doubles\n", "every day.\n", "- so far"]},
        {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": "print(2 ** 10)",
         "outputs": [{"output_type": "stream", "name": "stdout", "text": ["1024\n"]},
                     {"output_type": "execute_result", "data": {"text/plain": "'done'", "image/png": "iVBORw0KGgo="}}]}],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5})json");
    ASSERT_TRUE(outcome.read) << outcome.read.error().message;
    EXPECT_THAT(outcome.blocks, ElementsAre("h1 Growth", "It doubles every day.", "- so far", "``` print(2 ** 10)",
                                            "``` 1024\n", "``` 'done'"));
}

TEST(Notebook, TheFormatBeforeIsReadToo) {
    const Outcome outcome = notebook(R"({"nbformat": 3, "worksheets": [{"cells": [
        {"cell_type": "code", "input": ["x = 1"], "outputs": []}]}]})");
    EXPECT_THAT(outcome.blocks, ElementsAre("``` x = 1"));
}

TEST(Notebook, WhatIsNoNotebookIsDamaged) {
    for (const std::string_view json :
         {"", "[]", "{\"cells\": 3}", "{\"cells\": [{\"cell_type\": {}}]}", "{\"cells\": ["})
        EXPECT_EQ(notebook(json).code(), Code::corrupt) << json;
}

}  // namespace
}  // namespace lar::documents
