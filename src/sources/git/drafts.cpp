#include "sources/git/drafts.h"

#include <algorithm>

#include "base/fd.h"
#include "base/format.h"
#include "base/identity.h"
#include "base/text.h"
#include "index/analysis.h"
#include "sources/files/secrets.h"

namespace lar::sources {
namespace {

constexpr std::size_t short_commit = 10;

std::string_view first_line(std::string_view text) { return trim(text.substr(0, text.find('\n'))); }

std::string prefixed(const RepositoryContext& repository, std::string_view path) {
    return repository.prefix.empty() ? std::string(path) : repository.prefix + "/" + std::string(path);
}

std::string_view word_for(wire::ChangeKind kind) {
    switch (kind) {
        case wire::ChangeKind::added: return "added";
        case wire::ChangeKind::modified: return "modified";
        case wire::ChangeKind::deleted: return "deleted";
        case wire::ChangeKind::renamed: return "renamed";
        case wire::ChangeKind::type_changed: return "type changed";
        case wire::ChangeKind::untracked: return "untracked";
    }
    return "modified";
}

// "modified src/a.c (+3 -1)", one line a file.
std::string file_list(const RepositoryContext& repository, const std::vector<wire::FileChange>& files) {
    std::string out;
    for (std::size_t i = 0; i < files.size() && i < limit_files_listed; ++i) {
        const wire::FileChange& file = files[i];
        out += lar::format("{} {}", word_for(file.kind), prefixed(repository, file.path));
        if (!file.old_path.empty() && file.old_path != file.path)
            out += lar::format(" from {}", prefixed(repository, file.old_path));
        if (file.added + file.deleted > 0) out += lar::format(" (+{} -{})", file.added, file.deleted);
        out += '\n';
    }
    if (files.size() > limit_files_listed) out += lar::format("and {} more files\n", files.size() - limit_files_listed);
    return out;
}

store::NewPassage finished(store::Passage passage, store::IndexedText indexed) {
    passage.hash = hash_hex(passage.text);
    return {std::move(passage), std::move(indexed)};
}

// Whether the rules leave out a file, or a folder that it lies in.
bool names(const IgnoreRules& rules, std::string_view path) {
    if (rules.empty()) return false;
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1))
        if (const IgnoreRule* rule = rules.match(path.substr(0, slash), true); rule != nullptr && !rule->negated)
            return true;
    const IgnoreRule* rule = rules.match(path, false);
    return rule != nullptr && !rule->negated;
}

// Appends the hunks of one file as passages: small ones gathered, large ones cut between lines.
class HunkPassages {
public:
    HunkPassages(const RepositoryContext& repository, std::string_view subject, std::vector<store::NewPassage>& out)
        : repository_(repository), subject_(subject), out_(out) {}

    void add(const wire::FileChange& file) {
        path_ = prefixed(repository_, file.path);
        // History keeps what was once committed by mistake; it is left out here as it is in the tree.
        if (!secret_in_path(path_).empty() || names(repository_.left_out, path_)) return;
        path_terms_ = index::terms_of(path_);
        for (const wire::Hunk& hunk : file.hunks) {
            if (!text_.empty() && text_.size() + hunk.text.size() > hunk_passage_bytes) flush();
            take(hunk);
        }
        flush();
    }

private:
    // Rows of a hunk that stand together in one passage, under a header that says where they are.
    struct Piece {
        std::uint32_t old_line = 0, old_count = 0, new_line = 0, new_count = 0;
        std::string rows;
    };

    void take(const wire::Hunk& hunk) {
        if (hunk.text.empty()) return;
        Piece piece{.old_line = hunk.old_line, .new_line = hunk.new_line};
        for (const std::string_view row : split_lines(hunk.text)) {
            const bool full = text_.size() + piece.rows.size() + row.size() > hunk_passage_bytes + hunk_overrun_bytes;
            if (full && !piece.rows.empty()) {
                close(piece, hunk.heading);
                flush();
                piece = {.old_line = piece.old_line + piece.old_count, .new_line = piece.new_line + piece.new_count};
            }
            piece.rows += row;
            piece.rows += '\n';
            // Search sees the words without the column that says which side they are on.
            body_ += row.substr(std::min<std::size_t>(1, row.size()));
            body_ += '\n';
            if (row.starts_with('\\')) continue;  // "\ No newline at end of file"
            if (!row.starts_with('+')) ++piece.old_count;
            if (!row.starts_with('-')) ++piece.new_count;
        }
        close(piece, hunk.heading);
    }

