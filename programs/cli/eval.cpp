#include "eval.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/format.h"
#include "base/text.h"

namespace lar::cli {
namespace {

struct Subject {
    std::string_view name;
    Command run;
    bool takes_place;                              // a folder or a file
    std::array<std::string_view, 4> options = {};  // of the verb's, that this subject knows
};

constexpr Subject subjects[] = {
    {"retrieval", run_eval_retrieval, true, {"--queries", "--limit", "--run"}},
    {"memory", run_eval_memory, true, {"--limit", "--run"}},
    {"qa", run_eval_qa, true, {"--in", "--limit", "--run"}},
    {"latency", run_eval_latency, false, {"--passages", "--limit", "--while-ingesting", "--idle"}},
};

std::string all_names() {
    std::string all;
    for (const Subject& subject : subjects) {
        if (!all.empty()) all += ", ";
        all += subject.name;
    }
    return all;
}

}  // namespace

Outcome<Exit> run_eval(Session& session) {
    const Arguments& arguments = session.arguments;
    const std::string& name = arguments.positionals[0];
    const Subject* subject = std::ranges::find(subjects, name, &Subject::name);
    if (subject == std::end(subjects))
        return wrong_usage(lar::format("lar eval does not know '{}'", printable(name)),
                           lar::format("it measures {}", all_names()));
    for (const auto& [option, values] : arguments.options)
        if (!std::ranges::contains(subject->options, std::string_view(option)))
            return wrong_usage(lar::format("lar eval {} has no option {}", name, option),
                               "`lar eval --help` says which option is for what");
    const std::size_t words = subject->takes_place ? 2 : 1;
    if (arguments.positionals.size() < words)
        return wrong_usage(lar::format("lar eval {} needs a folder or a file", name),
                           "`lar eval --help` says how it is used");
    if (arguments.positionals.size() > words)
        return wrong_usage(lar::format("lar eval {} does not know what to do with '{}'", name,
                                       printable(arguments.positionals[words])),
                           "`lar eval --help` says how it is used");
    return subject->run(session);
}

}  // namespace lar::cli
