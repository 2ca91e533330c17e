#include "answer/generate.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "answer/explain.h"
#include "answer/quotation.h"
#include "answer/quoted_lines.h"
#include "answer/receipt.h"
#include "answer/route.h"
#include "answer/sentence_stream.h"
#include "answer/telling.h"
#include "answer/verify.h"
#include "base/format.h"
#include "base/identity.h"
#include "base/text.h"
#include "wire/codec.h"

namespace lar::answer {
namespace {

constexpr int limit_tries = 3;  // of a prompt that turns out too large, each with half the passages
constexpr std::string_view no_thoughts = R"({"enable_thinking":false})";

std::string_view name_of(wire::FinishReason reason) {
    switch (reason) {
        case wire::FinishReason::end: return "end";
        case wire::FinishReason::stop: return "stop";
        case wire::FinishReason::length: return "length";
        case wire::FinishReason::window: return "window";
        case wire::FinishReason::cancelled: return "stopped";
    }
    return "end";
}

// A passage as a sentence can be checked against it: its text and everything that its heading told the model.
std::string evidence_of(const recall::Recalled& recalled, const std::vector<std::size_t>& candidates,
                        const Zone& zone) {
    std::string text;
    for (const std::size_t candidate : candidates) {
        const store::PlacedPassage& placed = recalled.candidates[candidate].placed;
        const store::Document& document = placed.document;
        text += lar::format("{}\n{} {} {} {} {} {} {} {} {}\n", placed.passage.text, placed.source_name, document.path,
                            document.title, document.author, placed.passage.path, placed.passage.context,
                            to_date(zone, document.time.us), placed.passage.line_first, placed.passage.line_last);
    }
    return text;
}

// The model's text on its way to the answer.
class Scribe {
public:
    Scribe(Telling& telling, const Prompt& prompt, const recall::Recalled& recalled, Grounds grounds,
           store::Reader& reader, const Zone& zone)
        : telling_(telling), prompt_(prompt), grounds_(grounds), verifier_(evidence(prompt, recalled, zone), reader) {}

    // False: no more.
    bool take(std::string_view text) {
        bytes_ += text.size();
        return say_all(stream_.take(text)) && bytes_ < limit_written_bytes;
    }
    Result<> end() {
        say_all(stream_.end());
        return status_;
    }
    const Result<>& status() const { return status_; }
    std::size_t said() const { return said_.size(); }
    std::size_t supported() const { return supported_; }

    std::vector<std::string> remarks() const {
        const VerifyCounts& counts = verifier_.counts();
        std::vector<std::string> out;
        const auto remark = [&](std::uint64_t count, std::string_view one, std::string_view many) {
            if (count > 0) out.push_back(count == 1 ? std::string(one) : lar::format("{} {}", count, many));
        };
        remark(counts.invented, "one citation of a passage that does not exist was dropped",
               "citations of passages that do not exist were dropped");
        remark(counts.moved, "one sentence is cited from another passage than the model named",
               "sentences are cited from other passages than the model named");
        remark(counts.found, "one sentence cited nothing and got the passage that holds it",
               "sentences cited nothing and got the passages that hold them");
        if (grounds_ == Grounds::sources)
            remark(counts.unsupported, "one sentence is not supported by the passages",
                   "sentences are not supported by the passages");
        remark(repeats_, "one sentence was said twice", "sentences were said twice");
        return out;
    }

private:
    static std::vector<std::string> evidence(const Prompt& prompt, const recall::Recalled& recalled, const Zone& zone) {
        std::vector<std::string> texts;
        for (const auto& candidates : prompt.passages) texts.push_back(evidence_of(recalled, candidates, zone));
        return texts;
    }

    bool say_all(std::vector<WrittenSentence> sentences) {
        for (WrittenSentence& sentence : sentences) {
            if (!status_) return false;
            if (repeats_ >= limit_repeats) return false;
            status_ = say(std::move(sentence));
        }
        return status_.has_value() && repeats_ < limit_repeats;
    }

