#include "recall/rank.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <unordered_map>

#include "recall/agreement.h"
#include "recall/answerable.h"
#include "recall/constants.h"
#include "recall/definition.h"
#include "recall/direction.h"
#include "recall/evidence.h"
#include "recall/files.h"
#include "recall/fusion.h"
#include "recall/shelf.h"
#include "recall/turns.h"

namespace lar::recall {
namespace {

constexpr std::size_t least_pool = 200;
constexpr std::size_t pool_per_result = 8;
constexpr double defined_where = 1.7;   // the passage that defines what the question names, when it asks for the place
constexpr double defined = 1.25;        // and when it does not
constexpr double constant_lead = 0.05;  // over the best, for what gives the number that is asked for, twice at most
constexpr double where_document = 0.7;
constexpr double how_to_document = 1.3;
constexpr double how_to_top_document = 1.6;  // the README that one reads first
constexpr double least_prose = 0.9;          // of what was read, for passages to speak for each other
constexpr double held_power = 0.3;           // what holds half of a question counts for a fifth less, besides
constexpr double least_held = 0.05;
constexpr double named_weight =
    0.4;  // of what title, path and headings hold of the question, beyond what BM25 makes of it
constexpr std::size_t looked_at = 300;        // passages whose kind and place count, for the files they speak for
constexpr std::size_t enough_of_files = 150;  // of these, passages of files
constexpr std::size_t files_of_history = 20;  // that only history names
constexpr double out_of_sight = 0.1;          // what was not looked at, and hunks of files that are gone
// So few words name one thing, which is where it is defined, not where it was changed.
constexpr double one_name_words = 1;
constexpr double full_change_words = 3;
// Where a few lines of a file say so much of it, they are what is looked for. Of the subjects of 274 commits half are
// said to less than 0.5, of what developers look for by words three in four to more than 0.7.
constexpr double said_hardly = 0.6;
constexpr double said_wholly = 1;
constexpr double word_list_factor = 0.15;  // see Evidence::word_list
constexpr double repeated_file = 0.02;     // a further passage of a file already shown, where files are wanted
constexpr double telling_of_files = 0.02;  // what a commit says of itself, there
constexpr std::size_t limit_repeats = 3;   // that count
constexpr double says_it_all = 0.9;        // a commit that does is not one that only tells of files
constexpr double direction_share = 0.15;   // of the best score, for the passage that lies nearest to a broad question
constexpr double repeated_document = 0.9;  // a further passage of a document already shown, unless one asks by document

bool asks_for_place(const Understood& understood) { return understood.where || understood.how_to; }

// History answers "why" and "what changed", files answer "where" and "how". A hunk says again what a file says.
double kind_factor(const Understood& understood, const store::PlacedPassage& placed) {
    using enum store::DocumentKind;
    const store::DocumentKind kind = placed.document.kind;
    const bool hunk = !placed.passage.path.empty();
    if (understood.intent == Intent::changes) {
        if (kind == commit) return hunk ? 1.0 : 1.3;
        if (kind == working_tree) return 1.25;
        return kind == stash ? 0.8 : 0.35;
    }
    if (kind == file || kind == pushed) return 1.0;
    if (kind == commit && !hunk) return understood.why ? 1.05 : asks_for_place(understood) ? 0.5 : 0.7;
    if (kind == commit) return understood.why ? 0.6 : 0.35;
    return kind == working_tree ? 0.5 : 0.35;
}

// 1 for now, half for a month ago.
double freshness(std::int64_t time_us, std::int64_t now_us) {
    constexpr double half_life = 30 * static_cast<double>(us_per_day);
    const double age = std::max(0.0, static_cast<double>(now_us - time_us));
    return half_life / (half_life + age);
}

class Ranker {
public:
    Ranker(Recalled& recalled, const QuestionTerms& terms, const Options& options, store::Reader& reader,
           std::int64_t now_us, const RankWeights& weights)
        : recalled_(recalled),
          terms_(terms),
          options_(options),
          reader_(reader),
          now_us_(now_us),
          weights_(weights),
          evidence_(terms),
          share_of_others_(share_of_others(terms)),
          shelves_(shelves_asked(terms.terms, recalled.understood)) {
        for (const QuestionTerm& term : terms.terms)
            if (term.identifier) identifiers_.push_back(term.term);
        // A model that is trusted with this collection knows more of it than how its terms go together.
        const bool has_model = options.dense != nullptr && options.dense->trust() > 0;
        if (options.spaces != nullptr && !has_model && share_of_others_ > 0)
            if (auto space = options.spaces->space()) directions_.emplace(std::move(space));
    }

