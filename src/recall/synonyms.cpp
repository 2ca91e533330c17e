#include "recall/synonyms.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "base/text.h"
#include "index/analysis.h"

namespace lar::recall {
namespace {

// One group a line.
constexpr std::string_view groups =
    "begin start launch init boot open\n"
    "stop end finish quit exit shutdown terminate\n"
    "die dead kill crash abort terminate\n"
    "delete remove erase forget purge unlink clear\n"
    "folder directory dir\n"
    "picture image photo\n"
    "password credential secret key token\n"
    "save store persist write keep\n"
    "check verify validate test examine\n"
    "choose select pick decide\n"
    "build compile make\n"
    "program process executable binary\n"
    "permission allow permit access grant\n"
    "forbid deny refuse reject prohibit disallow block\n"
    "wait block sleep pause\n"
    "patience timeout deadline wait\n"
    "retry again repeat attempt\n"
    "cut truncate trim shorten split\n"
    "join merge concatenate combine\n"
    "copy clone duplicate\n"
    "change modify edit update alter\n"
    "show display print list output\n"
    "find search lookup locate\n"
    "internet network outbound online connection socket\n"
    "disk storage drive filesystem\n"
    "full exhausted space quota\n"
    "memory ram heap allocation\n"
    "computer machine host system\n"
    "user person client account people\n"
    "old stale outdated previous\n"
    "new fresh recent latest\n"
    "number count amount total\n"
    "safe secure protect guard sandbox lock\n"
    "attack malicious hostile abuse attacker\n"
    "order sort rank priority\n"
    "same equal identical duplicate\n"
    "lose lost loss drop missing\n"
    "resume continue restore recover restart\n"
    "thread worker pool\n"
    "queue waiting backlog pending\n"
    "limit bound cap maximum max\n"
    "least minimum min\n"
    "empty blank zero null none\n"
    "ignore skip exclude omit\n"
    "convert transform translate\n"
    "parse read interpret decode\n"
    "encode serialize write\n"
    "compress pack shrink\n"
    "listen accept serve\n"
    "answer respond reply response\n"
    "ask request query question\n"
    "signal interrupt sigint sigterm\n"
    "clock timer monotonic\n"
    "event callback handler hook\n"
    "wake wakeup notify\n"
    "platform os operating unix\n"
    "symlink symbolic link\n"
    "path location place\n"
    "error failure problem fault wrong\n"
    "slow latency delay\n"
    "fast speed performance quick\n"
    "word term token\n"
    "letter character\n"
    "language locale\n"
    "website page url\n"
    "browser web page origin\n"
    "stranger foreign untrusted\n"
    "size bytes length\n"
    "big large huge size\n"
    "often interval period frequency\n"
    "half middle\n"
    "date day time\n"
    "hidden private internal secret\n"
    "public exported external\n"
    "unused idle\n"
    "busy load\n"
    "lock mutex exclusive\n"
    "child subprocess fork spawn\n"
    "parent owner\n"
    "run execute launch\n"
    "command cli argument\n"
    "option flag setting configuration config\n"
    "name identifier label\n"
    "version release\n"
    "install setup deploy\n"
    "documentation docs manual guide readme\n"
    "contribute contributor patch\n"
    "author maintainer\n"
    "licence license copyright\n"
    "bug issue defect\n"
    "history log past\n"
    "commit revision\n"
    "difference diff change\n"
    "cancel abort interrupt\n"
    "descriptor handle fd\n"
    "pipe stdin stdout\n"
    "terminal tty console\n"
    "address ip host\n"
    "resolve dns getaddrinfo\n"
    "watch monitor observe inotify\n"
    "temporary temp tmp\n"
    "random entropy\n"
    "hash digest checksum\n"
    "encrypt cipher crypto\n"
    "backup copy snapshot\n"
    "upgrade migrate migration\n"
    "column field\n"
    "row record entry\n"
    "table schema\n"
    "upload send push\n"
    "download fetch pull receive\n"
    "reach connect contact\n"
    "count number many\n"
    "leak free release\n"
    "reason because rationale\n"
    "ordinary normal regular usual default\n"
    "strange unusual odd invalid malformed\n"
    "invalid malformed corrupt broken damaged\n"
    "warn warning caution\n"
    "pretend fake mock stub\n"
    "guarantee promise ensure\n"
    "quote cite citation excerpt\n"
    "source origin\n"
    "tidy style format lint\n"
    "bracket brace parenthesis\n"
    "million thousand\n"
    "abbreviation short\n"
    "nested recursive depth\n";

using Groups = std::unordered_map<std::string, std::vector<std::string>>;

Groups read_groups() {
    Groups found;
    for (const std::string_view line : split_lines(groups)) {
        const auto words = index::analyse(line);
        for (const index::Token& word : words) {
            auto& others = found[word.term];
            for (const index::Token& other : words)
                if (other.term != word.term && !std::ranges::contains(others, other.term)) others.push_back(other.term);
        }
    }
    return found;
}

}  // namespace

std::vector<std::string_view> synonyms_of(std::string_view term) {
    static const Groups known = read_groups();
    const auto group = known.find(std::string(term));
    if (group == known.end()) return {};
    return {group->second.begin(), group->second.end()};
}

}  // namespace lar::recall
