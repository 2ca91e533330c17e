#include "models/details.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lar::models {
namespace {

using testing::ElementsAre;
using enum Capability;

TEST(Details, NameQuantizationsAsOllamaDoes) {
    EXPECT_EQ(quantization_level("Q4_K - Medium"), "Q4_K_M");
    EXPECT_EQ(quantization_level("(guessed) Q3_K - Large"), "Q3_K_L");
    EXPECT_EQ(quantization_level("Q5_K - Small"), "Q5_K_S");
    EXPECT_EQ(quantization_level("Q2_K - Medium"), "Q2_K");
    EXPECT_EQ(quantization_level("Q2_K - Small"), "Q2_K_S");
    EXPECT_EQ(quantization_level("all F32"), "F32");
    EXPECT_EQ(quantization_level("Q8_0"), "Q8_0");
    EXPECT_EQ(quantization_level("IQ2_XXS - 2.0625 bpw"), "IQ2_XXS");
    EXPECT_EQ(quantization_level("MXFP4 MoE"), "MXFP4");
    EXPECT_EQ(quantization_level("unknown, may not work"), "unknown");
    EXPECT_EQ(quantization_level(""), "unknown");
}

TEST(Details, ComeFromTheFileAndItsProjector) {
    const wire::Facts facts{.architecture = "llama",
                            .parameters = 1'235'814'432,
                            .quantization = "Q4_K - Medium",
                            .context_tokens = 131'072,
                            .embedding_length = 2048};
    const Details details = details_of(facts, Projector::there);
    EXPECT_EQ(details.family, "llama");
    EXPECT_THAT(details.families, ElementsAre("llama", "clip"));
    EXPECT_EQ(details.parameter_size, "1.2B");
    EXPECT_EQ(details.quantization_level, "Q4_K_M");
    EXPECT_EQ(details.context_tokens, 131'072U);
}

TEST(Template, IsToldFromGosByWhatStandsInItsBraces) {
    EXPECT_EQ(language_of("{{ .Prompt }}"), TemplateLanguage::go);
    EXPECT_EQ(language_of("{{- if .System }}{{ .System }}{{ end }}"), TemplateLanguage::go);
    EXPECT_EQ(language_of("{{ $last := 0 }}x"), TemplateLanguage::go);
    EXPECT_EQ(language_of("{% for m in messages %}{{ m.content }}{% endfor %}"), TemplateLanguage::jinja);
    EXPECT_EQ(language_of("{{ bos_token }}{{ messages[0]['content'] }}"), TemplateLanguage::jinja);
    EXPECT_EQ(language_of("{{ ending }}"), TemplateLanguage::jinja);
    EXPECT_EQ(language_of("plain"), TemplateLanguage::jinja);
    EXPECT_EQ(language_of("{{"), TemplateLanguage::jinja);
}

TEST(Template, ThatIsRenderedIsTheLayerIfAnEngineCanElseTheFiles) {
    const wire::Facts facts{.chat_template = "of the file"};
    EXPECT_EQ(chat_template("{% if x %}{% endif %}", facts), "{% if x %}{% endif %}");
    EXPECT_EQ(chat_template("{{ .Prompt }}", facts), "of the file");
    EXPECT_EQ(chat_template("", facts), "of the file");
}

TEST(Capabilities, ComeFromFactsAndEitherTemplate) {
    EXPECT_THAT(capabilities_of({}, "", Projector::none), ElementsAre(completion));
    EXPECT_THAT(capabilities_of({.pooling = "mean"}, "", Projector::none), ElementsAre(embedding));
    const wire::Facts all{.chat_template = "{% if tools %}{{ tools }}{% endif %}{% if enable_thinking %}",
                          .infill = true};
    EXPECT_THAT(capabilities_of(all, "", Projector::there), ElementsAre(completion, tools, insert, vision, thinking));
    EXPECT_THAT(capabilities_of({}, "{{ if .Tools }}{{ .Suffix }}{{ .Thinking }}{{ end }}", Projector::none),
                ElementsAre(completion, tools, insert, thinking));
    EXPECT_THAT(capabilities_of({.chat_template = "{% set builtin_tools = 1 %}"}, "", Projector::none),
                ElementsAre(completion));
}

}  // namespace
}  // namespace lar::models