    void close(const Piece& piece, const std::string& heading) {
        const std::uint32_t first = std::max(piece.new_line, 1U);
        if (text_.empty()) {
            first_ = first;
            heading_ = heading;
        }
        last_ = first + std::max(piece.new_count, 1U) - 1;
        text_ += lar::format("@@ -{},{} +{},{} @@{}{}\n", piece.old_line, piece.old_count, piece.new_line,
                             piece.new_count, heading.empty() ? "" : " ", heading);
        text_ += piece.rows;
    }

    void flush() {
        if (!text_.empty() && out_.size() < limit_hunk_passages) {
            store::Passage passage{.ordinal = static_cast<std::uint32_t>(out_.size()),
                                   .path = path_,
                                   .line_first = first_,
                                   .line_last = last_,
                                   .text = std::move(text_)};
            passage.context = heading_.empty() ? std::string(subject_) : lar::format("{} · {}", subject_, heading_);
            store::IndexedText indexed{
                .path = path_terms_, .context = index::terms_of(passage.context), .body = index::terms_of(body_)};
            out_.push_back(finished(std::move(passage), std::move(indexed)));
        }
        text_.clear();
        body_.clear();
    }

    // A hunk a little longer than a passage is not worth cutting.
    static constexpr std::size_t hunk_overrun_bytes = 400;

    const RepositoryContext& repository_;
    std::string_view subject_;
    std::vector<store::NewPassage>& out_;
    std::string path_, path_terms_;
    std::string text_, body_, heading_;
    std::uint32_t first_ = 0, last_ = 0;
};

// The first passage of a change: what it says of itself and which files it touches.
store::NewPassage summary(const RepositoryContext& repository, std::string_view title, std::string_view context,
                          std::string_view message, const std::vector<wire::FileChange>& files) {
    store::Passage passage{.context = std::string(context)};
    passage.text = std::string(trim(message));
    const std::string list = file_list(repository, files);
    if (!list.empty()) passage.text += (passage.text.empty() ? "" : "\n\n") + list;
    const index::Language language =
        index::language_of_passage(passage.text, {.context = passage.context, .title = title});
    store::IndexedText indexed{.title = index::terms_of(title, language),
                               .path = {},
                               .context = index::terms_of(context, language),
                               .body = index::marked_terms_of(message, language)};
    for (std::size_t i = 0; i < files.size() && i < limit_files_listed; ++i)
        indexed.path += (i == 0 ? "" : " ") + index::terms_of(prefixed(repository, files[i].path));
    return finished(std::move(passage), std::move(indexed));
}

void add_hunks(const RepositoryContext& repository, std::string_view subject,
               const std::vector<wire::FileChange>& files, std::vector<store::NewPassage>& out) {
    HunkPassages passages(repository, subject, out);
    for (const wire::FileChange& file : files) passages.add(file);
}

std::int64_t text_bytes(const std::vector<store::NewPassage>& passages) {
    std::int64_t bytes = 0;
    for (const store::NewPassage& passage : passages) bytes += static_cast<std::int64_t>(passage.passage.text.size());
    return bytes;
}

// Hash and size of a document that is made of its passages.
void seal(Draft& draft) {
    std::string all;
    for (const store::NewPassage& passage : draft.passages) all += passage.passage.hash;
    draft.document.hash = hash_hex(all);
    draft.document.size_bytes = text_bytes(draft.passages);
}

