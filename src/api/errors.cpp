#include "api/errors.h"

#include <array>
#include <string>

#include "base/log.h"
#include "base/text.h"
#include "wire/api.h"
#include "wire/codec.h"
#include "wire/engine.h"

namespace lar::api {
namespace {

struct Row {
    Code code;
    int status;
    std::string_view hint;
};
constexpr std::array<Row, 9> table = {{
    {Code::invalid, 400, "docs/api.md shows what a request looks like."},
    {Code::denied, 403, "Lar may only do what its user may; 'lar doctor' shows what holds it back."},
    {Code::not_found, 404, "'lar sources' lists the sources, 'lar jobs' the jobs, 'lar answers' the answers."},
    {Code::conflict, 409, "'lar sources' shows what is there."},
    {Code::too_large, 413, "Send it in smaller parts."},
    {Code::timeout, 504, "Try again; 'lar status' shows what is under way."},
    {Code::unavailable, 503, "Try again; 'lar status' shows what is wrong now."},
    {Code::corrupt, 500, "'lar doctor' checks what is stored; 'lar logs' may say more."},
    {Code::internal, 500, "'lar logs' may say more."},
}};

const Row& row_of(Code code) {
    for (const Row& row : table)
        if (row.code == code) return row;
    return table.back();
}

std::string json_of(Code code, std::string_view message, std::string_view hint) {
    return wire::to_json(wire::ApiError{{std::string(to_string(code)), std::string(message), std::string(hint)}});
}

}  // namespace

int status_of(Code code) { return row_of(code).status; }
std::string_view hint_for(Code code) { return row_of(code).hint; }

Code code_named(std::string_view name) {
    for (const Row& row : table)
        if (to_string(row.code) == name) return row.code;
    return Code::internal;
}

Error error_of(const wire::EngineFailed& failed) { return {code_named(failed.code), failed.message}; }

Code code_of(int status) {
    switch (status) {
        case 401: return Code::denied;
        case 408: return Code::timeout;
        case 429: return Code::unavailable;
        case 500: return Code::internal;
        default: break;
    }
    for (const Row& row : table)
        if (row.status == status) return row.code;
    return status < 500 ? Code::invalid : Code::internal;
}

http::Response render_problem(const http::Problem& problem) {
    const Code code = code_of(problem.status);
    const std::string_view hint = problem.hint.empty() ? hint_for(code) : std::string_view(problem.hint);
    return {problem.status, "application/json", json_of(code, problem.message, hint), {}};
}

std::string text_of(const http::Problem& problem) {
    if (problem.hint.empty()) return problem.message;
    return problem.message + (is_upper(problem.hint[0]) ? ". " : "; ") + problem.hint;
}

void answer_error(http::Responder& responder, const Error& error, std::string_view hint) {
    // The message may quote the user; the log gets the code and the place in our source.
    if (status_of(error.code) == 500)
        log_error("api: {} from {}:{}", to_string(error.code), error.where.file_name(), error.where.line());
    responder.json(status_of(error.code),
                   json_of(error.code, error.message, hint.empty() ? hint_for(error.code) : hint));
}

}  // namespace lar::api