    Result<> run() {
        const std::size_t pool = std::clamp(options_.limit * pool_per_result, least_pool, store::limit_hits);
        hits_ = TRY(reader_.search(terms_.query(), recalled_.understood.scope, weights_.bm25, pool));
        recalled_.passages_matched = hits_.size();
        for (std::size_t i = 0; i < hits_.size(); ++i) {
            scored_.push_back({.hit = i, .score = 1});
            multiply(scored_.back(), "words (BM25)", hits_[i].score);
        }
        TRY_VOID(read(0, limit_read));
        judge();
        recalled_.conversation = TRY(are_conversation());
        if (recalled_.conversation) {
            listen_around();
        } else if (share_of_others_ > 0 && are_prose()) {
            TRY_VOID(read(limit_read, limit_agreeing));
            if (options_.use_hints) count_what_is_missing();
            agree();
            go_on_in_direction();
        } else if (says_what_to_change()) {
            TRY_VOID(weigh_files());
        } else if (options_.use_hints) {
            count_what_is_missing();
        }
        TRY_VOID(raise_constants());
        TRY_VOID(add_near());
        std::ranges::stable_sort(scored_, std::ranges::greater(), &Scored::score);
        choose();
        return fill_in();
    }

private:
    struct Scored {
        std::size_t hit = 0;
        double score = 0;
        Evidence evidence;
        std::optional<store::PlacedPassage> placed;
        std::vector<ScorePart> parts;
    };

    void multiply(Scored& scored, std::string_view name, double factor) const {
        scored.score *= factor;
        if (options_.explain && factor != 1) scored.parts.push_back({std::string(name), factor});
    }

    void become(Scored& scored, std::string_view why, double score) const {
        if (scored.score == 0) scored.score = 1;  // of what was found by nothing else
        multiply(scored, why, score / scored.score);
    }

    // Passages by id: one that was deleted since the search is missing.
    Result<std::unordered_map<std::int64_t, store::PlacedPassage>> texts_of(std::span<const store::PassageId> ids) {
        std::unordered_map<std::int64_t, store::PlacedPassage> texts;
        for (store::PlacedPassage& placed : TRY(reader_.passages(ids)))
            texts.emplace(placed.passage.id.value, std::move(placed));
        return texts;
    }

    // Reads the texts of hits [first, last) and scores them by what they hold.
    Result<> read(std::size_t first, std::size_t last) {
        last = std::min(last, hits_.size());
        std::vector<store::PassageId> ids;
        for (std::size_t i = first; i < last; ++i) ids.push_back(hits_[i].passage);
        auto texts = TRY(texts_of(ids));
        for (std::size_t i = first; i < last; ++i) {
            const auto text = texts.find(hits_[i].passage.value);
            if (text == texts.end()) continue;
            score(scored_[i], text->second);
            scored_[i].placed = std::move(text->second);
        }
        return {};
    }

    void score(Scored& scored, const store::PlacedPassage& placed) {
        const index::PassageTokens analysed = evidence_.analyse(placed);
        scored.evidence = evidence_.read(placed, analysed);
        const double coverage = options_.use_hints ? weights_.coverage_asked : weights_.coverage;
        multiply(scored, "coverage and closeness",
                 1 + coverage * scored.evidence.coverage + weights_.closeness * scored.evidence.closeness);
        if (options_.use_hints) {
            weigh_what_is_asked_for(scored, placed);
            multiply(scored, "named above", 1 + named_weight * evidence_.coverage(scored.evidence.named));
        }
        if (scored.evidence.word_list) multiply(scored, "a list of words", word_list_factor);
        if (share_of_others_ > 0) {
            auto all = index::analyse(placed.document.title, analysed.language);
            all.append_range(analysed.tokens);
            agreement_.add(all);
        }
        if (directions_) directions_->add(said_by(placed, analysed));
    }