    Result<> say(WrittenSentence written) {
        if (!said_.insert(written.text).second) {
            ++repeats_;
            return {};
        }
        VerifiedSentence verified = TRY(verifier_.verify(std::move(written)));
        if (grounds_ == Grounds::none) verified.support = Support::unchecked;
        if (verified.support == Support::supported || verified.support == Support::quoted) ++supported_;
        std::vector<std::vector<std::size_t>> cited;
        for (const std::uint32_t number : verified.citations) cited.push_back(prompt_.passages[number - 1]);
        return telling_.say({.text = std::move(verified.text),
                             .support = std::string(to_string(verified.support)),
                             .space = std::move(verified.space)},
                            cited);
    }

    Telling& telling_;
    const Prompt& prompt_;
    Grounds grounds_;
    Verifier verifier_;
    SentenceStream stream_;
    std::set<std::string> said_;
    std::size_t bytes_ = 0, repeats_ = 0, supported_ = 0;
    Result<> status_;
};

consent::LocalModel model_after(const Error& error) {
    switch (error.code) {
        case Code::too_large: return consent::LocalModel::too_small;
        case Code::not_found: return consent::LocalModel::missing;
        default: return consent::LocalModel::failed;
    }
}

wire::Generate request_of(const Prompt& prompt, Grounds grounds) {
    wire::Generate request{
        .prompt = wire::ChatPrompt{.messages = wire::to_json(prompt.messages), .extra = std::string(no_thoughts)},
        .max_tokens = prompt.answer_tokens,
        .priority = 0};
    // What sources say is not a matter of chance.
    if (grounds == Grounds::sources) request.sampling.temperature = 0;
    return request;
}

// One answer by a model, from its first look at the question to the receipt.
class Generating {
public:
    Generating(const Question& question, const Generation& generation, store::Reader& reader, const Clock& clock,
               const Zone& zone, const Facts& facts, const Sink& sink)
        : question_(question),
          generation_(generation),
          reader_(reader),
          clock_(clock),
          zone_(zone),
          facts_(facts),
          sink_(sink),
          begin_us_(clock.monotonic_us()),
          answer_{.id = new_uuid(clock.now_us()), .question = question.text, .outcome = "not_found"} {}

    Result<wire::ApiAnswer> ask() {
        recalled_ = TRY(recalled_for(question_.text));
        Telling telling(answer_, recalled_, sink_);
        if (recalled_.answerable >= recall::least_answerable) TRY_VOID(answer(telling));
        tell_route(answer_, question_, facts_, found_);
        if (question_.explain)
            answer_.explanation =
                TRY(explain(recalled_, outcomes_of(recalled_, {.cited = telling.cited(), .sent = sent_}), reader_));
        return finish();
    }

    Result<wire::ApiAnswer> converse(const Conversation& conversation) {
        Grounds grounds = conversation.grounds;
        if (grounds == Grounds::sources) TRY_VOID(recall_turn(conversation.history));
        Telling telling(answer_, recalled_, sink_);
        TRY_VOID(write(conversation.history, grounds, telling));
        if (answer_.sentences.empty()) return fail(Code::unavailable, "the model wrote nothing");
        return finish();
    }

private:
    Result<> answer(Telling& telling) {
        if (recalled_.listing) {
            no_model_ = "a list of what was worked on last needs none";
        } else if (const Result<> written = write({}, Grounds::sources, telling); !written) {
            const Error& error = written.error();
            const bool misnamed = error.code == Code::not_found && !generation_.model.empty();
            if (gone() || cancelled_ || misnamed) return std::unexpected(error);
            no_model_ = error.message;
            found_.model = model_after(error);
            model_.reset();
        }
        if (answer_.outcome != "answered") {
            const std::size_t written = answer_.sentences.size();
            TRY_VOID(tell_quotations(telling, question_, recalled_, reader_, zone_));
            const bool quoted = answer_.sentences.size() > written;
            if (quoted) answer_.outcome = "answered";
            if (quoted && written > 0)
                remarks_.emplace_back("no source holds what the model wrote, so sentences of the sources follow it");
        }
        return {};
    }

