#include "store/scope.h"

#include <array>

namespace lar::store {
namespace {

constexpr std::array all_kinds{DocumentKind::file,  DocumentKind::commit, DocumentKind::working_tree,
                               DocumentKind::stash, DocumentKind::branch, DocumentKind::pushed};

bool can_be_on_a_branch(DocumentKind kind) { return kind != DocumentKind::file && kind != DocumentKind::pushed; }

Result<Statement> ranges_of(Connection& connection, const Scope& scope, const ScopeParts& parts,
                            const ScopeParts::Part& part) {
    const auto kind = static_cast<std::int64_t>(part.kind);
    if (scope.branch.empty()) {
        Statement all =
            TRY(connection.prepare("SELECT passage_first, passage_count FROM documents "
                                   "WHERE source = ?1 AND kind = ?2 AND time_us >= ?3 AND time_us < ?4"));
        all.bind(part.source, kind, parts.since_us, parts.until_us);
        return all;
    }
    if (part.kind == DocumentKind::commit) {
        Statement commits = TRY(connection.prepare(
            "SELECT d.passage_first, d.passage_count FROM branches b CROSS JOIN branch_commits c ON c.branch = b.id "
            "CROSS JOIN documents d ON d.source = ?1 AND d.kind = ?2 AND "
            "d.path = CASE typeof(c.name) WHEN 'blob' THEN lower(hex(c.name)) ELSE c.name END "
            "WHERE b.source = ?1 AND b.name = ?5 AND d.time_us >= ?3 AND d.time_us < ?4"));
        commits.bind(part.source, kind, parts.since_us, parts.until_us, scope.branch);
        return commits;
    }
    Statement others =
        TRY(connection.prepare("SELECT passage_first, passage_count FROM documents "
                               "WHERE source = ?1 AND kind = ?2 AND time_us >= ?3 AND time_us < ?4 AND branch = ?5"));
    others.bind(part.source, kind, parts.since_us, parts.until_us, scope.branch);
    return others;
}

}  // namespace

bool is_everything(const Scope& scope) {
    return scope.sources.empty() && scope.kinds.empty() && !scope.window.bounded() && scope.branch.empty();
}

Result<ScopeParts> parts_of(Connection& connection, const Scope& scope) {
    ScopeParts found;
    if (scope.window.since_us) found.since_us = *scope.window.since_us;
    if (scope.window.until_us) found.until_us = *scope.window.until_us;
    std::vector<std::int64_t> sources;
    for (const SourceId source : scope.sources) sources.push_back(source.value);
    if (sources.empty()) {
        Statement all = TRY(connection.prepare("SELECT id FROM sources"));
        while (TRY(all.step())) sources.push_back(all.integer(0));
    }
    const std::span<const DocumentKind> kinds =
        scope.kinds.empty() ? std::span<const DocumentKind>(all_kinds) : std::span<const DocumentKind>(scope.kinds);
    for (const std::int64_t source : sources) {
        for (const DocumentKind kind : kinds) {
            if (scope.branch.empty() || can_be_on_a_branch(kind)) found.parts.push_back({source, kind});
        }
    }
    return found;
}

Result<> each_passage_range(Connection& connection, const Scope& scope, const TakeRange& take) {
    const ScopeParts parts = TRY(parts_of(connection, scope));
    for (const ScopeParts::Part& part : parts.parts) {
        Statement ranges = TRY(ranges_of(connection, scope, parts, part));
        while (TRY(ranges.step())) take(ranges.integer(0), ranges.integer(1));
    }
    return {};
}

}  // namespace lar::store
