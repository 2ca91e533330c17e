#include "sandbox/attempts.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/fd.h"

namespace lar::sandbox {
namespace {

AttemptOutcome outcome_of(const Proof& proof, std::string_view name) {
    const auto found = std::ranges::find(proof.tried, name, &Tried::attempt);
    EXPECT_NE(found, proof.tried.end()) << name;
    return found == proof.tried.end() ? AttemptOutcome::impossible : found->outcome;
}

std::vector<std::string_view> all_names() {
    std::vector<std::string_view> names;
    for (const Attempt& attempt : attempts()) names.push_back(attempt.name);
    return names;
}

class Attempts : public testing::Test {
protected:
    void SetUp() override {
#ifdef LAR_SANITIZED
        GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
        std::string pattern = testing::TempDir() + "lar-attempts-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        targets_.private_file = (folder_ / "private").string();
        ASSERT_TRUE(write_file_atomically(targets_.private_file, "the user's words"));
        targets_.new_file = (folder_ / "new").string();
        targets_.new_temporary_file = (folder_ / "other").string();
        targets_.program = "/bin/true";
    }
    void TearDown() override {
        if (!folder_.empty()) std::filesystem::remove_all(folder_);
    }

    static LockDown strict() {
        return [] {
            Policy policy;
            policy.allow_common_runtime();
            return policy.apply();
        };
    }

    std::filesystem::path folder_;
    Targets targets_;
};

TEST_F(Attempts, WithoutAPolicyTheOrdinaryOnesGetThrough) {
    const std::array<std::string_view, 7> ordinary{"unix", "exec", "fork", "signal", "write-home", "read", "change"};
    Targets targets = targets_;
    const Fd listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    targets.unix_path = (folder_ / "socket").string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    targets.unix_path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    ASSERT_EQ(::bind(listening.number(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ASSERT_EQ(::listen(listening.number(), 4), 0);
    const Result<Proof> proof = prove(nullptr, targets, ordinary);
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_EQ(proof->layers, "");
    for (const std::string_view name : ordinary) EXPECT_EQ(outcome_of(*proof, name), AttemptOutcome::through) << name;
    EXPECT_FALSE(std::filesystem::exists(targets.new_file)) << "what an attempt makes goes with it";
}

TEST_F(Attempts, UnderAPolicyOfNothingEachIsTheEnd) {
    Targets targets = targets_;
    targets.tcp4 = targets.tcp6 = targets.udp4 = targets.udp6 = 9;
    targets.resolver = "127.0.0.1";
    targets.unix_path = targets.abstract_name = "nobody";
    const std::vector<std::string_view> names = all_names();
    const Result<Proof> proof = prove(strict(), targets, names);
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_TRUE(proof->layers.starts_with("seccomp")) << proof->layers;
    EXPECT_EQ(proof->tried.size(), names.size());
    for (const Tried& tried : proof->tried) {
        if (tried.attempt == "inherited") continue;  // there was none
        EXPECT_EQ(tried.outcome, AttemptOutcome::killed) << tried.attempt << " " << tried.detail;
        EXPECT_EQ(tried.detail, SIGSYS) << tried.attempt;
    }
}

TEST_F(Attempts, WhatAPolicyLetsThroughIsSeen) {
    const LockDown leaky = [] {
        Policy policy;
        policy.allow_common_runtime().allow_read_only_open().read_beneath("/");
        return policy.apply();
    };
    const std::array<std::string_view, 2> names{"read", "change"};
    const Result<Proof> proof = prove(leaky, targets_, names);
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_EQ(outcome_of(*proof, "read"), AttemptOutcome::through);
    EXPECT_EQ(outcome_of(*proof, "change"), AttemptOutcome::killed);
}

TEST_F(Attempts, AProgramThatTookThePlaceOfAnotherGotThroughEvenIfItWasStoppedThen) {
    // exec passes this filter, and what the program's loader does then is the end of it.
    const LockDown lets_exec = [] {
        Policy policy;
        policy.allow_common_runtime().allow_process_creation().execute_file("/bin/true");
        for (const char* loader : {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"})
            if (std::filesystem::exists(loader)) policy.execute_file(loader);
        return policy.apply();
    };
    const std::array<std::string_view, 1> names{"exec"};
    const Result<Proof> proof = prove(lets_exec, targets_, names);
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_EQ(outcome_of(*proof, "exec"), AttemptOutcome::through);
}

TEST_F(Attempts, AClientTalksAndReachesNobodyElse) {
    const std::vector<std::string_view> names = all_names();
    Targets targets = targets_;
    targets.tcp4 = targets.tcp6 = targets.udp4 = targets.udp6 = 9;
    targets.resolver = "127.0.0.1";
    targets.abstract_name = "nobody";
    const Result<Proof> proof = prove([] { return Policy::of_a_client().apply(); }, targets, names);
    ASSERT_TRUE(proof) << proof.error().message;
    const std::set<std::string_view> files{"write-home", "write-temporary", "change", "read"};
    for (const Tried& tried : proof->tried) {
        if (tried.attempt == "unix" || tried.attempt == "abstract" || tried.attempt == "inherited") continue;
        EXPECT_EQ(tried.outcome, files.contains(tried.attempt) ? AttemptOutcome::through : AttemptOutcome::refused)
            << tried.attempt << " " << tried.detail;
    }
}

TEST_F(Attempts, APolicyThatCannotBeAppliedProvesNothing) {
    const LockDown broken = [] {
        Policy policy;
        policy.allow_common_runtime().read_beneath("/no/such/place");
        return policy.apply();
    };
    EXPECT_FALSE(prove(broken, targets_, all_names()));
}

TEST_F(Attempts, WordsAndLinesComeBack) {
    Targets targets = targets_;
    targets.tcp4 = 1234;
    targets.inherited = 9;
    targets.resolver = "::1";
    const Result<Targets> back = targets_of(to_word(targets));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(to_word(*back), to_word(targets));
    EXPECT_FALSE(targets_of("1\n2"));
    EXPECT_FALSE(targets_of("x\n0\n0\n0\n\n\n\n\n\n\n\n-1"));

    EXPECT_TRUE(proof_of_lines("layers seccomp\ntried tcp4 killed 31\ndone\n"));
    EXPECT_FALSE(proof_of_lines("layers seccomp\ntried tcp4 killed 31\n")) << "it ended before";
    EXPECT_FALSE(proof_of_lines("layers seccomp\ntried tcp4 escaped 0\ndone\n"));
    EXPECT_FALSE(proof_of_lines("hello\ndone\n"));
    EXPECT_FALSE(proof_of_lines("failed because\n"));
}

}  // namespace
}  // namespace lar::sandbox
