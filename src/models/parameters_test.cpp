#include "models/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/codec.h"

namespace lar::models {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal_of(std::string_view name, std::string_view text) {
    wire::ModelOptions options;
    const auto set = set_parameter(options, name, text);
    return set ? "taken" : set.error().message;
}

TEST(Parameters, EachHasItsKindAndItsRange) {
    EXPECT_EQ(refusal_of("temperature", "0.7"), "taken");
    EXPECT_EQ(refusal_of("num_ctx", "8192"), "taken");
    EXPECT_EQ(refusal_of("num_ctx", "8192.0"), "taken");
    EXPECT_EQ(refusal_of("num_predict", "-2"), "taken");
    EXPECT_EQ(refusal_of("use_mlock", "True"), "taken");
    EXPECT_THAT(refusal_of("temperature", "hot"), HasSubstr("'temperature' must be a number from 0 to 100, not 'hot'"));
    EXPECT_THAT(refusal_of("top_p", "1.5"), HasSubstr("from 0 to 1"));
    EXPECT_THAT(refusal_of("top_p", "nan"), HasSubstr("from 0 to 1"));
    EXPECT_THAT(refusal_of("num_ctx", "0"), HasSubstr("whole number from 1"));
    EXPECT_THAT(refusal_of("num_ctx", "4096x"), HasSubstr("not '4096x'"));
    EXPECT_THAT(refusal_of("num_ctx", "4096.5"), HasSubstr("whole number"));
    EXPECT_THAT(refusal_of("num_ctx", "1e300"), HasSubstr("whole number"));
    EXPECT_THAT(refusal_of("num_ctx", ""), HasSubstr("whole number"));
    EXPECT_THAT(refusal_of("use_mmap", "perhaps"), HasSubstr("true or false"));
    EXPECT_THAT(refusal_of("stop", ""), HasSubstr("'stop' is empty"));
    EXPECT_THAT(refusal_of("stop", std::string(5000, 'x')), HasSubstr("5000 bytes"));
}

TEST(Parameters, AnUnknownOneIsRefusedWithTheOneThatWasMeant) {
    EXPECT_THAT(refusal_of("temprature", "1"), HasSubstr("did you mean 'temperature'?"));
    EXPECT_EQ(refusal_of("xyzzyplugh", "1"), "there is no parameter 'xyzzyplugh'");
    EXPECT_THAT(refusal_of("low_vram", "true"), HasSubstr("no engine knows it any more"));
}

TEST(Parameters, StopIsARepeatedOneAndHasALimit) {
    wire::ModelOptions options;
    ASSERT_TRUE(set_parameter(options, "stop", "<|im_end|>"));
    ASSERT_TRUE(set_parameter(options, "stop", "User:"));
    EXPECT_THAT(*options.stop, ElementsAre("<|im_end|>", "User:"));
    for (std::size_t i = 2; i < wire::limit_stop_strings; ++i) ASSERT_TRUE(set_parameter(options, "stop", "x"));
    EXPECT_EQ(set_parameter(options, "stop", "x").error().code, Code::too_large);
}

TEST(Parameters, OfARequestAreReadFromJsonAndAWrongOneIsAnError) {
    const auto options =
        options_from_json(R"({"temperature":0,"num_ctx":2048.0,"stop":"\n","top_k":"40","seed":null})");
    ASSERT_TRUE(options) << options.error().message;
    EXPECT_EQ(options->temperature, 0);
    EXPECT_EQ(options->num_ctx, 2048);
    EXPECT_EQ(options->top_k, 40);
    EXPECT_EQ(options->seed, std::nullopt);
    EXPECT_THAT(*options->stop, ElementsAre("\n"));
    EXPECT_THAT(options_from_json(R"({"stop":[1]})").error().message, HasSubstr("a list of strings"));
    EXPECT_THAT(options_from_json(R"({"num_ctxt":1})").error().message, HasSubstr("did you mean 'num_ctx'?"));
    EXPECT_EQ(options_from_json("[]").error().code, Code::invalid);
    EXPECT_EQ(options_from_json(R"({"a":1}x)").error().code, Code::invalid);
}

TEST(Parameters, OfAStoreThatLarDoesNotTakeAreToldAndLeaveTheOthers) {
    const auto stored = stored_options_from_json(R"({"f16_kv":true,"temperature":0.6,"top_p":7})");
    ASSERT_TRUE(stored) << stored.error().message;
    EXPECT_EQ(stored->options.temperature, 0.6);
    EXPECT_EQ(stored->options.top_p, std::nullopt);
    EXPECT_THAT(stored->skipped, ElementsAre(HasSubstr("f16_kv"), HasSubstr("top_p")));
}

TEST(Parameters, ComeBackFromJsonAndLinesAsTheyWere) {
    const auto options = options_from_json(
        R"({"temperature":0.1,"num_ctx":131072,"stop":["a","\"b\""],"use_mmap":false,"seed":4294967295,"dry_base":1.75})");
    ASSERT_TRUE(options) << options.error().message;
    const std::string json = wire::to_json(*options);
    EXPECT_EQ(wire::to_json(*options_from_json(json)), json);
    wire::ModelOptions from_lines;
    for (const ParameterLine& line : lines_of(*options)) ASSERT_TRUE(set_parameter(from_lines, line.name, line.value));
    EXPECT_EQ(wire::to_json(from_lines), json);
}

TEST(Parameters, MergedKeepWhatIsNotSetAgainAndReplaceAListWhole) {
    const auto under = options_from_json(R"({"temperature":1,"top_k":10,"stop":["a","b"]})");
    const auto over = options_from_json(R"({"temperature":0.5,"stop":["c"]})");
    EXPECT_EQ(wire::to_json(merge(*under, *over)), R"({"top_k":10,"temperature":0.5,"stop":["c"]})");
}

TEST(Parameters, OnlyWhatOptionsMaySetIsOne) {
    EXPECT_TRUE(is_parameter("num_ctx"));
    for (const char* name : {"", "num_cty", "penalize_newline", "draft_num_predict"})
        EXPECT_FALSE(is_parameter(name)) << name;
}

}  // namespace
}  // namespace lar::models
