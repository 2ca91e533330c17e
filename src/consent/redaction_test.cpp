#include "consent/redaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "consent/assignments.h"
#include "consent/numbers.h"
#include "consent/testing.h"

namespace lar::consent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Chance, the same each time. Secrets are made here and not written down: a scanner would take them for real ones.
class Chance {
public:
    explicit Chance(unsigned seed) : random_(seed) {}
    std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }
    std::string of(std::string_view characters, std::size_t count) {
        std::string made;
        while (made.size() < count) made += characters[below(characters.size())];
        return made;
    }
    template <class T>
    const T& one_of(const std::vector<T>& all) {
        return all[below(all.size())];
    }

private:
    std::mt19937 random_;
};

constexpr std::string_view hex = "0123456789abcdef", digits = "0123456789", upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                           alnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                           url64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
                           base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string without(std::string_view text, const RedactionRules& rules = {}) {
    return redacted(text, must(find_redactions(text, rules)));
}
std::vector<std::string> taken(std::string_view text, const RedactionRules& rules = {}) {
    std::vector<std::string> found;
    for (const Redaction& one : must(find_redactions(text, rules)))
        found.emplace_back(text.substr(one.begin, one.end - one.begin));
    return found;
}

// The formats that their issuers publish, with chance where a secret has it.
std::vector<std::string> secrets_of_known_formats(Chance& chance) {
    const auto a = [&](std::size_t count) { return chance.of(alnum, count); };
    const auto u = [&](std::size_t count) { return chance.of(url64, count); };
    return {"AKIA" + chance.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
            "AIza" + u(35),
            "GOCSPX-" + u(28),
            "ya29." + u(64),
            "ghp_" + a(36),
            "github_pat_" + a(22) + "_" + a(59),
            "glpat-" + u(20),
            "xoxb-" + chance.of(digits, 12) + "-" + chance.of(digits, 13) + "-" + a(24),
            "hooks.slack.com/services/T" + chance.of(upper, 8) + "/B" + chance.of(upper, 10) + "/" + a(24),
            "sk_live_" + a(24),
            "sk-" + a(48),
            "sk-proj-" + u(48),
            "sk-ant-api03-" + u(93) + "AA",
            "npm_" + a(36),
            "pypi-AgEIcHlwaS5vcmc" + u(80),
            "SK" + chance.of(hex, 32),
            "SG." + u(22) + "." + u(43),
            "123456789:AA" + u(33),
            "M" + a(23) + "." + u(6) + "." + u(27),
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI" + a(20) + "." + u(43),
            "hf_" + a(34),
            "hvs." + u(90),
            "dop_v1_" + chance.of(hex, 64),
            "shpat_" + chance.of(hex, 32),
            "dckr_pat_" + u(27),
            a(14) + ".atlasv1." + u(67),
            chance.of(hex, 32) + "-us12"};
}

TEST(Redaction, SecretsOfPublishedFormatsAreTakenOutWholeWhereverTheyStand) {
    Chance chance(3);
    const std::vector<std::pair<std::string, std::string>> around = {
        {"my key is ", " and it fails"}, {"(", ")"},     {"\"", "\","}, {"`", "`."},
        {"curl -H 'X: ", "'"},           {"- ", "\n- b"}};
    for (int round = 0; round < 40; ++round)
        for (const std::string& secret : secrets_of_known_formats(chance)) {
            const auto& [left, right] = chance.one_of(around);
            const std::string text = left + secret + right;
            EXPECT_EQ(without(text), left + "[SECRET_1]" + right) << text;
        }
}

