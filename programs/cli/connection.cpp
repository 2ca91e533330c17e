#include "connection.h"

#include "base/format.h"
#include "http/client.h"
#include "http/message.h"
#include "wire/api.h"
#include "wire/ollama.h"

namespace lar::cli {
namespace {

Reply taken(http::Reply&& reply) { return Reply{static_cast<unsigned>(reply.status), std::move(reply.body)}; }

// A large model takes its time before the first word: it is read from the disk, then it reads.
constexpr std::chrono::minutes patience{15};

class SocketConnection final : public Connection {
public:
    SocketConnection(const std::filesystem::path& socket, const std::atomic<bool>& cancelled)
        : client_(http::Endpoint{.socket = socket},
                  http::ClientOptions{.answer_time = patience, .cancelled = &cancelled}) {}

    Result<> connect() { return client_.connect(); }

    Result<Reply> request(std::string_view method, std::string_view target, std::string_view body) override {
        return client_.send({std::string(method), std::string(target), std::string(body)}).transform(taken);
    }

    Result<Reply> stream(std::string_view method, std::string_view target, std::string_view body,
                         const OnEvent& take) override {
        const http::Call call{std::string(method), std::string(target), std::string(body), true};
        return client_.stream(call, take).transform(taken);
    }

private:
    http::Client client_;
};

}  // namespace

Result<std::unique_ptr<Connection>> connect(const std::filesystem::path& socket, const std::atomic<bool>& cancelled) {
    auto connection = std::make_unique<SocketConnection>(socket, cancelled);
    auto connected = connection->connect();
    if (connected) return connection;
    // The client says unavailable for nobody there and for an interrupt; only the former is worth starting lard.
    if (connected.error().code == Code::unavailable && !cancelled) connected.error().code = Code::not_found;
    return std::unexpected(std::move(connected).error());
}

std::string url_encoded(std::string_view text) { return http::percent_encode(text); }

Failure refusal(const Reply& reply) {
    Failure failure;
    if (const auto error = wire::from_json<wire::ApiError>(reply.body)) {
        failure.code = error->error.code;
        failure.message = error->error.message;
        failure.hint = error->error.hint;
    } else if (const auto other = wire::from_json<wire::OllamaError>(reply.body)) {
        const Code code = reply.status == 404   ? Code::not_found
                          : reply.status == 403 ? Code::denied
                          : reply.status < 500  ? Code::invalid
                          : reply.status == 503 ? Code::unavailable
                                                : Code::internal;
        failure.code = to_string(code);
        failure.message = other->error;
        if (code == Code::not_found) failure.hint = "`lar list` lists the models";
    } else {
        failure.code = to_string(Code::internal);
        failure.message = lar::format("lard answered with status {}", reply.status);
        failure.hint = "`lar logs` may say why";
    }
    // What lard finds wrong with the words it was given is wrong usage of the command.
    if (failure.code == to_string(Code::invalid)) failure.exit = Exit::usage;
    return failure;
}

}  // namespace lar::cli
