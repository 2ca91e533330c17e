#include "models/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace lar::models {
namespace {

using testing::HasSubstr;

std::string canonical_of(std::string_view text) {
    const auto reference = parse_reference(text);
    return reference ? canonical(*reference) : "refused: " + reference.error().message;
}
std::string reference_refusal(std::string_view text) {
    const auto reference = parse_reference(text);
    return reference ? "taken as " + canonical(*reference) : reference.error().message;
}

TEST(Reference, WhatIsLeftOutHasOllamasDefaults) {
    const std::string host(default_host);
    EXPECT_EQ(canonical_of("llama3.2"), host + "/library/llama3.2:latest");
    EXPECT_EQ(canonical_of("llama3.2:1b-instruct-q4_K_M"), host + "/library/llama3.2:1b-instruct-q4_K_M");
    EXPECT_EQ(canonical_of("ana/notes"), host + "/ana/notes:latest");
    EXPECT_EQ(canonical_of("hub.example:5000/ana/notes"), "hub.example:5000/ana/notes:latest");
    EXPECT_EQ(canonical_of("hub.example:5000/ana/notes:v1"), "hub.example:5000/ana/notes:v1");
}

TEST(Reference, TheShortFormLeavesTheDefaultsOutAndParsesToTheSame) {
    for (const std::string_view text : {"llama3.2:latest", "ana/notes:v1", "hub.example/library/m:latest", "a:b"}) {
        const auto reference = parse_reference(text);
        ASSERT_TRUE(reference) << text;
        EXPECT_EQ(short_form(*reference), text);
        EXPECT_EQ(canonical_of(short_form(*reference)), canonical(*reference));
    }
}

TEST(Reference, CaseIsKeptAndDoesNotTellModelsApart) {
    const auto given = parse_reference("Qwen2.5-Coder:7B");
    ASSERT_TRUE(given);
    EXPECT_EQ(short_form(*given), "Qwen2.5-Coder:7B");
    EXPECT_EQ(key_of(*given), key_of(*parse_reference("qwen2.5-coder:7b")));
}

TEST(Reference, APartThatIsEmptyForeignOrTooLongIsRefusedByItsName) {
    EXPECT_THAT(reference_refusal(""), HasSubstr("no model is named"));
    EXPECT_THAT(reference_refusal("a:"), HasSubstr("its tag is empty"));
    EXPECT_THAT(reference_refusal("/a"), HasSubstr("its namespace is empty"));
    EXPECT_THAT(reference_refusal("a/"), HasSubstr("its name is empty"));
    EXPECT_THAT(reference_refusal("../../etc/passwd"), HasSubstr("its host"));
    EXPECT_THAT(reference_refusal("a..b/c"), HasSubstr("its namespace may have"));
    EXPECT_THAT(reference_refusal("-a"), HasSubstr("its name may have"));
    EXPECT_THAT(reference_refusal("a b"), HasSubstr("its name may have"));
    EXPECT_THAT(reference_refusal("a/b/c/d"), HasSubstr("its host may have"));
    EXPECT_THAT(reference_refusal(std::string(81, 'a')), HasSubstr("81 characters, 80 at most"));
    EXPECT_THAT(reference_refusal(std::string(100'000, 'a')), HasSubstr("longer than"));
    EXPECT_THAT(reference_refusal(std::string("a\0b", 3)), HasSubstr("its name may have"));
    EXPECT_TRUE(parse_reference(std::string(80, 'a')));
}

TEST(Reference, ARepositoryOfTheHubIsOneNameHoweverItIsWritten) {
    const std::string hub(hub_host);
    EXPECT_EQ(canonical_of("hf:someone/some-GGUF:Q4_K_M"), hub + "/someone/some-GGUF:Q4_K_M");
    EXPECT_EQ(canonical_of(hub + "/someone/some-GGUF:Q4_K_M"), hub + "/someone/some-GGUF:Q4_K_M");
    EXPECT_EQ(canonical_of("hf:someone/some-GGUF"), hub + "/someone/some-GGUF:latest");
    EXPECT_THAT(reference_refusal("hf:a/b/c"), HasSubstr("hf:OWNER/REPOSITORY:TAG"));
    EXPECT_EQ(canonical_of("hf:q4"), std::string(default_host) + "/library/hf:q4");
}

TEST(Reference, AnAddressOrADigestIsRefusedWithWhatToWriteInstead) {
    for (const std::string_view text : {"https://hub.example/m", "http://localhost/m"})
        EXPECT_THAT(reference_refusal(text), HasSubstr("without an address's https://")) << text;
    EXPECT_THAT(reference_refusal("llama3@sha256:00"), HasSubstr("by its tag"));
}

}  // namespace
}  // namespace lar::models