TEST(Redaction, PrivateKeysAreTakenOutAndCertificatesStay) {
    Chance chance(4);
    std::string body;
    for (int line = 0; line < 8; ++line) body += chance.of(base64, 64) + "\n";
    const auto block = [&](const std::string& what, const std::string& inside) {
        return "-----BEGIN " + what + "-----\n" + inside + "-----END " + what + "-----";
    };
    for (const char* what : {"PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"})
        EXPECT_EQ(without("a\n" + block(what, body) + "\nb"), "a\n[SECRET_1]\nb") << what;
    for (const char* what : {"CERTIFICATE", "PUBLIC KEY", "PGP SIGNATURE"})
        EXPECT_THAT(taken(block(what, body)), ElementsAre()) << what;
    // Cut off, or in one line as JSON has it.
    EXPECT_THAT(without("-----BEGIN PRIVATE KEY-----\n" + body), Not(HasSubstr(body.substr(70, 40))));
    EXPECT_EQ(without(R"("private_key":"-----BEGIN PRIVATE KEY-----\n)" + chance.of(base64, 64) +
                      R"(\n-----END PRIVATE KEY-----\n","x":1)")
                  .substr(0, 28),
              R"("private_key":"[SECRET_1]\n")");
    EXPECT_THAT(taken("the line -----BEGIN PRIVATE KEY----- begins a key, and then comes base64."), ElementsAre());
}

TEST(Redaction, NameInFrontMakesASecretOfWhatLooksLikeChance) {
    Chance chance(5);
    const std::string key = chance.of(hex, 32), word = "kx7Rq" + chance.of(alnum, 9) + "2";
    for (const std::string& text :
         {"DATADOG_API_KEY=" + key, "api_key: " + key, R"("apiKey": ")" + key + "\"", "the secret access key is " + key,
          "X-Api-Key: " + key, "--token " + key, "client_secret => '" + key + "'", "<authToken>" + key + "</authToken>",
          R"(env["JWT_SECRET"] = ")" + key + "\"", "{name: SESSION_SECRET, value: " + key + "}",
          R"({\"access_token\":\")" + key + R"(\"})", "Authorization: Bearer " + key, "AccountKey=" + key + ";X=1",
          "https://h.example/x?access_token=" + key + "&page=2"})
        EXPECT_THAT(taken(text), ElementsAre(key)) << text;
    for (const std::string& text :
         {"DB_PASSWORD=" + word, "password: " + word, "postgres://app:" + word + "@db:5432/app", "--password " + word,
          "machine h login ana password " + word, "machine h\n  login ana\n  password " + word + "\n",
          "variable \"db_password\" {\n  type = string\n  default = \"" + word + "\"\n}",
          "Server=h;Password=" + word + ";Encrypt=1", "redis://:" + word + "@h:1",
          "CREATE ROLE a PASSWORD '" + word + "'", "- name: DB_PASSWORD\n  value: " + word, "requirepass " + word,
          "curl -u ana:" + word + " https://h.example", "the password is " + word + ".",
          "sshpass -p " + word + " ssh h", "Cookie: theme=dark; sessionid=" + word + key,
          "PGPASSWORD=" + word + " psql"})
        EXPECT_THAT(without(text), Not(HasSubstr(word))) << text;
}

TEST(Redaction, PasswordInASentenceGoesToTheNextSpace) {
    EXPECT_EQ(without("the password is QL^h*&UIA9%8wXcM, he said"), "the password is [SECRET_1], he said");
    EXPECT_EQ(without("the password is stored hashed"), "the password is stored hashed");
}

TEST(Redaction, ProgramsAndDocumentationAroundSecretsAreLeftAlone) {
    for (const char* text : {"password = getpass.getpass()",
                             "const token = parser.nextToken;",
                             "max_tokens: 4096",
                             "variable \"region\" {\n  default = \"kx7Rq8sLm2Wz2\"\n}",
                             "he could not\nlogin\npassword forms are next",
                             "token_type: Bearer",
                             "password: ${DB_PASSWORD}",
                             "api_key = os.environ[\"API_KEY\"]",
                             "password: <your password>",
                             "secretName: my-app-tls-2",
                             "TOKEN=$TOKEN",
                             "nextPageToken: CAEQAhoJMTIzNDU2Nzg5MGFiY2RlZg",
                             "primary_key: id_7f3a9c21b",
                             "cache-key: v1-linux-3b2a9f8c7d6e5f4a3b2c1d0e",
                             "password_min_length = 12",
                             "token: {{ vault.token }}",
                             "if (password == other.password) return;",
                             "def login(password: str, token: str)",
                             "https://user:password@host/path",
                             "git@example.org:team/repo.git",
                             "icon@2x.png",
                             "lodash@4.17.21",
                             "-----BEGIN PRIVATE KEY-----",
                             "AKIAIOSFODNN7EXAMPLE",
                             "x = 4503599627370496",
                             "v10.0.0.1",
                             "127.0.0.1:11434",
                             "/home/user/notes",
                             "@@ -12,7 +12,9 @@",
                             "2026-11-21T14:03:00+01:00",
                             "10.0.0.0/8",
                             "sk-spinner-three-bounce"})
        EXPECT_THAT(taken(text), ElementsAre()) << text;
}

