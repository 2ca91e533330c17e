#include "sources/files/ignore.h"

#include <utility>

#include "base/format.h"
#include "base/result.h"
#include "base/text.h"
#include "sources/files/glob.h"

namespace lar::sources {
namespace {

// Trailing spaces go, unless a backslash keeps them.
std::string_view without_trailing_spaces(std::string_view line) {
    std::size_t keep = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\\' && i + 1 < line.size()) {
            ++i;
            keep = i + 1;
        } else if (line[i] != ' ') {
            keep = i + 1;
        }
    }
    return line.substr(0, keep);
}

std::optional<IgnoreRule> parse_rule(std::string_view line, std::uint32_t number) {
    if (line.starts_with('#')) return std::nullopt;
    line = without_trailing_spaces(line);
    IgnoreRule rule{.line = number};
    if (line.starts_with('!')) {
        rule.negated = true;
        line.remove_prefix(1);
    }
    if (line.ends_with('/')) {
        rule.folders_only = true;
        line.remove_suffix(1);
    }
    if (line.contains('/')) {
        rule.whole_path = true;
        if (line.starts_with('/')) line.remove_prefix(1);
    }
    if (line.empty()) return std::nullopt;
    rule.wildcard = has_wildcard(line);
    rule.suffix = !rule.whole_path && line.starts_with('*') && !has_wildcard(line.substr(1));
    rule.pattern = rule.suffix ? line.substr(1) : line;
    return rule;
}

bool matches(const IgnoreRule& rule, std::string_view path, std::string_view name, bool folder) {
    if (rule.folders_only && !folder) return false;
    if (rule.suffix) return name.ends_with(rule.pattern);
    const std::string_view subject = rule.whole_path ? path : name;
    return rule.wildcard ? glob_matches(rule.pattern, subject) : subject == rule.pattern;
}

std::string spelled(const IgnoreRule& rule) {
    return lar::format("{}{}{}{}", rule.negated ? "!" : "", rule.suffix ? "*" : "", rule.pattern,
                       rule.folders_only ? "/" : "");
}

}  // namespace

IgnoreRules IgnoreRules::parse(std::string_view text, std::string file) {
    IgnoreRules rules;
    rules.file_ = std::move(file);
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    std::uint32_t number = 0;
    for (const std::string_view line : split_lines(text)) {
        ++number;
        if (rules.rules_.size() == limit_ignore_rules) break;
        if (std::optional<IgnoreRule> rule = parse_rule(line, number)) rules.rules_.push_back(std::move(*rule));
    }
    return rules;
}

const IgnoreRule* IgnoreRules::match(std::string_view path, bool folder) const {
    const std::size_t slash = path.rfind('/');
    const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule)
        if (matches(*rule, path, name, folder)) return &*rule;
    return nullptr;
}

std::string to_string(const Ruling& ruling) {
    return lar::format("{} ({}, line {})", ruling.rule, ruling.file, ruling.line);
}

void IgnoreStack::enter(std::string_view folder, bool repository) {
    levels_.push_back({.layers_before = layers_.size(),
                       .git_from_before = git_from_,
                       .prefix = folder.empty() ? 0 : folder.size() + 1});
    if (repository) git_from_ = layers_.size();
}

void IgnoreStack::add(Family family, IgnoreRules rules) {
    ASSERT(!levels_.empty());
    if (!rules.empty())
        layers_.push_back({.prefix = levels_.back().prefix, .above = {}, .family = family, .rules = std::move(rules)});
}

void IgnoreStack::add_from_above(Family family, IgnoreRules rules, std::string top) {
    ASSERT(!levels_.empty());
    if (!rules.empty())
        layers_.push_back({.prefix = 0, .above = std::move(top), .family = family, .rules = std::move(rules)});
}

void IgnoreStack::leave() {
    ASSERT(!levels_.empty());
    layers_.resize(levels_.back().layers_before);
    git_from_ = levels_.back().git_from_before;
    levels_.pop_back();
}

std::optional<Ruling> IgnoreStack::ruling_of(Family family, std::size_t from, std::string_view path,
                                             bool folder) const {
    for (std::size_t i = layers_.size(); i > from; --i) {
        const Layer& layer = layers_[i - 1];
        if (layer.family != family) continue;
        std::string whole;
        std::string_view below = path.substr(layer.prefix);
        if (!layer.above.empty()) {
            whole = lar::format("{}/{}", layer.above, path);
            below = whole;
        }
        if (const IgnoreRule* rule = layer.rules.match(below, folder))
            return Ruling{!rule->negated, spelled(*rule), layer.rules.file(), rule->line};
    }
    return std::nullopt;
}

std::optional<Ruling> IgnoreStack::ruling(std::string_view path, bool folder) const {
    if (std::optional<Ruling> ruling = ruling_of(Family::lar, 0, path, folder)) return ruling;
    return ruling_of(Family::git, git_from_, path, folder);
}

}  // namespace lar::sources
