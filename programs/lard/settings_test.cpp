#include "settings.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/fd.h"
#include "base/testing.h"

namespace lar::lard {
namespace {

struct Fixture : testing::Test {
    std::filesystem::path config = std::filesystem::path(testing::TempDir()) / "lar-settings-test.toml";
    std::map<std::string, std::string> variables;
    Flags flags;

    ~Fixture() override { std::filesystem::remove(config); }
    void write(std::string_view text) { ASSERT_TRUE(write_file_atomically(config, text)); }
    Result<Settings> read() {
        return read_settings(
            flags,
            [this](const char* name) -> const char* {
                const auto found = variables.find(name);
                return found == variables.end() ? nullptr : found->second.c_str();
            },
            config);
    }
};
using SettingsTest = Fixture;

TEST_F(SettingsTest, WithoutAnythingTheDefaultsHold) {
    const auto settings = read();
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->port, 11434);
    EXPECT_TRUE(settings->tcp);
}

TEST_F(SettingsTest, AFlagWinsOverLarOverOllamaOverTheFile) {
    write("[server]\nport = 1000\n");
    EXPECT_EQ(read()->port, 1000);
    variables["OLLAMA_HOST"] = "http://localhost:2000/";
    EXPECT_EQ(read()->port, 2000);
    variables["LAR_HOST"] = "3000";
    EXPECT_EQ(read()->port, 3000);
    flags.port = 4000;
    EXPECT_EQ(read()->port, 4000);
}

TEST_F(SettingsTest, OriginsAndTheTimeThatModelsAreKeptAreOllamas) {
    write("[server]\norigins = \"https://a.example\"\n[models]\nkeep_alive = \"1h\"\n");
    EXPECT_EQ(read()->origins, std::vector<std::string>{"https://a.example"});
    EXPECT_EQ(read()->keep_alive_us, 3'600'000'000);
    variables["OLLAMA_ORIGINS"] = "http://b:1, app://*,";
    variables["OLLAMA_KEEP_ALIVE"] = "-1";
    EXPECT_EQ(read()->origins, (std::vector<std::string>{"http://b:1", "app://*"}));
    EXPECT_LT(*read()->keep_alive_us, 0);
    variables["LAR_ORIGINS"] = "evil";
    EXPECT_FALSE(read());
    variables["LAR_ORIGINS"] = "*";
    variables["OLLAMA_NUM_PARALLEL"] = "65";
    EXPECT_FALSE(read());
    variables["OLLAMA_NUM_PARALLEL"] = "2";
    EXPECT_EQ(read()->parallel, 2U);
}

TEST_F(SettingsTest, TheModelThatAnswersByDefaultIsNamedInTheFileOrTheEnvironment) {
    EXPECT_EQ(read()->model, "");
    write("model = \"tiny\"\n[server]\nport = 1000\n");
    EXPECT_EQ(read()->model, "tiny:latest");
    EXPECT_EQ(read()->port, 1000);
    variables["LAR_MODEL"] = "ana/poet:v2";
    EXPECT_EQ(read()->model, "ana/poet:v2");
    variables["LAR_MODEL"] = "../tiny";
    EXPECT_EQ(read().error().code, Code::invalid);
    variables.clear();
    write("model = 7\n");
    EXPECT_NE(read().error().message.find("the name of a model"), std::string::npos);
}

TEST_F(SettingsTest, TheModelOfPassagesIsANameOrNone) {
    EXPECT_EQ(read()->embedding, "");
    write("[recall]\nembedding = \"nomic-embed-text\"\n");
    EXPECT_EQ(read()->embedding, "nomic-embed-text");
    write("[recall]\nrerank = \"bge-reranker\"\n");
    EXPECT_EQ(read()->rerank, "bge-reranker");
    write("[recall]\nrerank = false\n");
    EXPECT_FALSE(read());
    write("[recall]\nembedding = true\n");
    EXPECT_FALSE(read());
    write("[recall]\nembedding = \"\"\n");
    EXPECT_FALSE(read());
}

TEST_F(SettingsTest, ServersToPullFromAreAddresses) {
    EXPECT_EQ(read()->servers.registry, "");
    write("[models]\nregistry = \"https://models.example\"\nhub = \"http://127.0.0.1:5000\"\n");
    EXPECT_EQ(read()->servers.registry, "https://models.example");
    EXPECT_EQ(read()->servers.hub, "http://127.0.0.1:5000");
    variables["LAR_REGISTRY"] = "https://other.example:8443";
    EXPECT_EQ(read()->servers.registry, "https://other.example:8443");
    variables["LAR_HUB"] = "hub.example";
    EXPECT_EQ(read().error().code, Code::invalid);
}

TEST_F(SettingsTest, AProxyIsNamedWithoutSecretsOrNotAtAll) {
    variables["HTTPS_PROXY"] = "http://other.example:1";
    EXPECT_FALSE(read()->proxy);
    write("[network]\nproxy = \"http://proxy.example:3128\"\n");
    EXPECT_EQ(read()->proxy->host, "proxy.example");
    EXPECT_EQ(read()->proxy->port, 3128);
    variables["LAR_PROXY"] = "http://[fd00::1]:8080/";
    EXPECT_EQ(read()->proxy->host, "fd00::1");
    for (const char* const wrong : {"proxy.example:3128", "https://proxy.example", "socks5://proxy.example",
                                    "http://user:password@proxy.example", "http://proxy.example/way"}) {
        variables["LAR_PROXY"] = wrong;
        EXPECT_EQ(read().error().code, Code::invalid) << wrong;
    }
}

TEST_F(SettingsTest, AnotherHostThanThisMachineIsRefused) {
    variables["LAR_HOST"] = "0.0.0.0:11434";
    const auto settings = read();
    ASSERT_FALSE(settings);
    EXPECT_EQ(settings.error().code, Code::denied);
}

TEST_F(SettingsTest, AnotherHostThatIsMeantForOllamaIsSaidAndPassedOver) {
    variables["OLLAMA_HOST"] = "https://models.example:8080";
    ASSERT_TRUE(read());
    EXPECT_EQ(read()->port, 11434) << "the port of another machine";
    ASSERT_EQ(read()->problems.size(), 1U);
    EXPECT_EQ(read()->problems[0],
              "OLLAMA_HOST asks for 'models.example', and Lar serves this machine only, on 127.0.0.1");
    variables["OLLAMA_HOST"] = "0.0.0.0:2000";
    EXPECT_EQ(read()->port, 2000);
    EXPECT_EQ(read()->problems.size(), 1U);
    variables["OLLAMA_HOST"] = "[::1]:2001";
    EXPECT_EQ(read()->port, 2001);
    EXPECT_TRUE(read()->problems.empty());
    variables["OLLAMA_HOST"] = "localhost:port";
    EXPECT_FALSE(read());
}

TEST_F(SettingsTest, AnUnknownKeyIsAnErrorWithASuggestion) {
    write("[server]\nprot = 1000\n");
    const auto settings = read();
    ASSERT_FALSE(settings);
    EXPECT_NE(settings.error().message.find("did you mean 'server.port'?"), std::string::npos)
        << settings.error().message;
}

TEST_F(SettingsTest, AWrongValueAndABrokenFileNameThePlace) {
    write("[server]\nport = \"high\"\n");
    EXPECT_EQ(read().error().code, Code::invalid);
    write("[server\n");
    EXPECT_NE(read().error().message.find("line 1"), std::string::npos) << read().error().message;
    variables["LAR_WATCH"] = "perhaps";
    write("");
    EXPECT_EQ(read().error().code, Code::invalid);
    variables["LAR_WATCH"] = "0";
    variables["LAR_REQUIRE_AIR_GAP"] = "1";
    ASSERT_TRUE(read());
    EXPECT_FALSE(read()->watch);
    EXPECT_TRUE(read()->require_air_gap);
    variables["LAR_REQUIRE_AIR_GAP"] = "0";
    write("[server]\nrequire_air_gap = true\n");
    EXPECT_FALSE(read()->require_air_gap) << "the environment goes before the file";
}

// The library that reads it had ended lard over these.
TEST_F(SettingsTest, ATableWithoutANameIsASentence) {
    for (const std::string_view text : {"[$]\n", "[ =]", "[[%]]", "[a.]\n", "a = { $ = 1 }\n", "a.\n= 1\n"}) {
        write(text);
        const auto settings = read();
        ASSERT_FALSE(settings) << text;
        EXPECT_EQ(settings.error().code, Code::invalid);
        EXPECT_NE(settings.error().message.find("line 1"), std::string::npos) << settings.error().message;
    }
}

TEST_F(SettingsTest, LettersBeyondAsciiArriveAsTheyWereWritten) {
    for (const std::string_view text : {"model = \"tiny\" # né\n", "# é\n[server]\nport = 7\n",
                                        "\xEF\xBB\xBFmodel = 't'", "model = \"\"\"\\\n  tiny\"\"\"\n# é"}) {
        write(text);
        EXPECT_TRUE(read()) << text << ": " << read().error().message;
    }
    write("[handoff]\nnames = [\"Zoë Ångström\", 'Z0XE9 Łódź', \"\"\"東京 🗼\"\"\"]\n");
    const auto settings = read();
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->consent.names, (std::vector<std::string>{"Zoë Ångström", "Z0XE9 Łódź", "東京 🗼"}));
    write("[sérver]\nport = 7\n");
    EXPECT_NE(read().error().message.find("'sérver.port'"), std::string::npos) << read().error().message;
}

// Where the library that reads it is undefined, were it given them.
TEST_F(SettingsTest, LettersBeyondAsciiInOddPlacesAreComplainedOf) {
    for (const std::string_view text :
         {"é = 1\n", "model = é\n", "[sérver]\nport = 7\n", "model = \"a\" é\n", "\"a\" = 'b\né'\n",
          "model = \"\"\"\\\n  é\"\"\"\n", "a = ''''b'''''é\n", "a = 9-'é'\n", "a = \"\\é\"\n", "a = [1s.'é'\n",
          "a.'b ' = é\n", "tasks = +[\"codeagrm\xEF\xB9\xBFn0\", \"re\n", "model = \"\\u00é9\"\n"}) {
        write(text);
        const auto settings = read();
        ASSERT_FALSE(settings) << text;
        EXPECT_EQ(settings.error().message.find("Z0X"), std::string::npos) << settings.error().message;
    }
}

TEST_F(SettingsTest, WhatIsNoUtf8IsRefusedWithItsLine) {
    write("model = \"a\"\n# \xC3\n");
    EXPECT_NE(read().error().message.find("line 2: this is not UTF-8"), std::string::npos) << read().error().message;
}

TEST_F(SettingsTest, AComplaintIsOneLineWhateverItQuotes) {
    for (const std::string_view text : {"\"a\\nb\\u001b[1m\" = 1\n", "[server]\norigins = \"x\\ny\"\n",
                                        "[providers.\"a\\nb\"]\n", "[log]\nlevel = \"\\u0007\"\n"}) {
        write(text);
        const auto settings = read();
        ASSERT_FALSE(settings) << text;
        EXPECT_EQ(settings.error().message.find_first_of("\n\x1b\x07"), std::string::npos) << settings.error().message;
    }
}

TEST_F(SettingsTest, ProvidersAreNamedWithTheirPricesAndOneOfThemIsComparedWith) {
    write(
        "[ledger]\nwatts = 6.5\n[providers.ours]\ntier = \"own\"\nhost = \"llm.example\"\nport = 8443\nmodel = "
        "\"qwen3:32b\"\n[providers.big]\nkind = \"anthropic\"\nhost = \"api.example\"\nmodel = \"m-1\"\n"
        "dollars_in = 3\ndollars_out = 15.5\n");
    const auto settings = read();
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->consent.watts, 6.5);
    EXPECT_EQ(settings->consent.listed, "big");
    ASSERT_EQ(settings->consent.providers.size(), 2U);
    const consent::Provider& big = settings->consent.providers[0];
    EXPECT_EQ(big.path, "/v1/messages");
    EXPECT_EQ(big.port, 443);
    EXPECT_DOUBLE_EQ(consent::dollars(big, 1'000'000, 2'000'000), 34);
    const consent::Provider& ours = settings->consent.providers[1];
    EXPECT_EQ(ours.tier, consent::Tier::own);
    EXPECT_EQ(ours.path, "/v1/chat/completions");
    EXPECT_EQ(ours.port, 8443);
}