Draft tree_draft(const RepositoryContext& repository, std::string_view which, std::string_view title, Timestamp when,
                 const std::vector<wire::FileChange>& files) {
    Draft draft;
    draft.document = {.source = repository.source,
                      .kind = store::DocumentKind::working_tree,
                      .path = prefixed(repository, which),
                      .title = std::string(title),
                      .branch = repository.branch,
                      .time = when};
    const std::string context = repository.branch.empty() ? std::string() : lar::format("branch {}", repository.branch);
    draft.passages.push_back(summary(repository, title, context, title, files));
    add_hunks(repository, title, files, draft.passages);
    seal(draft);
    return draft;
}

}  // namespace

IgnoreRules lar_ignore_of(const std::filesystem::path& folder) {
    // Unreadable is like absent here: the walk over the files says why.
    const Result<std::string> text = read_file(folder / ".larignore", limit_ignore_file_bytes);
    return text ? IgnoreRules::parse(*text, ".larignore") : IgnoreRules();
}

Draft commit_draft(const RepositoryContext& repository, const wire::Commit& commit) {
    Draft draft;
    const std::string_view subject = first_line(commit.message);
    const Timestamp time{commit.time_us, commit.offset_min};
    draft.document = {.source = repository.source,
                      .kind = store::DocumentKind::commit,
                      .path = commit.commit,
                      .title = std::string(subject),
                      .author = commit.author,
                      .hash = commit.commit,
                      .time = time};
    const std::string context = lar::format("commit {} by {} <{}> on {}", commit.commit.substr(0, short_commit),
                                            commit.author, commit.author_email, to_rfc3339(time).substr(0, 10));
    draft.passages.push_back(summary(repository, subject, context, commit.message, commit.files));
    add_hunks(repository, subject, commit.files, draft.passages);
    draft.document.size_bytes = text_bytes(draft.passages);
    return draft;
}

std::vector<Draft> working_tree_drafts(const RepositoryContext& repository, const wire::WorkingTree& tree,
                                       Timestamp when) {
    std::vector<Draft> drafts;
    if (!tree.staged.empty())
        drafts.push_back(tree_draft(repository, "staged", "Uncommitted changes, staged", when, tree.staged));
    if (!tree.unstaged.empty())
        drafts.push_back(tree_draft(repository, "unstaged", "Uncommitted changes, not staged", when, tree.unstaged));
    return drafts;
}

Draft stash_draft(const RepositoryContext& repository, const wire::Stash& stash) {
    Draft draft;
    const std::string title = lar::format("stash@{{{}}}: {}", stash.index, first_line(stash.message));
    draft.document = {.source = repository.source,
                      .kind = store::DocumentKind::stash,
                      .path = prefixed(repository, "stash/" + stash.commit),
                      .title = title,
                      .branch = repository.branch,
                      .time = {stash.time_us, stash.offset_min}};
    draft.passages.push_back(summary(repository, title, "stash", stash.message, stash.files));
    add_hunks(repository, title, stash.files, draft.passages);
    seal(draft);
    return draft;
}

std::optional<Draft> branches_draft(const RepositoryContext& repository, const wire::Opened& opened, const Zone& zone,
                                    const std::function<std::string(const std::string&)>& subject_of) {
    if (opened.branches.empty()) return std::nullopt;
    Draft draft;
    draft.document = {.source = repository.source,
                      .kind = store::DocumentKind::branch,
                      .path = prefixed(repository, "branches"),
                      .title = "Branches",
                      .branch = opened.head};
    store::Passage passage;
    std::string names;
    for (const wire::Branch& branch : opened.branches) {
        const Timestamp time{branch.time_us, zone.offset_min_at(branch.time_us)};
        const std::string subject = subject_of(branch.commit);
        passage.text += lar::format("{} {} at {} of {}{}{}\n", branch.head ? '*' : ' ', branch.name,
                                    branch.commit.substr(0, short_commit), to_rfc3339(time).substr(0, 10),
                                    subject.empty() ? "" : ": ", subject);
        names += lar::format("{} {}\n", branch.name, subject);
        if (passage.text.size() > limit_branches_bytes) break;
        if (time > draft.document.time) draft.document.time = time;
    }
    store::IndexedText indexed{.title = index::terms_of("branches"), .body = index::terms_of(names)};
    draft.passages.push_back(finished(std::move(passage), std::move(indexed)));
    seal(draft);
    return draft;
}

}  // namespace lar::sources