    void weigh_what_is_asked_for(Scored& scored, const store::PlacedPassage& placed) const {
        const Understood& understood = recalled_.understood;
        const store::Document& document = placed.document;
        multiply(scored, "kind", kind_factor(understood, placed));
        multiply(scored, "shelf", shelf_factor(shelf_of(path_of(placed)), shelves_));
        if (placed.document.kind == store::DocumentKind::file && defines(placed.passage.text, identifiers_))
            multiply(scored, "defines it", understood.where ? defined_where : defined);
        if (understood.where && is_document(document.path)) multiply(scored, "no code", where_document);
        if (understood.how_to && is_document(placed.document.path))
            multiply(scored, "instructions",
                     placed.document.path.contains('/') ? how_to_document : how_to_top_document);
        if (understood.newest)
            multiply(scored, "age", 0.5 + freshness(document.time.us, now_us_));
        else if (understood.intent == Intent::changes)
            multiply(scored, "age", 0.9 + 0.2 * freshness(document.time.us, now_us_));
    }

    void judge() {
        Found found;
        std::vector<const Scored*> read;
        for (const Scored& scored : scored_) {
            if (scored.evidence.word_list) continue;
            found.score = std::max(found.score, hits_[scored.hit].score);
            if (scored.placed) read.push_back(&scored);
        }
        std::ranges::stable_sort(read, std::ranges::greater(), &Scored::score);
        if (!read.empty()) found.together = read.front()->evidence.together;
        for (std::size_t i = 0; i < std::min(read.size(), ranked_first); ++i) {
            found.together_first = std::max(found.together_first, read[i]->evidence.together);
            found.coverage_first = std::max(found.coverage_first, read[i]->evidence.coverage);
        }
        recalled_.answerable = answerable(terms_, found);
    }

    // Before what only says the words, but not before prose of another source that says more of the question than a
    // name does: a project's documents are about its code, somebody's notes are not.
    Result<> raise_constants() {
        const Understood& understood = recalled_.understood;
        if (!options_.use_hints || terms_.wording != Wording::asked || understood.intent != Intent::find ||
            recalled_.conversation || scored_.empty())
            return {};
        std::vector<const store::PlacedPassage*> read;
        for (const Scored& scored : scored_)
            if (scored.placed) read.push_back(&*scored.placed);
        std::vector<Constant> constants =
            TRY(constants_asked_for(understood.rest, terms_, understood.scope, read, reader_));
        const Scored& first = *std::ranges::max_element(scored_, {}, &Scored::score);
        const double score = first.score, said = first.evidence.together;
        const bool prose = first.placed && is_prose(*first.placed);
        const store::SourceId source = prose ? first.placed->document.source : store::SourceId();
        for (Constant& constant : constants) {
            for (store::PlacedPassage& placed : constant.given) {
                const bool elsewhere = prose && placed.document.source != source;
                if (!elsewhere || constant.worth > said)
                    raise(std::move(placed), score * (1 + constant_lead * (1 + constant.worth)));
            }
        }
        return {};
    }

    void raise(store::PlacedPassage placed, double score) {
        const auto known =
            std::ranges::find(scored_, placed.passage.id, [&](const Scored& one) { return hits_[one.hit].passage; });
        const auto at = static_cast<std::size_t>(known - scored_.begin());
        if (known == scored_.end()) {
            hits_.push_back({placed.passage.id, placed.document.id, 0});
            scored_.push_back({.hit = hits_.size() - 1});
        }
        Scored& scored = scored_[at];
        if (!scored.placed) {
            scored.evidence = evidence_.read(placed);
            scored.placed = std::move(placed);
        }
        if (scored.score < score) become(scored, "gives the number", score);
    }

    // A question wants all of what it names in one place; what says a part of it often is about something else.
    void count_what_is_missing() {
        for (Scored& scored : scored_)
            if (scored.placed)
                multiply(scored, "what is missing",
                         std::pow(std::max(scored.evidence.coverage, least_held), held_power));
    }

    // What lies near in meaning: more for what words found, a place for what they did not.
    Result<> add_near() {
        double best = 0;
        std::unordered_map<std::int64_t, std::size_t> places;
        for (std::size_t i = 0; i < scored_.size(); ++i) {
            places.emplace(hits_[scored_[i].hit].passage.value, i);
            best = std::max(best, scored_[i].score);
        }
        std::vector<store::PassageId> others;
        std::unordered_map<std::int64_t, double> scores;
        for (const Addition& near : TRY(nearness(options_.dense, recalled_.understood, best, reader_))) {
            if (const auto known = places.find(near.passage.value); known != places.end()) {
                Scored& scored = scored_[known->second];
                become(scored, "near in meaning", scored.score + near.score);
            } else {
                others.push_back(near.passage);
                scores.emplace(near.passage.value, near.score);
            }
        }
        for (store::PlacedPassage& placed : TRY(reader_.passages(others))) {
            hits_.push_back({placed.passage.id, placed.document.id, 0});
            scored_.push_back({.hit = hits_.size() - 1,
                               .score = scores.at(placed.passage.id.value),
                               .evidence = evidence_.read(placed),
                               .placed = std::move(placed)});
        }
        return {};
    }