    Result<recall::Recalled> recalled_for(std::string_view text) {
        const recall::Options options{.limit = passages_recalled,
                                      .dense = facts_.dense,
                                      .spaces = facts_.spaces,
                                      .reranker = facts_.reranker,
                                      .neighbours = true,
                                      .explain = question_.explain};
        return recall::recall(text, question_.limits, options, reader_, clock_, zone_);
    }

    // "And why?" is asked about what was asked before.
    Result<> recall_turn(const std::vector<Turn>& history) {
        recalled_ = TRY(recalled_for(question_.text));
        if (recalled_.answerable >= recall::least_answerable) return {};
        const auto before = std::ranges::find(history.rbegin(), history.rend(), Role::user, &Turn::role);
        if (before != history.rend()) {
            recall::Recalled both = TRY(recalled_for(before->text + "\n" + question_.text));
            if (both.answerable >= recall::least_answerable) {
                recalled_ = std::move(both);
                return {};
            }
        }
        recalled_.candidates.clear();
        remarks_.emplace_back("nothing in your sources is about this: it is the model's own word");
        return {};
    }

    bool gone() const { return generation_.gone && generation_.gone(); }

    Result<> write(const std::vector<Turn>& history, Grounds grounds, Telling& telling) {
        const auto model = TRY(generation_.models.open(generation_.model, generation_.gone));
        model_ = wire::ApiModelUse{.name = model->name(), .window_tokens = model->window_tokens()};
        Budget budget{.window_tokens = model->window_tokens()};
        const bool passages = grounds == Grounds::sources && !recalled_.candidates.empty();
        const Asked asked{.question = question_.text,
                          .history = history,
                          .recalled = passages ? &recalled_ : nullptr,
                          .today = to_date(zone_, clock_.now_us())};
        found_.window_tokens = budget.window_tokens;
        found_.wanted_tokens = least_tokens(asked, budget.window_tokens);
        for (int attempt = 1;; ++attempt) {
            const Prompt prompt = TRY(make_prompt(asked, budget, zone_, *model));
            if (attempt == 1) found_.wanted_tokens = prompt.wanted_tokens;
            const Result<> written = write_from(prompt, grounds, *model, telling);
            if (written || written.error().code != Code::too_large || attempt == limit_tries) return written;
            budget.window_tokens = budget.window_tokens * 3 / 4;
            budget.passages_tokens /= 2;
        }
    }

    Result<> write_from(const Prompt& prompt, Grounds grounds, TextModel& model, Telling& telling) {
        Scribe scribe(telling, prompt, recalled_, grounds, reader_, zone_);
        std::optional<std::int64_t> first_us;
        std::string text_written;
        wire::Generate request = request_of(prompt, grounds);
        request.entropy = route_wish(question_, facts_) != RouteWish::none;
        const auto written = model.write(request, [&](std::string_view text) {
            if (!first_us) first_us = clock_.monotonic_us();
            text_written += text;
            return scribe.take(text) && !gone();
        });
        if (scribe.status() && !gone()) (void)scribe.end();
        if (!scribe.status()) {
            cancelled_ = true;
            return scribe.status();
        }
        if (gone()) return fail(Code::unavailable, "the question was cancelled");
        if (written) found_.uncertainty.token_entropy = written->entropy;
        if (!written && scribe.said() == 0) return std::unexpected(written.error());
        if (!written) remarks_.push_back("the answer broke off: " + written.error().message);
        if (scribe.said() == 0) return fail(Code::unavailable, "the model wrote nothing");
        note(prompt, written.value_or(Written{.reason = wire::FinishReason::cancelled}), first_us);
        for (std::string& remark : scribe.remarks()) remarks_.push_back(std::move(remark));
        left_out_ = prompt.left_out;
        found_.model = consent::LocalModel::wrote;
        if (written) compare(text_written, *written, std::move(request), model);
        answer_.outcome = grounds == Grounds::none || scribe.supported() > 0 ? "answered" : "unsupported";
        return {};
    }

