// Hand-offs, proposed and over: rows whose state is a column, and whose rest is consent's.
#include "base/format.h"
#include "store/reader.h"
#include "store/writer.h"

namespace lar::store {
namespace {

KeptTicket ticket_at(const Statement& row) {
    return {.uuid = row.text(0), .proposed_us = row.integer(1), .state = row.text(2), .json = row.text(3)};
}

Result<std::optional<KeptTicket>> find_ticket(Connection& connection, std::string_view uuid) {
    Statement row = TRY(connection.prepare("SELECT uuid, proposed_us, state, json FROM tickets WHERE uuid = ?1"));
    row.bind(uuid);
    if (!TRY(row.step())) return std::nullopt;
    return ticket_at(row);
}

Result<std::vector<KeptTicket>> find_in_state(Connection& connection, std::string_view state) {
    std::vector<KeptTicket> found;
    Statement rows =
        TRY(connection.prepare("SELECT uuid, proposed_us, state, json FROM tickets WHERE state = ?1 ORDER BY id"));
    rows.bind(state);
    while (TRY(rows.step())) found.push_back(ticket_at(rows));
    return found;
}

Result<> expect_one(const Connection& connection) {
    if (connection.changed_rows() == 1) return {};
    return fail(Code::not_found, "there is no hand-off of that id");
}

}  // namespace

Result<> Writer::add_ticket(const KeptTicket& ticket) {
    Connection& connection = impl_.connection;
    TRY_VOID(connection.run("INSERT INTO tickets (uuid, proposed_us, state, json) VALUES (?1, ?2, ?3, ?4)", ticket.uuid,
                            ticket.proposed_us, ticket.state, ticket.json));
    const std::int64_t id = connection.last_row();
    for (const std::string& name : ticket.sources)
        TRY_VOID(
            connection.run("INSERT OR IGNORE INTO ticket_sources (source, ticket) "
                           "SELECT id, ?1 FROM sources WHERE name = ?2",
                           id, name));
    return {};
}

Result<std::optional<KeptTicket>> Writer::ticket(std::string_view uuid) { return find_ticket(impl_.connection, uuid); }

Result<std::vector<KeptTicket>> Writer::tickets_in_state(std::string_view state) {
    return find_in_state(impl_.connection, state);
}

Result<> Writer::change_ticket(std::string_view uuid, std::string_view state, std::string_view json) {
    TRY_VOID(impl_.connection.run("UPDATE tickets SET state = ?2, json = ?3 WHERE uuid = ?1", uuid, state, json));
    return expect_one(impl_.connection);
}

Result<> Writer::remove_ticket(std::string_view uuid) {
    TRY_VOID(impl_.connection.run("DELETE FROM tickets WHERE uuid = ?1", uuid));
    return expect_one(impl_.connection);
}

Result<> Writer::remove_old_tickets(std::string_view state, std::int64_t before_us, std::size_t keep) {
    TRY_VOID(impl_.connection.run("DELETE FROM tickets WHERE state = ?1 AND proposed_us < ?2", state, before_us));
    return impl_.connection.run(
        "DELETE FROM tickets WHERE state = ?1 AND id <= "
        "(SELECT id FROM tickets WHERE state = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        state, keep);
}

Result<std::vector<KeptTicket>> Reader::tickets(std::size_t limit) {
    std::vector<KeptTicket> found;
    Statement rows = TRY(
        impl_->connection().prepare("SELECT uuid, proposed_us, state, json FROM tickets ORDER BY id DESC LIMIT ?1"));
    rows.bind(limit);
    while (TRY(rows.step())) found.push_back(ticket_at(rows));
    return found;
}

Result<std::optional<KeptTicket>> Reader::ticket(std::string_view uuid) {
    return find_ticket(impl_->connection(), uuid);
}

Result<std::vector<KeptTicket>> Reader::tickets_in_state(std::string_view state) {
    return find_in_state(impl_->connection(), state);
}

}  // namespace lar::store