TEST_F(SettingsTest, WhatIsTakenOutOfAHandOffIsNamed) {
    EXPECT_EQ(read()->consent.ticket_life_us, 15 * us_per_minute);
    const Folder folder;
    const std::filesystem::path list = folder / "names";
    ASSERT_TRUE(write_file_atomically(list, "Projekt Adler\n\n  Krause GmbH  \n"));
    write("[handoff]\nnames = [\"Ana Silva\"]\nexpires = \"1h\"\nnames_file = \"" + list.string() +
          "\"\n[providers.ours]\ntier = \"own\"\nredact = \"secrets\"\nhost = \"h.example\"\nmodel = \"m\"\n");
    const auto settings = read();
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->consent.names, (std::vector<std::string>{"Ana Silva", "Projekt Adler", "Krause GmbH"}));
    EXPECT_EQ(settings->consent.ticket_life_us, us_per_hour);
    EXPECT_EQ(settings->consent.providers[0].redact, consent::Redact::secrets);
    for (const std::string_view bad :
         {"names = \"Ana\"", "names = [1]", "names = [\"x\"]", "names_file = \"names\"", "names_file = \"/no/such\"",
          "expires = \"2d\"", "expires = \"-1\"", "nmaes = []"}) {
        write("[handoff]\n" + std::string(bad) + "\n");
        EXPECT_FALSE(read()) << bad;
    }
    write("[providers.a]\nredact = \"secrets\"\nhost = \"h.example\"\nmodel = \"m\"\n");
    EXPECT_NE(read().error().message.find("unless its tier is"), std::string::npos) << "only for one's own";
}

