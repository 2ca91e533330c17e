#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "store/migrations.h"
#include "store/testing.h"

namespace lar::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

Chat chat(const std::string& uuid) {
    return {.uuid = uuid, .title = "about " + uuid, .created = {1, 60}, .updated = {1, 60}};
}

void add(Store& store, const std::string& chat, const Message& message, const std::string& model = "") {
    must(store.write([&](Writer& writer) { return writer.add_message(chat, message, message.text, model); }));
}
Message said(const std::string& text, std::int64_t time_us = 2) { return {.time = {time_us, 60}, .text = text}; }
Message answered(const std::string& text, const std::string& answer, std::int64_t time_us = 3) {
    return {.role = MessageRole::assistant, .time = {time_us, 60}, .text = text, .answer = answer, .tokens = 7};
}
void keep(Store& store, const std::string& uuid, std::vector<std::string> sources) {
    must(store.write([&](Writer& writer) {
        return writer.keep_answer(
            {.uuid = uuid, .question = "q " + uuid, .json = "{\"" + uuid + "\":1}", .sources = std::move(sources)});
    }));
}
Store with_chats(const std::filesystem::path& path = {}) {
    Store store = open_store(path);
    for (const std::string uuid : {"one", "two"})
        must(store.write([&](Writer& writer) { return writer.add_chat(chat(uuid)); }));
    return store;
}
std::vector<std::string> texts(Reader& reader, const std::string& chat, std::size_t limit = 100) {
    std::vector<std::string> out;
    for (const Message& message : must(reader.messages(chat, limit))) out.push_back(message.text);
    return out;
}
std::vector<std::string> matching(Reader& reader, const std::vector<std::string>& terms) {
    std::vector<std::string> out;
    for (const FoundMessage& one : must(reader.search_messages(terms, 10)))
        out.push_back(one.chat.uuid + ": " + one.message.text);
    return out;
}

TEST(Chats, WhatIsSaidComesBackInOrderAndTheOneThatWentOnLastIsFirst) {
    Store store = with_chats();
    add(store, "two", said("hello", 5));
    add(store, "one", said("alpha", 6));
    add(store, "one", answered("beta", "", 9), "llama:latest");
    Reader reader = must(store.reader());
    EXPECT_THAT(texts(reader, "one"), ElementsAre("alpha", "beta"));
    EXPECT_THAT(texts(reader, "one", 1), ElementsAre("beta"));
    const auto chats = must(reader.chats(10));
    ASSERT_THAT(chats, SizeIs(2));
    EXPECT_EQ(chats[0].uuid, "one");
    EXPECT_EQ(chats[0].messages, 2U);
    EXPECT_EQ(chats[0].model, "llama:latest");
    EXPECT_EQ(chats[0].updated.us, 9);
    EXPECT_EQ(must(reader.messages("one", 9))[1].tokens, 7U);
    EXPECT_FALSE(must(reader.chat("three")));
    EXPECT_THAT(texts(reader, "three"), IsEmpty());
}

TEST(Chats, MessagesAreFoundByAllTheirWordsAndNoWordIsQuerySyntax) {
    Store store = with_chats();
    add(store, "one", said("alpha beta gamma"));
    add(store, "two", said("alpha delta"));
    Reader reader = must(store.reader());
    EXPECT_THAT(matching(reader, {"alpha", "gamma"}), ElementsAre("one: alpha beta gamma"));
    EXPECT_THAT(matching(reader, {"alpha"}), SizeIs(2));
    EXPECT_THAT(matching(reader, {"alpha", "omega"}), IsEmpty());
    for (const std::string hostile : {"\"", "a\" OR \"b", "NEAR(", "*", "body:alpha"})
        EXPECT_THAT(matching(reader, {hostile}), IsEmpty());
}

TEST(Chats, AreNotAddedToWhenThereAreNoneOrWhenFull) {
    Store store = with_chats();
    const auto missing = store.write([](Writer& writer) { return writer.add_message("three", said("x"), "x", ""); });
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Code::not_found);
    const auto large = store.write([](Writer& writer) {
        return writer.add_message("one", said(std::string(limit_message_bytes + 1, 'x')), "x", "");
    });
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().code, Code::too_large);
    must(store.write([](Writer& writer) -> Result<> {
        for (std::size_t i = 0; i < limit_chat_messages; ++i) TRY_VOID(writer.add_message("one", said("x"), "x", ""));
        return {};
    }));
    const auto full = store.write([](Writer& writer) { return writer.add_message("one", said("x"), "x", ""); });
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, Code::too_large);
}

