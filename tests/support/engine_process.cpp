#include "engine_process.h"

#include <map>

#include "base/fd.h"

namespace lar::testing_support {

Error error_of(const wire::EngineFailed& failed) {
    for (const Code code : {Code::invalid, Code::not_found, Code::denied, Code::conflict, Code::too_large,
                            Code::timeout, Code::unavailable, Code::corrupt})
        if (to_string(code) == failed.code) return {code, failed.message};
    return {Code::internal, failed.message};
}

Result<EngineProcess> EngineProcess::start(ipc::Spawner& spawner) {
    EngineProcess engine(TRY(spawner.spawn(wire::Worker::engine)));
    const wire::EngineEvent ready = TRY(engine.next());
    if (!std::holds_alternative<wire::EngineReady>(ready))
        return fail(Code::corrupt, "its first word is not that it is ready");
    return engine;
}

Result<> EngineProcess::send(const wire::EngineRequest& request, const std::vector<std::filesystem::path>& files) {
    std::vector<Fd> open;
    std::vector<int> numbers;
    for (const std::filesystem::path& file : files) {
        open.push_back(TRY(open_read_only(file)));
        numbers.push_back(open.back().number());
    }
    return worker_.channel().send(wire::to_json(request), {.timeout_ms = patience_ms}, {}, numbers);
}

Result<wire::EngineEvent> EngineProcess::next() {
    return ipc::receive<wire::EngineEvent>(worker_.channel(), {.timeout_ms = patience_ms});
}

Result<wire::Loaded> EngineProcess::load(const std::vector<std::filesystem::path>& files, wire::LoadModel how) {
    TRY_VOID(send(how, files));
    for (;;) {
        const wire::EngineEvent event = TRY(next());
        if (const auto* loaded = std::get_if<wire::Loaded>(&event)) return *loaded;
        if (const auto* failed = std::get_if<wire::EngineFailed>(&event)) return std::unexpected(error_of(*failed));
        if (!std::holds_alternative<wire::Loading>(event)) return fail(Code::corrupt, "no answer to a request to load");
    }
}

Result<std::vector<Generated>> generate(EngineProcess& engine, std::vector<wire::Generate> requests) {
    std::map<std::uint64_t, std::size_t> places;
    std::vector<Generated> results(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
        places[requests[i].id] = i;
        TRY_VOID(engine.send(requests[i]));
    }
    for (std::size_t left = requests.size(); left > 0;) {
        const wire::EngineEvent event = TRY(engine.next());
        if (const auto* failed = std::get_if<wire::EngineFailed>(&event)) return std::unexpected(error_of(*failed));
        if (const auto* started = std::get_if<wire::Started>(&event)) {
            results.at(places.at(started->id)).started = *started;
        } else if (const auto* piece = std::get_if<wire::Piece>(&event)) {
            results.at(places.at(piece->id)).text += piece->text;
            results.at(places.at(piece->id)).pieces.push_back(*piece);
        } else if (const auto* finished = std::get_if<wire::Finished>(&event)) {
            results.at(places.at(finished->id)).finished = *finished;
            --left;
        } else {
            return fail(Code::corrupt, "an event that belongs to no generation");
        }
    }
    return results;
}

Result<Generated> generate(EngineProcess& engine, wire::Generate request) {
    return std::move(TRY(generate(engine, std::vector{std::move(request)})).front());
}

}  // namespace lar::testing_support