TEST_F(SettingsTest, WhatIsWrongWithAProviderIsSaidByName) {
    const auto complaint = [&](std::string_view text) {
        write(text);
        const auto settings = read();
        return settings ? std::string() : settings.error().message;
    };
    const std::string good = "[providers.a]\nhost = \"h.example\"\nmodel = \"m\"\n";
    EXPECT_EQ(complaint(good), "");
    EXPECT_NE(complaint(good + "api_key = \"x\"\n").find("unknown key 'providers.a.api_key'"), std::string::npos);
    EXPECT_NE(complaint(good + "tier = \"mine\"\n").find("providers.a.tier"), std::string::npos);
    EXPECT_NE(complaint(good + "dollars_in = -1\n").find("providers.a.dollars_in"), std::string::npos);
    EXPECT_NE(complaint("[providers.a]\nhost = \"https://h\"\nmodel = \"m\"\n").find("without https"),
              std::string::npos);
    EXPECT_NE(complaint("[providers.a]\nmodel = \"m\"\n").find("providers.a.host"), std::string::npos);
    EXPECT_NE(complaint(good + "[ledger]\nlisted = \"b\"\n").find("no [providers.b]"), std::string::npos);
    EXPECT_NE(complaint("[providers]\na = 1\n").find("[providers.a]"), std::string::npos);
}

