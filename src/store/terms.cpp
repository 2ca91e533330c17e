#include "store/terms.h"

#include <sqlite3.h>

#include <cstring>
#include <string_view>

#include "store/database.h"

namespace lar::store {
namespace {

// FTS5 wants an instance of every tokenizer; ours has no state.
int create_tokenizer(void*, const char**, int, Fts5Tokenizer** tokenizer) {
    static char stateless = 0;
    *tokenizer = reinterpret_cast<Fts5Tokenizer*>(&stateless);
    return SQLITE_OK;
}
void delete_tokenizer(Fts5Tokenizer*) {}

using TakeToken = int (*)(void*, int, const char*, int, int, int);

int split_at_spaces(Fts5Tokenizer*, void* context, int, const char* text, int size, TakeToken take) {
    const char* const end = text + size;
    for (const char* word = text; word < end;) {
        const void* space = std::memchr(word, ' ', static_cast<std::size_t>(end - word));
        const char* const stop = space == nullptr ? end : static_cast<const char*>(space);
        if (stop > word) {
            const int status = take(context, 0, word, static_cast<int>(stop - word), static_cast<int>(word - text),
                                    static_cast<int>(stop - text));
            if (status != SQLITE_OK) return status;
        }
        word = stop + 1;
    }
    return SQLITE_OK;
}

Result<fts5_api*> fts5_of(Connection& connection) {
    sqlite3_stmt* statement = nullptr;
    fts5_api* api = nullptr;
    const auto here = std::source_location::current();
    int status = sqlite3_prepare_v2(connection.handle(), "SELECT fts5(?1)", -1, &statement, nullptr);
    if (status != SQLITE_OK) return connection.failure(status, here);
    sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", nullptr);
    status = sqlite3_step(statement);
    sqlite3_finalize(statement);
    if (status != SQLITE_ROW && status != SQLITE_DONE) return connection.failure(status, here);
    if (api == nullptr) return fail(Code::internal, "this SQLite was built without FTS5");
    return api;
}

}  // namespace

Result<> register_terms(Connection& connection) {
    fts5_api* const api = TRY(fts5_of(connection));
    fts5_tokenizer tokenizer{create_tokenizer, delete_tokenizer, split_at_spaces};
    const int status = api->xCreateTokenizer(api, "lar_terms", nullptr, &tokenizer, nullptr);
    if (status != SQLITE_OK) return connection.failure(status, std::source_location::current());
    return {};
}

}  // namespace lar::store
