#include "models/registries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/format.h"
#include "models/testing.h"

namespace lar::models {
namespace {

using testing::HasSubstr;

std::string source_text(std::string_view name, const Servers& servers = {}, Transport transport = Transport::secure) {
    const auto source = source_of(name, servers, transport);
    if (!source) return std::string(to_string(source.error().code));
    return lar::format("{} {}:{} {}{}", source->server.scheme == wire::Scheme::https ? "https" : "http",
                       source->server.host, source->server.port, source->kind == RegistryKind::hub ? "hub" : "registry",
                       source->usual ? " usual" : "");
}

TEST(Registries, ANameSaysWhichServerIsAsked) {
    EXPECT_EQ(source_text("tiny"), lar::format("https {}:443 registry usual", default_host));
    EXPECT_EQ(source_text("models.example:8443/ana/tiny"), "https models.example:8443 registry");
    EXPECT_EQ(source_text("hf:ana/tiny:Q8_0"), lar::format("https {}:443 hub usual", hub_server));
    EXPECT_EQ(source_text(lar::format("{}/ana/tiny", hub_host)), lar::format("https {}:443 hub usual", hub_server));
    EXPECT_EQ(source_text(""), "invalid");
}

TEST(Registries, SettingsPutAnotherServerInPlaceOfTheUsualOne) {
    const Servers servers{.registry = "http://127.0.0.1:5000", .hub = "https://hub.example"};
    EXPECT_EQ(source_text("tiny", servers), "http 127.0.0.1:5000 registry usual");
    EXPECT_EQ(source_text("hf:ana/tiny", servers), "https hub.example:443 hub usual");
    EXPECT_EQ(source_text("models.example/ana/tiny", servers), "https models.example:443 registry");
    EXPECT_EQ(source_text("tiny", {.registry = "http://models.example"}), "denied");
}

TEST(Registries, PlainHttpIsForThisMachineAndOnlyWhenAskedFor) {
    EXPECT_EQ(source_text("127.0.0.1:5000/ana/tiny"), "https 127.0.0.1:5000 registry");
    EXPECT_EQ(source_text("127.0.0.1:5000/ana/tiny", {}, Transport::plain_on_this_machine),
              "http 127.0.0.1:5000 registry");
    EXPECT_EQ(source_text("models.example/ana/tiny", {}, Transport::plain_on_this_machine), "denied");
}

TEST(Registries, ATokenIsAskedForWhereTheServerOrItsNeighbourSays) {
    const WebAddress server = must(parse_web_address("https://models.example"));
    const auto address = token_address(
        R"(Bearer realm="https://auth.models.example/token",service="models.example",scope="repository:a/b:pull")",
        server);
    ASSERT_TRUE(address) << address.error().message;
    EXPECT_EQ(address->host, "auth.models.example");
    EXPECT_EQ(address->target, "/token?service=models.example&scope=repository%3Aa%2Fb%3Apull");
    for (const char* const challenge :
         {"Basic realm=\"https://models.example/\"", "", "Bearer", "Bearer realm=", "Bearer realm=\"x",
          "Bearer realm=\"https://elsewhere.test/token\"", "Bearer realm=\"http://models.example/token\"",
          "Bearer realm=\"https://127.0.0.1/token\"", "Bearer scope=\"a\""})
        EXPECT_FALSE(token_address(challenge, server)) << challenge;
    EXPECT_TRUE(
        token_address(R"(bearer realm="http://127.0.0.1:9/t")", must(parse_web_address("http://localhost:5000"))));
}

wire::HubFile file(std::string name, char hex = 'a') {
    return {.rfilename = std::move(name), .lfs = wire::HubLargeFile{.sha256 = std::string(64, hex), .size = 10}};
}
std::string chosen(std::vector<wire::HubFile> files, std::string_view name) {
    const auto model = choose_model({.sha = "c0ffee", .siblings = std::move(files)}, must(parse_reference(name)));
    if (!model) return model.error().message;
    std::string text = model->quantization;
    for (const HubPart& part : model->parts) text += " " + part.file;
    return text;
}

TEST(Hub, AQuantizationNamesAFileOrAllItsParts) {
    const std::vector<wire::HubFile> files{file("README.md"),
                                           file("tiny-1.5b-Q4_K_M.gguf"),
                                           file("tiny-1.5b-q8_0.gguf"),
                                           file("mmproj-tiny-f16.gguf"),
                                           file("F16/tiny-1.5b-F16-00002-of-00002.gguf", 'b'),
                                           file("F16/tiny-1.5b-F16-00001-of-00002.gguf")};
    EXPECT_EQ(chosen(files, "hf:ana/tiny:Q4_K_M"), "Q4_K_M tiny-1.5b-Q4_K_M.gguf");
    EXPECT_EQ(chosen(files, "hf:ana/tiny:Q8_0"), "q8_0 tiny-1.5b-q8_0.gguf");
    EXPECT_EQ(chosen(files, "hf:ana/tiny:f16"),
              "F16 F16/tiny-1.5b-F16-00001-of-00002.gguf F16/tiny-1.5b-F16-00002-of-00002.gguf");
    EXPECT_EQ(chosen(files, "hf:ana/tiny:tiny-1.5b-q8_0.gguf"), "q8_0 tiny-1.5b-q8_0.gguf");
    // What is not said is the usual one.
    EXPECT_EQ(chosen(files, "hf:ana/tiny"), "Q4_K_M tiny-1.5b-Q4_K_M.gguf");
    EXPECT_THAT(chosen(files, "hf:ana/tiny:Q2_K"), HasSubstr("it has: F16, Q4_K_M, q8_0"));
}

TEST(Hub, WhatIsAmbiguousIsListed) {
    const std::vector<wire::HubFile> two{file("a-Q4_K_M.gguf"), file("b-Q4_K_M.gguf")};
    EXPECT_THAT(chosen(two, "hf:ana/tiny:Q4_K_M"), HasSubstr("a-Q4_K_M.gguf, b-Q4_K_M.gguf"));
    EXPECT_EQ(chosen(two, "hf:ana/tiny:b-Q4_K_M"), "Q4_K_M b-Q4_K_M.gguf");
    EXPECT_THAT(chosen({file("a-Q5_0.gguf"), file("a-Q6_K.gguf")}, "hf:ana/tiny"), HasSubstr("Q5_0, Q6_K"));
    EXPECT_EQ(chosen({file("only.gguf")}, "hf:ana/tiny"), " only.gguf");
}

TEST(Hub, WhatCouldNotBeCheckedIsNotTaken) {
    EXPECT_THAT(chosen({file("model.safetensors")}, "hf:ana/tiny"), HasSubstr("no GGUF file"));
    EXPECT_THAT(chosen({{.rfilename = "a-Q4_0.gguf", .lfs = {}}}, "hf:ana/tiny"), HasSubstr("could not be checked"));
    EXPECT_THAT(chosen({file("a-Q4_0-00001-of-00003.gguf"), file("a-Q4_0-00003-of-00003.gguf")}, "hf:ana/tiny"),
                HasSubstr("not all there"));
}

TEST(Hub, AFileIsAskedForByItsCommit) {
    EXPECT_EQ(file_target(must(parse_reference("hf:ana/tiny")), "c0ffee", "F16/a b.gguf"),
              "/ana/tiny/resolve/c0ffee/F16/a%20b.gguf");
}

}  // namespace
}  // namespace lar::models