    Result<bool> are_conversation() {
        std::vector<store::PassageId> first;
        for (std::size_t i = 0; i < std::min(scored_.size(), turns_looked_at); ++i)
            if (scored_[i].placed && may_be_turn(*scored_[i].placed)) first.push_back(hits_[i].passage);
        if (first.empty()) return false;
        return are_turns(first, reader_);
    }

    static bool is_prose(const store::PlacedPassage& placed) {
        const store::Document& document = placed.document;
        return document.kind == store::DocumentKind::pushed ||
               (document.kind == store::DocumentKind::file && is_document(document.path));
    }

    // Passages of code that are alike repeat each other; they do not speak of one subject.
    bool are_prose() const {
        std::size_t read = 0, prose = 0;
        for (const Scored& scored : scored_) {
            if (!scored.placed) continue;
            ++read;
            if (is_prose(*scored.placed)) ++prose;
        }
        return static_cast<double>(prose) >= least_prose * static_cast<double>(read);
    }

    // What was not read has nobody to speak for it.
    void agree() {
        std::vector<double> scores;
        for (const Scored& scored : scored_)
            if (scored.placed) scores.push_back(scored.score);
        const std::vector<double> joined = agreement_.join(scores, share_of_others_);
        std::size_t read = 0;
        for (Scored& scored : scored_)
            become(scored, "passages like it", scored.placed ? joined[read++] : scored.score * (1 - share_of_others_));
    }

    // What was not read lies nowhere.
    void go_on_in_direction() {
        if (!directions_) return;
        std::vector<double> scores;
        for (const Scored& scored : scored_)
            if (scored.placed) scores.push_back(scored.score);
        std::vector<index::Token> question = index::analyse(recalled_.understood.rest);
        for (const QuestionTerm& term : terms_.terms)
            for (const std::string& form : term.forms) question.push_back({.term = form});
        const auto near = directions_->nearness(question, scores);
        if (!near) return;
        const double most = direction_share * breadth(terms_) * std::ranges::max(scores);
        std::size_t read = 0;
        for (Scored& scored : scored_)
            if (scored.placed) become(scored, "in the question's direction", scored.score + most * (*near)[read++]);
    }

    // Of what the search did not find only turns are taken in: passages are known by their numbers here.
    void listen_around() {
        std::map<std::int64_t, double> scores;
        for (const Scored& scored : scored_) scores.emplace(hits_[scored.hit].passage.value, scored.score);
        std::map<std::int64_t, double> heard = heard_around(scores);
        for (Scored& scored : scored_)
            become(scored, "turns around it", heard.extract(hits_[scored.hit].passage.value).mapped());
        for (const auto& [id, score] : heard) {
            // A turn is a document of its own; which one shows when it is read.
            hits_.push_back({.passage = {id}, .document = {-id}});
            scored_.push_back({.hit = hits_.size() - 1, .score = score});
        }
    }

    void choose() {
        std::unordered_map<std::int64_t, std::size_t> shown;
        std::uint64_t same = 0, lower = 0;
        if (!options_.by_document) {
            for (Scored& scored : scored_)
                multiply(scored, "same document again",
                         std::pow(repeated_document, static_cast<double>(std::min<std::size_t>(
                                                         shown[hits_[scored.hit].document.value]++, 3))));
            std::ranges::stable_sort(scored_, std::ranges::greater(), &Scored::score);
            shown.clear();
        }
        for (Scored& scored : scored_) {
            if (options_.by_document && shown[hits_[scored.hit].document.value]++ > 0) {
                ++same;
            } else if (chosen_.size() == options_.limit) {
                ++lower;
            } else {
                chosen_.push_back(&scored);
            }
        }
        if (lower > 0) recalled_.left_out.push_back({"lower score", lower});
        if (same > 0) recalled_.left_out.push_back({"same document", same});
    }

    bool found(store::DocumentKind kind) const {
        return std::ranges::any_of(
            scored_, [&](const Scored& scored) { return scored.placed && scored.placed->document.kind == kind; });
    }