TEST(Chats, AnswersOfChatsOutliveTheNewestThousand) {
    Store store = with_chats();
    keep(store, "mine", {});
    add(store, "one", answered("text", "mine"));
    must(store.write([](Writer& writer) -> Result<> {
        for (int i = 0; i < 1005; ++i)
            TRY_VOID(writer.keep_answer({.uuid = std::to_string(i), .question = "q", .json = "{}"}));
        return {};
    }));
    Reader reader = must(store.reader());
    EXPECT_TRUE(must(reader.answer("mine")));
    EXPECT_FALSE(must(reader.answer("0")));
}

TEST(Chats, ForgettingASourceEmptiesWhatWasSaidFromItAndAfterIt) {
    Store store = with_chats();
    const SourceId gone = add_source(store, "gone");
    add_source(store, "kept");
    keep(store, "a", {"kept"});
    add(store, "one", said("asked"));
    add(store, "one", answered("before", "a"));
    keep(store, "b", {"gone"});
    add(store, "one", answered("secret", "b"));
    keep(store, "c", {});
    add(store, "one", answered("secret again", "c"));  // may repeat what stood above it
    keep(store, "d", {"kept"});
    add(store, "two", answered("elsewhere", "d"));
    must(store.write([&](Writer& writer) -> Result<> {
        TRY_VOID(writer.remove_source(gone));
        return {};
    }));
    Reader reader = must(store.reader());
    EXPECT_THAT(texts(reader, "one"), ElementsAre("asked", "before", "", ""));
    EXPECT_THAT(texts(reader, "two"), ElementsAre("elsewhere"));
    EXPECT_TRUE(must(reader.messages("one", 9))[2].forgotten);
    EXPECT_FALSE(must(reader.messages("one", 9))[1].forgotten);
    EXPECT_THAT(matching(reader, {"secret"}), IsEmpty());
    EXPECT_FALSE(must(reader.answer("c")));
    must(store.check_integrity());
}

TEST(Chats, DeletingLeavesNothingOfThemInAnyFile) {
    const Folder folder;
    const auto path = folder / "lar.db";
    Store store = with_chats(path);
    std::vector<std::string> secrets;
    for (int i = 0; i < 60; ++i) {
        secrets.push_back("zzqsecret" + std::to_string(i) + std::string(static_cast<std::size_t>(i * 40), 'q'));
        keep(store, "answer" + std::to_string(i), {});
        add(store, "one", answered(secrets.back() + " words", "answer" + std::to_string(i)));
        add(store, "two", said("kept words " + std::to_string(i)));
    }
    EXPECT_THAT(must(read_file(path, 1U << 30)) + must(read_file(folder / "lar.db-wal", 1U << 30)),
                ::testing::HasSubstr("zzqsecret"));
    must(store.write([](Writer& writer) { return writer.remove_chat("one"); }));
    must(store.scrub());
    for (const char* name : {"lar.db", "lar.db-wal", "lar.db-shm"})
        EXPECT_EQ(must(read_file(folder / name, 1U << 30)).find("zzqsecret"), std::string::npos) << name;
    EXPECT_THAT(must(store.find_remains(secrets)), IsEmpty());
    Reader reader = must(store.reader());
    EXPECT_FALSE(must(reader.chat("one")));
    EXPECT_FALSE(must(reader.answer("answer1")));
    EXPECT_THAT(texts(reader, "two"), SizeIs(60));
    EXPECT_THAT(matching(reader, {"kept"}), Not(IsEmpty()));
    EXPECT_FALSE(store.write([](Writer& writer) { return writer.remove_chat("one"); }));
}

TEST(Chats, SurviveAKillButForTheMessageUnderWay) {
    const Folder folder;
    const auto path = folder / "lar.db";
    const pid_t child = ::fork();
    if (child == 0) {
        Store store = with_chats(path);
        add(store, "one", said("first"));
        add(store, "one", answered("second", ""));
        (void)store.write([](Writer& writer) -> Result<> {
            TRY_VOID(writer.add_message("one", said("third"), "third", ""));
            ::kill(::getpid(), SIGKILL);
            return {};
        });
        ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    Store store = open_store(path);
    Reader reader = must(store.reader());
    EXPECT_THAT(texts(reader, "one"), ElementsAre("first", "second"));
    must(store.check_integrity());
}

TEST(Chats, AStoreOfBeforeThereWereChatsGetsThem) {
    const Folder folder;
    const auto path = folder / "lar.db";
    {
        const auto connection = must(Connection::open(path.string(), Role::writer));
        must(migrate(*connection, path, schema_steps().first(1)));
        must(connection->run(
            "INSERT INTO answers (uuid, time_us, time_offset, question, json) VALUES ('old', 1, 0, 'q', '{}')"));
    }
    Store store = with_chats(path);
    add(store, "one", said("hello"));
    Reader reader = must(store.reader());
    EXPECT_THAT(texts(reader, "one"), ElementsAre("hello"));
    EXPECT_TRUE(must(reader.answer("old")));
    EXPECT_TRUE(std::filesystem::exists(folder / "lar.db.v1.backup"));
}

}  // namespace
}  // namespace lar::store