TEST(Redaction, WhatOnlyLooksLikeChanceIsLeftAlone) {
    Chance chance(6);
    for (int round = 0; round < 200; ++round)
        for (const std::string& text : {"commit " + chance.of(hex, 40), "sha256:" + chance.of(hex, 64),
                                        "data:image/png;base64," + chance.of(base64, 900),
                                        "\"integrity\": \"sha512-" + chance.of(base64, 86) + "==\"",
                                        chance.of(hex, 8) + "-" + chance.of(hex, 4) + "-4" + chance.of(hex, 3) + "-a" +
                                            chance.of(hex, 3) + "-" + chance.of(hex, 12),
                                        "etag: \"" + chance.of(hex, 32) + "\"", "h1:" + chance.of(base64, 43) + "=",
                                        "ts=17" + chance.of(digits, 11) + " id=1" + chance.of(digits, 17)})
            EXPECT_THAT(taken(text), ElementsAre()) << text;
}

TEST(Redaction, CardsAccountsAndNationalNumbersNeedTheirCheckDigits) {
    EXPECT_THAT(taken("pay 4111 1111 1111 1111 now, 4111 1111 1111 1112 not"), ElementsAre("4111 1111 1111 1111"));
    EXPECT_THAT(taken("378282246310005 and 5555-5555-5555-4444"),
                ElementsAre("378282246310005", "5555-5555-5555-4444"));
    EXPECT_THAT(taken("DE89 3704 0044 0532 0130 00, GB82WEST12345698765432, DE89 3704 0044 0532 0130 01"),
                ElementsAre("DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"));
    EXPECT_THAT(taken("CPF 529.982.247-25, CNPJ 11.222.333/0001-81, 529.982.247-26"),
                ElementsAre("529.982.247-25", "11.222.333/0001-81"));
    EXPECT_THAT(taken("DNI 12345678Z, not 12345678A; RSSMRA85T10A562S"), ElementsAre("12345678Z", "RSSMRA85T10A562S"));
    EXPECT_THAT(taken("AHV 756.9217.0769.85; NHS number 943 476 5919; PESEL 44051401359"),
                ElementsAre("756.9217.0769.85", "943 476 5919", "44051401359"));
    EXPECT_TRUE(luhn("4111111111111111"));
    EXPECT_FALSE(luhn("4111111111111112"));
}

TEST(Redaction, PeopleAndPlacesAreTakenOutByTheirShape) {
    EXPECT_THAT(taken("mail ana.silva@firma.example or call +49 30 12345678, (212) 555-0142"),
                ElementsAre("ana.silva@firma.example", "+49 30 12345678", "(212) 555-0142"));
    EXPECT_EQ(without("cp /home/ana/x.c C:\\Users\\Ana\\y"), "cp [PATH_1]/x.c [PATH_2]\\y");
    EXPECT_THAT(taken("ssh 10.1.2.3, db-01.prod.internal:5432, fd12:3456:789a::1"),
                ElementsAre("10.1.2.3", "db-01.prod.internal", "fd12:3456:789a::1"));
}

TEST(Redaction, NamesOfTheUsersListAreWholeWordsWhateverTheirCase) {
    const RedactionRules rules{.names = {"Ana Silva", "Ana", "Falke"}};
    EXPECT_EQ(without("ANA SILVA and ana work on falke, Anatol on falkenberg", rules),
              "[NAME_1] and [NAME_2] work on [NAME_3], Anatol on falkenberg");
    EXPECT_EQ(find_redactions("x", {.names = {"a"}}).error().code, Code::invalid);
    EXPECT_EQ(find_redactions("x", {.names = std::vector<std::string>(limit_names + 1, "ab")}).error().code,
              Code::too_large);
}

