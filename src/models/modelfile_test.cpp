#include "models/modelfile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/codec.h"

namespace lar::models {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string modelfile_refusal(std::string_view text) {
    const auto modelfile = parse_modelfile(text);
    return modelfile ? "taken" : modelfile.error().message;
}

TEST(Modelfile, EveryCommandIsTakenInAnyCase) {
    const auto modelfile = parse_modelfile(
        "# a model\n"
        "from ./tiny.gguf\r\n"
        "FROM vision-projector\n"
        "\n"
        "  Adapter lora.gguf\n"
        "TEMPLATE {{ messages }}\n"
        "SYSTEM You are terse.\n"
        "PARAMETER temperature 0.5\n"
        "parameter STOP <|im_end|>\n"
        "PARAMETER stop \"User: \"\n"
        "MESSAGE user Hello\n"
        "MESSAGE Assistant \"Hi\"\n"
        "LICENSE MIT\nLICENSE Apache\n"
        "RENDERER qwen3-coder\nPARSER qwen3-coder\nREQUIRES 0.14.0");
    ASSERT_TRUE(modelfile) << modelfile.error().message;
    EXPECT_THAT(modelfile->from, ElementsAre("./tiny.gguf", "vision-projector"));
    EXPECT_THAT(modelfile->adapters, ElementsAre("lora.gguf"));
    EXPECT_EQ(modelfile->tmpl, "{{ messages }}");
    EXPECT_EQ(modelfile->system, "You are terse.");
    EXPECT_EQ(modelfile->parameters.temperature, 0.5);
    EXPECT_THAT(*modelfile->parameters.stop, ElementsAre("<|im_end|>", "User: "));
    ASSERT_EQ(modelfile->messages.size(), 2U);
    EXPECT_EQ(modelfile->messages[1].role, "assistant");
    EXPECT_EQ(modelfile->messages[1].content, "Hi");
    EXPECT_THAT(modelfile->licenses, ElementsAre("MIT", "Apache"));
    EXPECT_EQ(modelfile->renderer, "qwen3-coder");
    EXPECT_EQ(modelfile->requires_version, "0.14.0");
}

TEST(Modelfile, QuotedValuesGoOverLinesAndKeepWhatIsInThem) {
    const auto modelfile = parse_modelfile(
        "FROM m\n"
        "SYSTEM \"\"\"\n"
        "  # no comment\n"
        "\"quoted\", and FROM elsewhere\n"
        "\"\"\"  \n"
        "TEMPLATE \"one\n"
        "two\"\n"
        "LICENSE \"\"\n");
    ASSERT_TRUE(modelfile) << modelfile.error().message;
    EXPECT_EQ(modelfile->system, "\n  # no comment\n\"quoted\", and FROM elsewhere\n");
    EXPECT_EQ(modelfile->tmpl, "one\ntwo");
    EXPECT_THAT(modelfile->licenses, ElementsAre(""));
    EXPECT_THAT(modelfile->from, ElementsAre("m"));
}

TEST(Modelfile, AnErrorNamesItsLine) {
    EXPECT_EQ(modelfile_refusal("FROM m\n\nFORM x"), "line 3: there is no command 'FORM'; did you mean 'from'?");
    EXPECT_EQ(modelfile_refusal("FROM m\nSYSTEM \"\"\"a\nb\n"),
              "line 2: the quotes that open here never close at the end of a line");
    EXPECT_THAT(modelfile_refusal("FROM m\nPARAMETER temprature 1"),
                HasSubstr("line 2: there is no parameter 'temprature'; did"));
    EXPECT_THAT(modelfile_refusal("PARAMETER num_ctx 0\nFROM m"), HasSubstr("line 1: the parameter 'num_ctx' must be"));
    EXPECT_THAT(modelfile_refusal("FROM m\nPARAMETER stop"), HasSubstr("line 2: PARAMETER needs a name and a value"));
    EXPECT_THAT(modelfile_refusal("FROM"), HasSubstr("line 1: FROM needs a value"));
    EXPECT_THAT(modelfile_refusal("FROM \"\""), HasSubstr("line 1: no model and no file"));
    EXPECT_THAT(modelfile_refusal("FROM m\nMESSAGE nobody hello"),
                HasSubstr("line 2: a message is of system, user or assistant"));
    EXPECT_THAT(modelfile_refusal("FROM m\nDRAFT x"), HasSubstr("line 2: DRAFT is not taken"));
}

TEST(Modelfile, WithoutFromOrNotAsUtf8IsRefused) {
    EXPECT_THAT(modelfile_refusal(""), HasSubstr("no FROM line"));
    EXPECT_THAT(modelfile_refusal("# only a comment"), HasSubstr("no FROM line"));
    EXPECT_THAT(modelfile_refusal("FROM m\nSYSTEM \xff"), HasSubstr("not UTF-8"));
    EXPECT_THAT(modelfile_refusal("\xff\xfe"
                                  "F"),
                HasSubstr("not UTF-8"));
    EXPECT_EQ(modelfile_refusal("\xef\xbb\xbf"
                                "FROM m"),
              "taken");
    EXPECT_THAT(modelfile_refusal(std::string(limit_modelfile_bytes + 1, '#')), HasSubstr("at most"));
}

TEST(Modelfile, WrittenParsesToTheSame) {
    Modelfile modelfile;
    modelfile.from = {"/models/with space.gguf", "\"odd\".gguf"};
    modelfile.tmpl = "{% for m in messages %}\n\"{{ m.content }}\"\n{% endfor %}";
    modelfile.system = "";
    modelfile.parameters.stop = {"\n", " x ", "\"", "<|im_end|>"};
    modelfile.parameters.temperature = 0.1;
    modelfile.messages = {{"user", "line one\nline two"}, {"assistant", "  indented"}};
    modelfile.licenses = {"MIT\n\nPermission \"as is\""};
    const auto text = write_modelfile(modelfile);
    ASSERT_TRUE(text) << text.error().message;
    const auto again = parse_modelfile(*text);
    ASSERT_TRUE(again) << again.error().message << "\n" << *text;
    EXPECT_EQ(again->from, modelfile.from);
    EXPECT_EQ(again->tmpl, modelfile.tmpl);
    EXPECT_EQ(again->system, modelfile.system);
    EXPECT_EQ(wire::to_json(again->parameters), wire::to_json(modelfile.parameters));
    EXPECT_EQ(wire::to_json(again->messages), wire::to_json(modelfile.messages));
    EXPECT_EQ(again->licenses, modelfile.licenses);
}

TEST(Modelfile, ATextThatQuotesCannotHoldIsRefusedAndNotCut) {
    Modelfile modelfile;
    modelfile.from = {"m"};
    modelfile.system = "a\"\"\"\nb";
    EXPECT_EQ(write_modelfile(modelfile).error().code, Code::invalid);
}

}  // namespace
}  // namespace lar::models