    // A question has a place that answers it; who says what is to be done wants the files for it.
    bool says_what_to_change() const {
        const Understood& understood = recalled_.understood;
        return options_.files && options_.use_hints && !understood.question && understood.intent == Intent::find &&
               found(store::DocumentKind::commit) && share_of_files() > 0;
    }
    double share_of_files() const {
        const auto words = static_cast<double>(std::ranges::count_if(
            terms_.terms, [](const QuestionTerm& term) { return !term.part && term.passages > 0; }));
        double together = 0;
        for (const Scored& scored : scored_)
            if (scored.placed && scored.placed->document.kind == store::DocumentKind::file)
                together = std::max(together, scored.evidence.together);
        return std::clamp((words - one_name_words) / (full_change_words - one_name_words), 0.0, 1.0) *
               std::clamp((said_wholly - together) / (said_wholly - said_hardly), 0.0, 1.0);
    }

    static bool is_of_file(const store::PlacedPassage& placed) {
        using enum store::DocumentKind;
        return placed.document.kind == file || (placed.document.kind == commit && !placed.passage.path.empty());
    }
    static Files::Key file_of(const store::PlacedPassage& placed) {
        return {placed.document.source.value, std::string(path_of(placed))};
    }

    // Each file stands where all that is known of it puts it: its best passage there, and the others as far below as
    // they were.
    Result<> weigh_files() {
        const double share = share_of_files();
        recalled_.by_files = true;
        TRY_VOID(look_at(limit_read, looked_at));
        TRY_VOID(look_at_more_files());
        Files files;
        Files::Scores best;
        double top = 0, top_of_all = 0;
        for (const Scored& scored : scored_) {
            top_of_all = std::max(top_of_all, scored.score);
            if (!scored.placed) continue;
            files.add(*scored.placed, scored.score, hits_[scored.hit].score);
            if (!is_of_file(*scored.placed)) continue;
            double& most = best[file_of(*scored.placed)];
            most = std::max(most, scored.score);
            top = std::max(top, scored.score);
        }
        if (top == 0) top = top_of_all;  // nothing but what commits say of themselves
        const Files::Scores scores = TRY(files.scores(reader_));
        for (Scored& scored : scored_) {
            if (scored.placed && !is_of_file(*scored.placed)) continue;  // what a commit says of itself
            double aimed = scored.score * out_of_sight;
            if (scored.placed) {
                const auto file = scores.find(file_of(*scored.placed));
                if (file != scores.end()) aimed = top * file->second * scored.score / best.at(file->first);
            }
            become(scored, "the file as a whole", std::pow(scored.score, 1 - share) * std::pow(aimed, share));
        }
        TRY_VOID(add_files_of_history(scores, best, top * share));
        show_each_file_once(share);
        return {};
    }

    // Each file once, by its best passage, before a file comes again, and before what commits say of themselves: that
    // has told of the files already. Only a commit that says all of what was asked may be what is looked for.
    void show_each_file_once(double share) {
        std::ranges::stable_sort(scored_, std::ranges::greater(), &Scored::score);
        std::map<Files::Key, std::size_t> shown;
        for (Scored& scored : scored_) {
            if (!scored.placed) continue;
            if (is_of_file(*scored.placed)) {
                const std::size_t before = std::min(shown[file_of(*scored.placed)]++, limit_repeats);
                multiply(scored, "same file again", std::pow(repeated_file, share * static_cast<double>(before)));
            } else if (scored.evidence.together < says_it_all) {
                multiply(scored, "tells of files", std::pow(telling_of_files, share));
            }
        }
    }

    // What is known of a passage by its place alone.
    void look(Scored& scored, store::PlacedPassage placed) const {
        multiply(scored, "kind", kind_factor(recalled_.understood, placed));
        multiply(scored, "shelf", shelf_factor(shelf_of(path_of(placed)), shelves_));
        scored.placed = std::move(placed);
    }

    Result<> look_at(std::size_t first, std::size_t last) {
        last = std::min(last, hits_.size());
        std::vector<store::PassageId> ids;
        for (std::size_t i = first; i < last; ++i) ids.push_back(hits_[i].passage);
        auto texts = TRY(texts_of(ids));
        for (std::size_t i = first; i < last; ++i)
            if (const auto text = texts.find(hits_[i].passage.value); text != texts.end())
                look(scored_[i], std::move(text->second));
        return {};
    }