    // With a second answer to the same prompt, where somebody wants to know and the first one is complete and short.
    void compare(std::string_view first, const Written& written, wire::Generate request, TextModel& model) {
        const bool complete = written.reason == wire::FinishReason::end || written.reason == wire::FinishReason::stop;
        if (!wants_second_answer(question_, facts_) || !complete || written.generated_tokens > limit_compared_tokens)
            return;
        request.sampling.temperature = second_temperature;
        request.sampling.seed = second_seed;
        request.max_tokens = limit_compared_tokens;
        request.entropy = false;
        std::string second;
        const auto again = model.write(request, [&](std::string_view text) {
            second += text;
            return !gone();
        });
        if (!again) {
            remarks_.push_back("a second answer to compare with could not be written: " + again.error().message);
            return;
        }
        if (gone()) return;
        model_->compared_tokens = again->generated_tokens;
        found_.uncertainty.disagreement = disagreement_of(first, second);
    }

    void note(const Prompt& prompt, const Written& written, std::optional<std::int64_t> first_us) {
        model_->prompt_tokens = written.prompt_tokens;
        model_->reused_tokens = written.reused_tokens;
        model_->dropped_tokens = written.dropped_tokens;
        model_->generated_tokens = written.generated_tokens;
        model_->finish = name_of(written.reason);
        model_->first_text_milliseconds = static_cast<double>(first_us.value_or(begin_us_) - begin_us_) / 1000;
        std::set<std::string> sources;
        sent_.assign(recalled_.candidates.size(), 0);
        std::uint32_t number = 0;
        for (const auto& numbered : prompt.passages) {
            ++number;
            for (const std::size_t candidate : numbered) {
                sources.insert(recalled_.candidates[candidate].placed.source_name);
                sent_[candidate] = number;
                ++model_->passages_sent;
            }
        }
        model_->sources.assign(sources.begin(), sources.end());
    }

    Result<wire::ApiAnswer> finish() {
        if (answer_.outcome == "not_found") TRY_VOID(tell_nearest(answer_, question_, recalled_, reader_, zone_));
        find_quoted_lines(answer_);
        const std::size_t used = model_ ? model_->passages_sent : answer_.citations.size();
        answer_.receipt = receipt_of(recalled_, used, clock_.monotonic_us() - begin_us_, zone_, facts_);
        wire::ApiReceipt& receipt = answer_.receipt;
        if (model_) {
            receipt.computed = "on this machine, by " + model_->name;
            receipt.left_out.clear();
            for (const auto& part : {recalled_.left_out, left_out_})
                for (const recall::LeftOut& one : part) receipt.left_out.push_back({one.reason, one.count});
        }
        receipt.model = std::move(model_);
        receipt.no_model = std::move(no_model_);
        receipt.remarks = std::move(remarks_);
        if (sink_ && !sink_(wire::AskDone{answer_})) return fail(Code::unavailable, "the question was cancelled");
        return std::move(answer_);
    }

    const Question& question_;
    const Generation& generation_;
    store::Reader& reader_;
    const Clock& clock_;
    const Zone& zone_;
    const Facts& facts_;
    const Sink& sink_;
    const std::int64_t begin_us_;
    wire::ApiAnswer answer_;
    recall::Recalled recalled_;
    std::vector<recall::LeftOut> left_out_;
    std::vector<std::uint32_t> sent_;  // by candidate: the number of its passage in the prompt, or 0
    std::optional<wire::ApiModelUse> model_;
    std::string no_model_;
    std::vector<std::string> remarks_;
    consent::RoutingFacts found_{.model = consent::LocalModel::not_asked};
    bool cancelled_ = false;
};

}  // namespace

Result<wire::ApiAnswer> ask_model(const Question& question, const Generation& generation, store::Reader& reader,
                                  const Clock& clock, const Zone& zone, const Facts& facts, const Sink& sink) {
    return Generating(question, generation, reader, clock, zone, facts, sink).ask();
}

Result<wire::ApiAnswer> converse(const Question& question, const Conversation& conversation,
                                 const Generation& generation, store::Reader& reader, const Clock& clock,
                                 const Zone& zone, const Facts& facts, const Sink& sink) {
    return Generating(question, generation, reader, clock, zone, facts, sink).converse(conversation);
}

}  // namespace lar::answer