TEST_F(SettingsTest, WhenAnotherModelIsProposedIsTheUsersToSay) {
    EXPECT_EQ(read()->consent.routing.provider, "");
    EXPECT_EQ(read()->consent.routing.disagreement_limit, std::nullopt);
    write(
        "[providers.big]\nhost = \"api.example\"\nmodel = \"m\"\n[routing]\nprovider = \"big\"\n"
        "tasks = [\"code\", \"reasoning\"]\nentropy_limit = 3\ndisagreement_limit = 0.5\n");
    const auto settings = read();
    ASSERT_TRUE(settings) << settings.error().message;
    const consent::RoutingRules& rules = settings->consent.routing;
    EXPECT_EQ(rules.provider, "big");
    EXPECT_EQ(rules.tasks, (std::vector{consent::Task::code, consent::Task::reasoning}));
    EXPECT_EQ(rules.entropy_limit, 3);
    EXPECT_EQ(rules.disagreement_limit, 0.5);
}

TEST_F(SettingsTest, WhatIsWrongWithARuleIsSaidByName) {
    const auto complaint = [&](std::string_view text) {
        write(text);
        const auto settings = read();
        return settings ? std::string() : settings.error().message;
    };
    EXPECT_NE(complaint("[routing]\nprovidr = \"a\"\n").find("did you mean 'routing.provider'"), std::string::npos);
    EXPECT_NE(complaint("[routing]\nprovider = \"a\"\n").find("no [providers.a]"), std::string::npos);
    EXPECT_NE(complaint("[routing]\nprovider = 7\n").find("'routing.provider' must be"), std::string::npos);
    EXPECT_NE(complaint("[routing]\ntasks = \"code\"\n").find("'routing.tasks' must be a list"), std::string::npos);
    EXPECT_NE(complaint("[routing]\ntasks = [\"code\", 7]\n").find("'routing.tasks' must be a list"),
              std::string::npos);
    EXPECT_NE(complaint("[routing]\ntasks = [\"sumarise\"]\n").find("did you mean 'summarise'"), std::string::npos);
    EXPECT_NE(complaint("[routing]\ntasks = [\"poetry\"]\n").find("there are classify, "), std::string::npos);
    for (const std::string_view wrong : {"0", "-1", "31", "nan", "\"2\""})
        EXPECT_NE(complaint("[routing]\nentropy_limit = " + std::string(wrong)).find("routing.entropy_limit"),
                  std::string::npos)
            << wrong;
    for (const std::string_view wrong : {"-0.1", "1.1", "true"})
        EXPECT_NE(complaint("[routing]\ndisagreement_limit = " + std::string(wrong)).find("routing.disagreement_limit"),
                  std::string::npos)
            << wrong;
}

}  // namespace
}  // namespace lar::lard
