// Conversations: what is said in them, found again by its words, and gone when it is deleted.

#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "store/reader.h"
#include "store/rows.h"
#include "store/writer.h"

#define LAR_CHAT_COLUMNS                                                                                     \
    "c.uuid, c.title, c.model, c.settings, c.created_us, c.created_offset, c.updated_us, c.updated_offset, " \
    "c.messages"
#define LAR_MESSAGE_COLUMNS "m.uuid, m.role, m.time_us, m.time_offset, m.text, m.answer, m.tokens, m.forgotten"

namespace lar::store {
namespace {

constexpr int chat_columns = 9;
constexpr std::size_t limit_made_title_bytes = 60;

Chat chat_at(const Statement& row) {
    return {.uuid = row.text(0),
            .title = row.text(1),
            .model = row.text(2),
            .settings = row.text(3),
            .created = time_at(row, 4),
            .updated = time_at(row, 6),
            .messages = row.natural(8)};
}

Message message_at(const Statement& row, int first) {
    return {.uuid = row.text(first),
            .role = row.integer(first + 1) == 0 ? MessageRole::user : MessageRole::assistant,
            .time = time_at(row, first + 2),
            .text = row.text(first + 4),
            .answer = row.text(first + 5),
            .tokens = static_cast<std::uint32_t>(row.integer(first + 6)),
            .forgotten = row.integer(first + 7) != 0};
}

// A chat without a title is called by how it begins.
std::string title_of(std::string_view text) {
    const std::string_view line = trim(text).substr(0, trim(text).find('\n'));
    const std::string_view title = utf8_prefix(line, limit_made_title_bytes);
    return title.size() < line.size() ? std::string(title) + "…" : std::string(title);
}

std::unexpected<Error> no_such_chat() { return fail(Code::not_found, "there is no chat of that id"); }

// FTS5's way to say "all of these": each between quotes, side by side.
std::string all_of(std::span<const std::string> terms) {
    std::string query;
    for (const std::string& term : terms) {
        query += '"';
        for (const char c : term) {
            query += c;
            if (c == '"') query += '"';
        }
        query += "\" ";
    }
    return query;
}

}  // namespace

// ---- writing ----

Result<> Writer::add_chat(const Chat& chat) {
    return impl_.connection.run(
        "INSERT INTO chats (uuid, title, model, settings, created_us, created_offset, updated_us, updated_offset) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        impl_.uuid_or_new(chat.uuid), chat.title, chat.model, chat.settings, chat.created.us, chat.created.offset_min,
        chat.updated.us, chat.updated.offset_min);
}

Result<> Writer::add_message(std::string_view chat, const Message& message, std::string_view terms,
                             std::string_view model) {
    Connection& connection = impl_.connection;
    if (message.text.size() > limit_message_bytes)
        return fail(Code::too_large, lar::format("a message is longer than {} bytes", limit_message_bytes));
    const auto id = TRY(connection.integer("SELECT id FROM chats WHERE uuid = ?1", chat));
    if (!id) return no_such_chat();
    const auto held = TRY(connection.integer("SELECT messages FROM chats WHERE id = ?1", *id)).value_or(0);
    if (held >= static_cast<std::int64_t>(limit_chat_messages))
        return fail(Code::too_large, lar::format("the chat has {} messages already: begin another", held));
    if (!message.answer.empty()) {
        // What a model was told it may say again, so an answer comes from all that went before it.
        TRY_VOID(
            connection.run("INSERT OR IGNORE INTO answer_sources (source, answer) "
                           "SELECT s.source, (SELECT id FROM answers WHERE uuid = ?2) FROM messages m "
                           "JOIN answers a ON a.uuid = m.answer JOIN answer_sources s ON s.answer = a.id "
                           "WHERE m.chat = ?1 AND m.answer <> ''",
                           *id, message.answer));
    }
    TRY_VOID(
        connection.run("INSERT INTO messages (uuid, chat, role, time_us, time_offset, text, answer, tokens, forgotten) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                       impl_.uuid_or_new(message.uuid), *id, static_cast<std::int64_t>(message.role), message.time.us,
                       message.time.offset_min, message.text, message.answer, message.tokens,
                       static_cast<std::int64_t>(message.forgotten)));
    TRY_VOID(connection.run("INSERT INTO message_terms (rowid, body) VALUES (?1, ?2)", connection.last_row(), terms));
    return connection.run(
        "UPDATE chats SET messages = messages + 1, updated_us = ?2, updated_offset = ?3, "
        "model = CASE ?4 WHEN '' THEN model ELSE ?4 END, title = CASE title WHEN '' THEN ?5 ELSE title END "
        "WHERE id = ?1",
        *id, message.time.us, message.time.offset_min, model, title_of(message.text));
}

Result<> Writer::remove_chat(std::string_view chat) {
    Connection& connection = impl_.connection;
    const auto id = TRY(connection.integer("SELECT id FROM chats WHERE uuid = ?1", chat));
    if (!id) return no_such_chat();
    TRY_VOID(connection.run("DELETE FROM message_terms WHERE rowid IN (SELECT id FROM messages WHERE chat = ?1)", *id));
    TRY_VOID(
        connection.run("DELETE FROM answers WHERE uuid IN "
                       "(SELECT answer FROM messages WHERE chat = ?1 AND answer <> '')",
                       *id));
    return connection.run("DELETE FROM chats WHERE id = ?1", *id);  // and its messages with it
}

Result<> Writer::Impl::forget_in_chats(SourceId source) {
    TRY_VOID(
        connection.run("DELETE FROM message_terms WHERE rowid IN (SELECT m.id FROM answer_sources s "
                       "JOIN answers a ON a.id = s.answer JOIN messages m ON m.answer = a.uuid WHERE s.source = ?1)",
                       source.value));
    return connection.run(
        "UPDATE messages SET text = '', forgotten = 1 WHERE answer IN (SELECT a.uuid FROM answer_sources s "
        "JOIN answers a ON a.id = s.answer WHERE s.source = ?1)",
        source.value);
}

// ---- reading ----

Result<std::vector<Chat>> Reader::chats(std::size_t limit) {
    std::vector<Chat> found;
    Statement rows = TRY(impl_->connection().prepare("SELECT " LAR_CHAT_COLUMNS
                                                     " FROM chats c ORDER BY c.updated_us DESC, c.id DESC LIMIT ?1"));
    rows.bind(limit);
    while (TRY(rows.step())) found.push_back(chat_at(rows));
    return found;
}

Result<std::optional<Chat>> Reader::chat(std::string_view uuid) {
    Statement row = TRY(impl_->connection().prepare("SELECT " LAR_CHAT_COLUMNS " FROM chats c WHERE c.uuid = ?1"));
    row.bind(uuid);
    if (!TRY(row.step())) return std::nullopt;
    return chat_at(row);
}

Result<std::vector<Message>> Reader::messages(std::string_view chat, std::size_t limit) {
    std::vector<Message> found;
    Statement rows =
        TRY(impl_->connection().prepare(
            "SELECT * FROM (SELECT " LAR_MESSAGE_COLUMNS ", m.id FROM messages m "
            "WHERE m.chat = (SELECT id FROM chats WHERE uuid = ?1) ORDER BY m.id DESC LIMIT ?2) "
            "ORDER BY id"));
    rows.bind(chat, limit);
    while (TRY(rows.step())) found.push_back(message_at(rows, 0));
    return found;
}

Result<std::vector<FoundMessage>> Reader::search_messages(std::span<const std::string> terms, std::size_t limit) {
    std::vector<FoundMessage> found;
    if (terms.empty()) return found;
    if (terms.size() > limit_query_terms)
        return fail(Code::too_large, lar::format("at most {} words can be searched for", limit_query_terms));
    Statement rows = TRY(impl_->connection().prepare(
        "SELECT " LAR_CHAT_COLUMNS ", " LAR_MESSAGE_COLUMNS
        " FROM message_terms t JOIN messages m ON m.id = t.rowid "
        "JOIN chats c ON c.id = m.chat WHERE t.message_terms MATCH ?1 ORDER BY t.rank, m.id DESC LIMIT ?2"));
    rows.bind(all_of(terms), limit);
    while (TRY(rows.step())) found.push_back({chat_at(rows), message_at(rows, chat_columns)});
    return found;
}

}  // namespace lar::store
