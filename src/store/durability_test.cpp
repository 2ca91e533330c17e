#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "store/testing.h"

namespace lar::store {
namespace {

std::vector<NewPassage> passages_of_round(int number) {
    std::vector<NewPassage> passages;
    for (int i = 0; i < 5; ++i)
        passages.push_back(passage("word" + std::to_string(number) + " common text " + std::string(900, 'x')));
    return passages;
}

// Writes documents one transaction each and says through the pipe which are committed, until somebody kills it.
[[noreturn]] void commit_for_ever(const std::filesystem::path& path, int pipe_end, int next) {
    auto store = Store::open(path, fixed_clock);
    if (!store) ::_exit(1);
    for (;; ++next) {
        const auto written = store->write([&](Writer& writer) -> Result<> {
            TRY_VOID(writer.put_document(document(SourceId{1}, std::to_string(next)), passages_of_round(next)));
            // Some documents are replaced later, so that deleting is interrupted too.
            TRY_VOID(writer.put_document(document(SourceId{1}, "again" + std::to_string(next % 3)),
                                         passages_of_round(next)));
            return {};
        });
        if (!written || ::write(pipe_end, &next, sizeof next) != sizeof next) ::_exit(1);
    }
}

// Starts a child that commits, lets it live until it has told `patience` commits, kills it, and gives what it told.
std::vector<int> committed_before_kill(const std::filesystem::path& path, int next, std::size_t patience) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    const pid_t child = ::fork();
    if (child == 0) commit_for_ever(path, ends[1], next);
    ::close(ends[1]);
    std::vector<int> told;
    for (int number = 0; ::read(ends[0], &number, sizeof number) == sizeof number;) {
        told.push_back(number);
        if (told.size() == patience) ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
    return told;
}

TEST(Durability, WhatWasCommittedSurvivesSigkillAtAnyMoment) {
    const Folder folder;
    const auto path = folder / "lar.db";
    {
        Store store = open_store(path);
        ASSERT_EQ(add_source(store, "notes").value, 1);
    }
    std::mt19937 random(11);
    int next = 0;
    for (int round = 0; round < 10; ++round) {
        const std::vector<int> told = committed_before_kill(path, next, 1 + random() % 40);
        ASSERT_FALSE(told.empty());
        Store store = open_store(path);
        Reader reader = must(store.reader());
        for (const int number : told) {
            const auto there = must(reader.document_at(SourceId{1}, DocumentKind::file, std::to_string(number)));
            ASSERT_TRUE(there) << "commit " << number << " of round " << round << " is lost";
            EXPECT_EQ(must(reader.passages_of(there->id, 10)).size(), 5U);
            EXPECT_GE(found(reader, {{"word" + std::to_string(number)}}).size(), 5U);
        }
        must(store.check_integrity());
        next = told.back() + 2;  // the one after the last told may be there or not
    }
}

}  // namespace
}  // namespace lar::store