    // A long history says the words so often that few files are among the first.
    Result<> look_at_more_files() {
        const auto files = std::ranges::count_if(scored_, [](const Scored& scored) {
            return scored.placed && scored.placed->document.kind == store::DocumentKind::file;
        });
        store::Scope scope = recalled_.understood.scope;
        if (static_cast<std::size_t>(files) >= enough_of_files || !scope.kinds.empty()) return {};
        scope.kinds = {store::DocumentKind::file};
        std::unordered_map<std::int64_t, std::size_t> known;
        for (std::size_t i = 0; i < scored_.size(); ++i) known.emplace(hits_[scored_[i].hit].passage.value, i);
        std::vector<store::PassageId> ids;
        for (const store::Hit& hit : TRY(reader_.search(terms_.query(), scope, weights_.bm25, enough_of_files))) {
            const auto [at, is_new] = known.emplace(hit.passage.value, scored_.size());
            if (is_new) {
                hits_.push_back(hit);
                scored_.push_back({.hit = hits_.size() - 1, .score = 1});
                multiply(scored_.back(), "words (BM25)", hit.score);
            }
            if (!scored_[at->second].placed) ids.push_back(hit.passage);
        }
        for (store::PlacedPassage& placed : TRY(reader_.passages(ids)))
            look(scored_[known.at(placed.passage.id.value)], std::move(placed));
        return {};
    }

    // Files that hold none of the words, by how they begin.
    Result<> add_files_of_history(const Files::Scores& scores, const Files::Scores& known, double top) {
        std::vector<std::pair<double, const Files::Key*>> others;
        for (const auto& [key, score] : scores)
            if (!known.contains(key)) others.emplace_back(score, &key);
        std::ranges::sort(others, std::ranges::greater());
        if (others.size() > files_of_history) others.resize(files_of_history);
        for (const auto& [score, key] : others) {
            const auto document = TRY(reader_.document_at({key->first}, store::DocumentKind::file, key->second));
            if (!document) continue;
            for (store::PlacedPassage& placed : TRY(reader_.passages_of(document->id, 1))) {
                hits_.push_back({placed.passage.id, placed.document.id, 0});
                scored_.push_back({.hit = hits_.size() - 1, .placed = std::move(placed)});
                become(scored_.back(), "the file as a whole", top * score);
            }
        }
        return {};
    }

    // What stands beside a turn by its number may belong to something else, or lie outside what is searched.
    bool is_of_conversation(const store::PlacedPassage& placed) const {
        if (!recalled_.understood.scope.window.contains(placed.document.time.us)) return false;
        return may_be_turn(placed) && std::ranges::any_of(scored_, [&](const Scored& scored) {
                   return scored.placed && scored.placed->document.source == placed.document.source;
               });
    }

    // With the text of those that were chosen without having been read.
    Result<> fill_in() {
        std::vector<store::PassageId> ids;
        for (const Scored* scored : chosen_)
            if (!scored->placed) ids.push_back(hits_[scored->hit].passage);
        auto texts = TRY(texts_of(ids));
        for (Scored* scored : chosen_) {
            const store::Hit& hit = hits_[scored->hit];
            if (const auto text = texts.find(hit.passage.value);
                text != texts.end() && (hit.document.value > 0 || is_of_conversation(text->second)))
                scored->placed = std::move(text->second);
            if (scored->placed)
                recalled_.candidates.push_back({.placed = std::move(*scored->placed),
                                                .score = scored->score,
                                                .lexical = hit.score,
                                                .coverage = scored->evidence.coverage,
                                                .parts = std::move(scored->parts)});
        }
        return {};
    }

    Recalled& recalled_;
    const QuestionTerms& terms_;
    const Options& options_;
    store::Reader& reader_;
    std::int64_t now_us_;
    const RankWeights& weights_;
    EvidenceReader evidence_;
    double share_of_others_;
    Agreement agreement_;
    std::optional<Directions> directions_;
    ShelvesAsked shelves_;
    std::vector<std::string> identifiers_;
    std::vector<store::Hit> hits_;
    std::vector<Scored> scored_;
    std::vector<Scored*> chosen_;
};

}  // namespace

Result<> rank(Recalled& recalled, const QuestionTerms& terms, const Options& options, store::Reader& reader,
              const Clock& clock, const RankWeights& weights) {
    return Ranker(recalled, terms, options, reader, clock.now_us(), weights).run();
}

}  // namespace lar::recall
