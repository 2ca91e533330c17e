#include "recall/latest.h"

#include <algorithm>
#include <utility>

#include "recall/evidence.h"
#include "recall/rank.h"

namespace lar::recall {
namespace {

constexpr std::size_t hunks_of_tree = 3;      // of the uncommitted diff, after its summary
constexpr std::size_t pool = 200;             // passages that may hold the words asked for
constexpr double least_coverage = 0.5;        // of the words asked for
constexpr std::size_t listed_documents = 20;  // when only a span of time was named

class Latest {
public:
    Latest(Recalled& recalled, const QuestionTerms& terms, const Options& options, store::Reader& reader)
        : recalled_(recalled), terms_(terms), options_(options), reader_(reader), evidence_(terms) {}

    Result<> run() {
        using enum store::DocumentKind;
        if (recalled_.understood.intent == Intent::left_off) {
            TRY_VOID(add({working_tree}, 4, hunks_of_tree));
            TRY_VOID(add({commit}, latest_commits, 0));
            TRY_VOID(add({file, pushed}, latest_files, 0));
        } else if (recalled_.understood.intent == Intent::changes) {
            TRY_VOID(add({working_tree}, 4, hunks_of_tree));
            const std::size_t uncommitted = recalled_.candidates.size();
            TRY_VOID(add({commit}, listed_documents, 0));
            TRY_VOID(add_files_without_history());
            std::stable_sort(recalled_.candidates.begin() + static_cast<std::ptrdiff_t>(uncommitted),
                             recalled_.candidates.end(), [](const Candidate& a, const Candidate& b) {
                                 return a.placed.document.time.us > b.placed.document.time.us;
                             });
        } else {
            TRY_VOID(add({}, listed_documents, 0));
        }
        score_by_order();
        recalled_.passages_matched = recalled_.candidates.size();
        if (recalled_.candidates.size() > options_.limit) {
            recalled_.left_out.push_back({"older", recalled_.candidates.size() - options_.limit});
            recalled_.candidates.resize(options_.limit);
        }
        recalled_.listing = true;
        // Every one of them is what was asked for.
        recalled_.answerable = recalled_.candidates.empty() ? 0 : 1;
        return {};
    }

private:
    Result<> add(std::vector<store::DocumentKind> kinds, std::size_t documents, std::size_t more_passages) {
        return add(recalled_.understood.scope, std::move(kinds), documents, more_passages);
    }

    Result<> add(store::Scope scope, std::vector<store::DocumentKind> kinds, std::size_t documents,
                 std::size_t more_passages) {
        if (!scope.kinds.empty() && !kinds.empty())
            std::erase_if(kinds, [&](store::DocumentKind kind) {
                return std::ranges::find(scope.kinds, kind) == scope.kinds.end();
            });
        else if (kinds.empty())
            kinds = scope.kinds;
        if (kinds.empty() && !scope.kinds.empty()) return {};
        scope.kinds = kinds;
        return terms_.terms.empty() ? add_newest(scope, documents, more_passages)
                                    : add_matching(scope, documents, more_passages);
    }

    // They still have times. What a repository holds its history tells.
    Result<> add_files_without_history() {
        store::Scope scope = recalled_.understood.scope;
        const std::vector<store::SourceId> asked = std::exchange(scope.sources, {});
        for (const store::Source& source : TRY(reader_.sources())) {
            if (!asked.empty() && !std::ranges::contains(asked, source.id)) continue;
            const store::Scope history{.sources = {source.id},
                                       .kinds = {store::DocumentKind::commit, store::DocumentKind::working_tree}};
            if (TRY(reader_.latest_documents(history, 1)).empty()) scope.sources.push_back(source.id);
        }
        if (scope.sources.empty()) return {};
        return add(std::move(scope), {store::DocumentKind::file, store::DocumentKind::pushed}, listed_documents, 0);
    }

    Result<> add_newest(const store::Scope& scope, std::size_t documents, std::size_t more_passages) {
        for (const store::Document& document : TRY(reader_.latest_documents(scope, documents)))
            for (store::PlacedPassage& placed :
                 TRY(reader_.passages_of(document.id, options_.by_document ? 1 : 1 + more_passages)))
                take(std::move(placed), 1);
        return {};
    }

    // The newest documents with passages that hold enough of the words, each by its best such passages.
    Result<> add_matching(const store::Scope& scope, std::size_t documents, std::size_t more_passages) {
        const auto hits = TRY(reader_.search(terms_.query(), scope, RankWeights{}.bm25, pool));
        std::vector<store::PassageId> ids;
        for (const store::Hit& hit : hits) ids.push_back(hit.passage);
        struct Matching {
            store::PlacedPassage placed;
            double coverage = 0;
        };
        std::vector<Matching> matching;
        for (store::PlacedPassage& placed : TRY(reader_.passages(ids))) {
            const double coverage = evidence_.read(placed).coverage;
            if (coverage >= least_coverage) matching.push_back({std::move(placed), coverage});
        }
        std::ranges::stable_sort(matching, [](const Matching& a, const Matching& b) {
            const store::Document &first = a.placed.document, &second = b.placed.document;
            return first.time.us != second.time.us ? first.time.us > second.time.us : first.id < second.id;
        });
        std::size_t begun = 0, of_this = 0;
        store::DocumentId current;
        for (Matching& found : matching) {
            if (begun == 0 || found.placed.document.id != current) {
                if (begun++ == documents) break;
                current = found.placed.document.id;
                of_this = 0;
            }
            if (of_this++ > (options_.by_document ? 0 : more_passages)) continue;
            take(std::move(found.placed), found.coverage);
        }
        return {};
    }

    void take(store::PlacedPassage placed, double coverage) {
        recalled_.candidates.push_back({.placed = std::move(placed), .coverage = coverage});
    }

    // There is no score but the order.
    void score_by_order() {
        for (std::size_t i = 0; i < recalled_.candidates.size(); ++i) {
            Candidate& candidate = recalled_.candidates[i];
            candidate.score = 1.0 / static_cast<double>(i + 1);
            candidate.parts = {{"by time", candidate.score}};
        }
    }

    Recalled& recalled_;
    const QuestionTerms& terms_;
    const Options& options_;
    store::Reader& reader_;
    EvidenceReader evidence_;
};

}  // namespace

Result<> latest(Recalled& recalled, const QuestionTerms& terms, const Options& options, store::Reader& reader) {
    return Latest(recalled, terms, options, reader).run();
}

}  // namespace lar::recall
