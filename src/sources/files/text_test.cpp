#include "sources/files/text.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "sources/files/secrets.h"

namespace lar::sources {
namespace {

using namespace std::string_literals;

TEST(DecodedText, BinaryBytesAreLeftOut) {
    EXPECT_EQ(decode_text("abc\0def"s, "x").reason, reason::binary);
    std::string noise;
    for (int i = 0; i < 1000; ++i) noise += static_cast<char>(1 + (i * 7919) % 255);
    EXPECT_EQ(decode_text(noise, "x").reason, reason::binary);
    EXPECT_EQ(decode_text("", "x").reason, reason::empty);
    EXPECT_EQ(decode_text(" \n\n", "x").reason, reason::empty);
}

TEST(DecodedText, OtherEncodingsBecomeUtf8) {
    EXPECT_EQ(decode_text("\xFF\xFEh\0\xE9\0\r\0\n\0"s, "x.txt").text, "h\xC3\xA9\n");
    EXPECT_EQ(decode_text("\xFE\xFF\0h\xD8\x3D\xDE\0"s, "x.txt").text, "h\xF0\x9F\x98\x80");
    EXPECT_EQ(decode_text("na\xEFve caf\xE9, written long ago", "x.txt").text,
              "na\xC3\xAFve caf\xC3\xA9, written long ago");
    EXPECT_EQ(decode_text("\xEF\xBB\xBFmarked\r\nlines\r\n", "x.txt").text, "marked\nlines\n");
    EXPECT_TRUE(
        is_utf8(decode_text("mostly \xC3\xA9\xC3\xA9\xC3\xA9 well \xFF formed text as it should be", "x").text));
}

TEST(DecodedText, GeneratedTextIsLeftOutAndLongProseIsNot) {
    const std::string line(100'000, 'x');
    EXPECT_EQ(decode_text("var a;\n" + line, "app.js").reason, reason::generated);
    EXPECT_EQ(decode_text("A title\n" + line, "novel.txt").reason, "");
    EXPECT_EQ(reason_by_name("web/package-lock.json").reason, reason::generated);
    EXPECT_EQ(reason_by_name("web/app.min.js").reason, reason::generated);
    EXPECT_EQ(reason_by_name("Cargo.lock").detail, "lock file");
    EXPECT_EQ(reason_by_name("photo.JPG").reason, reason::binary);
    EXPECT_EQ(reason_by_name("src/loop.c").reason, "");
}

TEST(Secrets, NamesThatHoldSecretsAreKnown) {
    for (const char* path : {".env", "app/.env.production", "prod.env", "id_rsa", "keys/server.key", "a.pem",
                             "Passwords.kdbx", ".netrc", ".pgpass", "home/.git-credentials", "p/key4.db", "x.p12"})
        EXPECT_NE(secret_by_name(path, false), "") << path;
    for (const char* path :
         {".env.example", ".env.sample", "id_rsa.pub", "environment.md", "keyboard.c", "credentials.cpp", "key"})
        EXPECT_EQ(secret_by_name(path, false), "") << path;
    for (const char* path : {".ssh", "home/.gnupg", ".config/chromium", ".local/share/keyrings", ".password-store"})
        EXPECT_NE(secret_by_name(path, true), "") << path;
    EXPECT_EQ(secret_by_name("src/chromium", true), "");
    EXPECT_NE(secret_in_path("old/.ssh/config"), "");
    EXPECT_EQ(secret_in_path("src/ssh/config.c"), "");
}

TEST(Secrets, APrivateKeyIsKnownByItsFirstLine) {
    EXPECT_NE(secret_by_content("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl"), "");
    EXPECT_NE(secret_by_content("Bag\n-----BEGIN RSA PRIVATE KEY-----\n"), "");
    EXPECT_EQ(secret_by_content("-----BEGIN CERTIFICATE-----\n"), "");
    EXPECT_EQ(secret_by_content("if (line == \"-----BEGIN RSA PRIVATE KEY-----\")"), "");
    EXPECT_EQ(decode_text("-----BEGIN EC PRIVATE KEY-----\nabc\n", "notes.txt").reason, reason::secret);
}

}  // namespace
}  // namespace lar::sources
