#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/testing.h"

namespace lar::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

KeptTicket kept(const std::string& uuid, std::int64_t proposed_us = 1, std::vector<std::string> sources = {}) {
    return {.uuid = uuid,
            .proposed_us = proposed_us,
            .state = "proposed",
            .json = "zzqtext of " + uuid,
            .sources = std::move(sources)};
}
void add(Store& store, const KeptTicket& ticket) {
    must(store.write([&](Writer& writer) { return writer.add_ticket(ticket); }));
}
std::vector<std::string> ids_of(Store& store) {
    std::vector<std::string> ids;
    for (const KeptTicket& one : must(must(store.reader()).tickets(100))) ids.push_back(one.uuid);
    return ids;
}

TEST(KeptTickets, AreThereAfterReopeningInTheStateThatWasCommitted) {
    const Folder folder;
    {
        Store store = open_store(folder / "lar.db");
        add(store, kept("a"));
        add(store, kept("b"));
        must(store.write([](Writer& writer) { return writer.change_ticket("a", "sent", "changed"); }));
    }
    Store store = open_store(folder / "lar.db");
    Reader reader = must(store.reader());
    EXPECT_THAT(ids_of(store), ElementsAre("b", "a"));
    EXPECT_EQ(must(reader.ticket("a"))->json, "changed");
    ASSERT_EQ(must(reader.tickets_in_state("sent")).size(), 1U);
    EXPECT_EQ(must(reader.tickets_in_state("sent"))[0].uuid, "a");
    EXPECT_FALSE(must(reader.ticket("c")));
}

TEST(KeptTickets, WhatIsNotThereIsSaidAndTheRestOfTheTransactionUndone) {
    Store store = open_store();
    add(store, kept("a"));
    const Result<> changed = store.write([](Writer& writer) -> Result<> {
        TRY_VOID(writer.change_ticket("a", "sent", "x"));
        return writer.change_ticket("b", "sent", "x");
    });
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, Code::not_found);
    EXPECT_EQ(must(must(store.reader()).ticket("a"))->state, "proposed");
    EXPECT_EQ(store.write([](Writer& writer) { return writer.remove_ticket("b"); }).error().code, Code::not_found);
}

TEST(KeptTickets, OldOnesOfAStateGoAndOthersStay) {
    Store store = open_store();
    for (int i = 0; i < 6; ++i) add(store, kept(std::to_string(i), i));
    must(store.write([](Writer& writer) { return writer.change_ticket("0", "denied", "x"); }));
    must(store.write([](Writer& writer) { return writer.remove_old_tickets("proposed", 3, 2); }));
    EXPECT_THAT(ids_of(store), ElementsAre("5", "4", "0"));
}

TEST(KeptTickets, GoWithTheSourceThatTheyWereMadeFrom) {
    const Folder folder;
    Store store = open_store(folder / "lar.db");
    const SourceId gone = add_source(store, "gone");
    add_source(store, "stays");
    add(store, kept("both", 1, {"gone", "stays"}));
    add(store, kept("other", 1, {"stays"}));
    add(store, kept("none", 1));
    must(store.write([&](Writer& writer) -> Result<> {
        TRY_VOID(writer.remove_source(gone));
        return {};
    }));
    EXPECT_THAT(ids_of(store), ElementsAre("none", "other"));
    const std::vector<std::string> text{"zzqtext of both"};
    EXPECT_THAT(must(store.find_remains(text)), Not(IsEmpty()));
    must(store.scrub());
    EXPECT_THAT(must(store.find_remains(text)), IsEmpty());
    EXPECT_THAT(must(store.find_remains(std::vector<std::string>{"zzqtext of other"})), IsEmpty()) << "held by right";
}

}  // namespace
}  // namespace lar::store