TEST(Redaction, SameValueHasTheSamePlaceholderAndIsFoundWithoutItsNameToo) {
    EXPECT_EQ(without("DB_PASSWORD=kX93hq7Lm2\nthen type kX93hq7Lm2 again, and TOKEN=a81kd93hf02kd8"),
              "DB_PASSWORD=[SECRET_1]\nthen type [SECRET_1] again, and TOKEN=[SECRET_2]");
}

TEST(Redaction, PlaceholderIsOneThatTheTextDoesNotHold) {
    const std::string text = "[SECRET_1] [XSECRET_9] password: kX93hq7Lm2";
    const auto redactions = must(find_redactions(text, {}));
    ASSERT_EQ(redactions.size(), 1U);
    EXPECT_EQ(redactions[0].placeholder, "[XXSECRET_1]");
    const std::string sent = redacted(text, redactions);
    EXPECT_EQ(restored(sent, text, redactions), text);
    EXPECT_EQ(restored("use [XXSECRET_1], not [SECRET_1] or [XXSECRET_2]", text, redactions),
              "use kX93hq7Lm2, not [SECRET_1] or [XXSECRET_2]");
}

TEST(Redaction, UserTakesBackOneAndTheOthersStay) {
    const std::string text = "password: kX93hq7Lm2, mail a@firma.example";
    auto redactions = must(find_redactions(text, {}));
    ASSERT_EQ(redactions.size(), 2U);
    redactions[0].applies = false;
    EXPECT_EQ(redacted(text, redactions), "password: kX93hq7Lm2, mail [EMAIL_1]");
    EXPECT_EQ(restored(redacted(text, redactions), text, redactions), text);
}

TEST(Redaction, TakingOutAndFillingInIsTheSameTextWhateverItWas) {
    Chance chance(9);
    const std::vector<std::string> pieces = {"password=",
                                             "\"",
                                             "[SECRET_1]",
                                             "[",
                                             "]",
                                             "_1]",
                                             "[X",
                                             "@",
                                             "a@b.example",
                                             ":",
                                             "://",
                                             "-----BEGIN PRIVATE KEY-----",
                                             "-----END",
                                             "\\",
                                             " ",
                                             "\n",
                                             "Bearer ",
                                             "eyJ",
                                             "4111 1111 1111 1111",
                                             "Cookie: a=",
                                             ";",
                                             "\xff",
                                             "ü",
                                             "10.1.2.3",
                                             "--token "};
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (std::size_t n = chance.below(12); n > 0; --n)
            text += chance.below(3) == 0 ? chance.of(url64, chance.below(40)) : chance.one_of(pieces);
        if (chance.below(2) == 0) text += chance.one_of(secrets_of_known_formats(chance)) + text;
        const auto redactions = must(find_redactions(text, {.names = {"ab"}}));
        std::size_t at = 0;
        for (const Redaction& one : redactions) {
            ASSERT_GE(one.begin, at) << text;
            ASSERT_LT(one.begin, one.end);
            ASSERT_EQ(text.find(one.placeholder), std::string::npos);
            at = one.end;
        }
        ASSERT_LE(at, text.size());
        ASSERT_EQ(restored(redacted(text, redactions), text, redactions), text);
    }
}

TEST(Redaction, TextThatIsTooLongIsRefused) {
    EXPECT_EQ(find_redactions(std::string(limit_redacted_bytes + 1, 'x'), {}).error().code, Code::too_large);
}

TEST(Names, TheirLastWordsSayWhatTheyAre) {
    for (const char* name : {"DB_PASSWORD", "dbPassword", "smtp-passwd", "PASSWORD_PROD", "user password", "rootpass"})
        EXPECT_EQ(hint_of(name), Hint::password) << name;
    for (const char* name :
         {"API_KEY", "apikey", "secretAccessKey", "SECRET_KEY_BASE", "jwt", "GITHUB_TOKEN", "token2"})
        EXPECT_EQ(hint_of(name), Hint::token) << name;
    for (const char* name : {"token_url", "max_tokens", "tokenizer", "key", "primary_key", "keyboard", "password_hash",
                             "next_page_token", "secretName", "compass", "public_key", "passwordless", ""})
        EXPECT_EQ(hint_of(name), Hint::none) << name;
}

}  // namespace
}  // namespace lar::consent
