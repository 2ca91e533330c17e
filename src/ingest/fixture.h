// What the tests of ingest share: a folder of their own, and repositories that replay what a test wrote down.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "ingest/documents.h"
#include "ingest/ingest.h"

namespace lar::ingest {

class Folder {
public:
    Folder() : path_(std::filesystem::temp_directory_path() / lar::format("lar-ingest-{}-{}", ::getpid(), next_++)) {
        std::filesystem::remove_all(path_);
        std::filesystem::create_directories(path_);
        path_ = std::filesystem::canonical(path_);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const { return path_; }
    void write(const std::string& name, std::string_view text) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << text;
    }
    void make_repository(const std::string& name) const {
        std::filesystem::create_directories(path_ / name / ".git/objects");
        std::filesystem::create_directories(path_ / name / ".git/refs/heads");
        std::filesystem::create_directories(path_ / name / ".git/logs");
        write(name + "/.git/HEAD", "ref: refs/heads/main\n");
    }

private:
    static inline std::atomic<int> next_ = 0;
    std::filesystem::path path_;
};

// What a reader would say of one repository.
struct Recorded {
    wire::Opened opened;
    std::vector<wire::Commit> commits;  // newest first
    wire::WorkingTree tree;
    bool broken = false;
};

// Commits are those of `commits` that none of `have` reaches; a `have` that is not there is a rewrite.
class FakeRepositories final : public RepositoryOpener {
public:
    void record(const std::filesystem::path& work_tree, Recorded recorded) {
        const std::lock_guard lock(mutex_);
        recorded_[work_tree.string()] = std::move(recorded);
    }
    int opened() const { return opened_; }
    int commits_read() const { return commits_read_; }

    Result<std::unique_ptr<Repository>> open(const wire::OpenRepository& places, const std::atomic<bool>&) override {
        const std::lock_guard lock(mutex_);
        ++opened_;
        const auto found = recorded_.find(places.work_tree);
        if (found == recorded_.end() || found->second.broken) return fail(Code::corrupt, "its objects are damaged");
        return std::make_unique<Replay>(found->second, commits_read_);
    }

private:
    class Replay final : public Repository {
    public:
        Replay(Recorded recorded, std::atomic<int>& read) : recorded_(std::move(recorded)), read_(read) {}
        const wire::Opened& opened() const override { return recorded_.opened; }
        Result<wire::Done> commits(const wire::ReadCommits& request,
                                   const std::function<Result<>(wire::Commits&&)>& take) override {
            std::vector<std::string> hidden;
            wire::Done done;
            for (const std::string& have : request.have) {
                const std::vector<std::string> reached = reach(have);
                if (reached.empty()) done.rewritten = true;
                hidden.insert(hidden.end(), reached.begin(), reached.end());
            }
            for (const wire::Commit& commit : recorded_.commits) {
                if (std::ranges::contains(hidden, commit.commit)) continue;
                if (!request.graph_only) ++read_;
                wire::Commits batch;
                batch.commits.push_back(commit);
                TRY_VOID(take(std::move(batch)));
            }
            return done;
        }
        Result<std::vector<std::string>> reachable() override {
            std::vector<std::string> all;
            for (const wire::Commit& commit : recorded_.commits) all.push_back(commit.commit);
            return all;
        }
        Result<wire::WorkingTree> working_tree() override { return recorded_.tree; }

    private:
        std::vector<std::string> reach(const std::string& from) const {
            std::vector<std::string> reached, open = {from};
            while (!open.empty()) {
                const std::string at = open.back();
                open.pop_back();
                for (const wire::Commit& commit : recorded_.commits)
                    if (commit.commit == at && !std::ranges::contains(reached, at)) {
                        reached.push_back(at);
                        open.insert(open.end(), commit.parents.begin(), commit.parents.end());
                    }
            }
            return reached;
        }
        Recorded recorded_;
        std::atomic<int>& read_;
    };

    mutable std::mutex mutex_;
    std::map<std::string, Recorded> recorded_;
    std::atomic<int> opened_ = 0, commits_read_ = 0;
};

// Takes a document's bytes for its text: a paragraph for each line, "# " a heading, "=== 2" the beginning of page 2.
// One that begins with "problem CODE " has that problem.
class FakeReaders final : public DocumentReader {
public:
    int documents_read() const { return read_; }
    Result<ReadDocument> read(int file, wire::DocumentFormat, std::uint32_t, const std::atomic<bool>&) override {
        ++read_;
        ReadDocument read;
        read.parts.emplace_back();
        std::uint32_t page = 0;
        const std::string bytes = TRY(read_fd(file, 1 << 20));
        for (const std::string_view line : split_lines(bytes)) {
            if (line.starts_with("problem ")) {
                const std::string_view code = split(line, ' ')[1];
                for (const Code each : {Code::denied, Code::corrupt, Code::too_large})
                    if (to_string(each) == code) read.problem = Error{each, "it says so"};
            } else if (line.starts_with("=== ")) {
                page = static_cast<std::uint32_t>(line[4] - '0');
            } else if (line.starts_with("# ")) {
                read.parts[0].blocks.push_back({wire::BlockKind::heading, 1, page, std::string(line.substr(2))});
            } else {
                read.parts[0].blocks.push_back({wire::BlockKind::paragraph, 0, page, std::string(line)});
            }
        }
        return read;
    }
    void rest() override {}

private:
    std::atomic<int> read_ = 0;
};

inline std::string commit_id(char digit) { return std::string(40, digit); }
inline wire::Commit commit(char digit, std::vector<char> parents, std::string message) {
    wire::Commit made{.commit = commit_id(digit),
                      .author = "Ana",
                      .author_email = "ana@example.org",
                      .time_us = us_per_day,
                      .message = std::move(message)};
    for (const char parent : parents) made.parents.push_back(commit_id(parent));
    made.files = {{.path = "a.c",
                   .added = 1,
                   .hunks = {{.new_line = 1, .new_count = 1, .text = lar::format("+line of {}\n", digit)}}}};
    return made;
}

}  // namespace lar::ingest
