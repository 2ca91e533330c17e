#include "models/kept_facts.h"

#include <system_error>

#include "base/log.h"
#include "models/blobs.h"
#include "wire/codec.h"
#include "wire/models.h"

namespace lar::models {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t facts_format = 1;  // raised when an engine reads more out of the same file
constexpr std::size_t limit_facts_bytes = 8 * 1024 * 1024;

}  // namespace

Result<wire::Facts> KeptFacts::of(const ModelFile& file) {
    if (const Result<std::string> json = read_file(place(file.hex), limit_facts_bytes)) {
        // Of another Lar's format, or damaged: an engine is asked again.
        if (Result<wire::StoredFacts> kept = wire::from_json<wire::StoredFacts>(*json);
            kept && kept->format == facts_format)
            return std::move(kept->facts);
    }
    wire::Facts facts = TRY(read(TRY(open_file(file))));
    if (const Result<> done = keep(file.hex, facts); !done)
        log_warning("facts are not kept: {}", to_string(done.error().code));
    return facts;
}

Result<wire::Facts> KeptFacts::read(Fd file) {
    wire::Facts facts = TRY(reader_.facts(std::move(file)));
    facts.tensors.clear();
    return facts;
}

Result<> KeptFacts::keep(const std::string& hex, const wire::Facts& facts) {
    return write_place(folder_, place(hex), wire::to_json(wire::StoredFacts{.format = facts_format, .facts = facts}));
}

Result<> KeptFacts::sweep(const std::set<std::string>& used) {
    std::error_code error;
    for (fs::directory_iterator at(folder_ / "facts", error), end; !error && at != end; at.increment(error))
        if (!used.contains(at->path().stem().string())) fs::remove(at->path(), error);
    if (error) return fail_errno("cannot sweep the facts of models", error.value());
    return {};
}

}  // namespace lar::models
