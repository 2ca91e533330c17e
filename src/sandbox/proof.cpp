// Attempts made in children, and what became of them; the words and lines between a program that proves its policy and
// whoever started it.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "sandbox/attempt_outcomes.h"
#include "sandbox/attempts.h"

namespace lar::sandbox {
namespace {

constexpr int limit_attempt_ms = 10'000;  // one that hangs got nowhere
constexpr std::size_t limit_name_bytes = 64;
constexpr std::size_t limit_said_bytes = 64 * 1024;

std::string name_of_process(pid_t pid) {
    const Fd file(::open(lar::format("/proc/{}/comm", pid).c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, limit_name_bytes> name{};
    const ssize_t n = file ? ::read(file.number(), name.data(), name.size()) : 0;
    return std::string(name.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
}

struct Pipe {
    Fd read, write;
    static Result<Pipe> make() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe2", errno);
        return Pipe{Fd(ends[0]), Fd(ends[1])};
    }
};

// Waits for the end of a child and leaves it to be reaped. One that hangs is ended.
siginfo_t end_of(pid_t child) {
    constexpr timespec pause{.tv_sec = 0, .tv_nsec = 1'000'000};
    for (int waited_ms = 0;; ++waited_ms) {
        siginfo_t end{};
        if (::waitid(P_PID, static_cast<id_t>(child), &end, WEXITED | WNOWAIT | WNOHANG) == 0 && end.si_pid == child)
            return end;
        if (waited_ms == limit_attempt_ms) ::kill(child, SIGKILL);
        ::nanosleep(&pause, nullptr);
    }
}

Result<Tried> try_in_child(const LockDown& lock_down, const Targets& targets, std::string_view name) {
    Pipe begun = TRY(Pipe::make());
    const pid_t child = ::fork();
    if (child < 0) return fail_errno("fork", errno);
    if (child == 0) {
        const auto begins = [&] { static_cast<void>(!::write(begun.write.number(), "b", 1)); };
        ::_exit(make_attempt(name, targets, lock_down, begins));
    }
    const siginfo_t end = end_of(child);
    // A program that took its place, and was only then stopped, got through all the same.
    const bool replaced = name_of_process(child) != name_of_process(::getpid());
    ::waitpid(child, nullptr, 0);
    begun.write.reset();
    std::array<char, 1> mark{};
    // What ended before the attempt proves nothing.
    if (::read(begun.read.number(), mark.data(), mark.size()) != 1)
        return fail(Code::internal, lar::format("the policy could not be applied (attempt '{}')", name));
    Tried tried{.attempt = std::string(name), .detail = end.si_status};
    if (replaced) {
        tried.outcome = AttemptOutcome::through;
        tried.detail = 0;
    } else if (end.si_code == CLD_EXITED) {
        if (end.si_status == exit_not_tried)
            return fail(Code::internal, lar::format("attempt '{}' was not made", name));
        tried.outcome = outcome_of(end.si_status);
    } else {
        // SIGSYS is the filter's word. Another signal is nobody's refusal.
        tried.outcome = end.si_status == SIGSYS ? AttemptOutcome::killed : AttemptOutcome::impossible;
    }
    return tried;
}

// Of a pipe.
Result<std::string> read_to_end(int descriptor) {
    std::string text;
    std::array<char, 4096> piece{};
    for (;;) {
        const ssize_t n = ::read(descriptor, piece.data(), piece.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno("read", errno);
        if (n == 0) return text;
        text.append(piece.data(), static_cast<std::size_t>(n));
        if (text.size() > limit_said_bytes)
            return fail(Code::too_large, "a program says more than it could have tried");
    }
}

// The layers, from a child of its own: whoever applies a policy keeps it.
Result<std::string> layers_of(const LockDown& lock_down) {
    Pipe said = TRY(Pipe::make());
    const pid_t child = ::fork();
    if (child < 0) return fail_errno("fork", errno);
    if (child == 0) {
        const Result<Layers> layers = lock_down();
        const std::string text = layers ? "=" + to_string(*layers) : "!" + layers.error().message;
        static_cast<void>(!::write(said.write.number(), text.data(), text.size()));
        ::_exit(0);
    }
    said.write.reset();
    Result<std::string> text = read_to_end(said.read.number());
    ::waitpid(child, nullptr, 0);
    if (!text) return text;
    if (!text->starts_with('='))
        return fail(Code::internal, "the policy could not be applied" + (text->empty() ? "" : ": " + text->substr(1)));
    return text->substr(1);
}

template <class Number>
Result<Number> number_of(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return fail(Code::corrupt, lar::format("'{}' is no number", printable(text)));
    return value;
}

// In the order in which they stand in a word, one on a line.
constexpr std::size_t count_targets = 12;

}  // namespace

std::string to_word(const Targets& to) {
    return lar::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", to.tcp4, to.tcp6, to.udp4, to.udp6,
                       to.resolver, to.unix_path, to.abstract_name, to.private_file, to.new_file, to.new_temporary_file,
                       to.program, to.inherited);
}

Result<Targets> targets_of(std::string_view word) {
    const std::vector<std::string_view> part = split(word, '\n');
    if (part.size() != count_targets) return fail(Code::corrupt, "these are not the targets of attempts");
    return Targets{.tcp4 = TRY(number_of<std::uint16_t>(part[0])),
                   .tcp6 = TRY(number_of<std::uint16_t>(part[1])),
                   .udp4 = TRY(number_of<std::uint16_t>(part[2])),
                   .udp6 = TRY(number_of<std::uint16_t>(part[3])),
                   .resolver = std::string(part[4]),
                   .unix_path = std::string(part[5]),
                   .abstract_name = std::string(part[6]),
                   .private_file = std::string(part[7]),
                   .new_file = std::string(part[8]),
                   .new_temporary_file = std::string(part[9]),
                   .program = std::string(part[10]),
                   .inherited = TRY(number_of<int>(part[11]))};
}

Result<Proof> prove(const LockDown& lock_down, const Targets& targets, std::span<const std::string_view> names) {
    Proof proof;
    if (lock_down) proof.layers = TRY(layers_of(lock_down));
    for (const std::string_view name : names) proof.tried.push_back(TRY(try_in_child(lock_down, targets, name)));
    return proof;
}

int prove_to(int descriptor, const LockDown& lock_down, std::string_view targets_word) {
    std::vector<std::string_view> names;
    for (const Attempt& attempt : attempts()) names.push_back(attempt.name);
    const Result<Targets> targets = targets_of(targets_word);
    const Result<Proof> proof =
        targets ? prove(lock_down, *targets, names) : Result<Proof>(std::unexpected(targets.error()));
    std::string lines;
    if (proof) {
        lines = lar::format("layers {}\n", proof->layers);
        for (const Tried& tried : proof->tried)
            lines += lar::format("tried {} {} {}\n", tried.attempt, to_string(tried.outcome), tried.detail);
        lines += "done\n";
    } else {
        lines = lar::format("failed {}\n", printable(proof.error().message));
    }
    return write_all(descriptor, lines) && proof ? 0 : 1;
}

Result<Proof> proof_of_lines(std::string_view lines) {
    using enum AttemptOutcome;
    Proof proof;
    bool done = false;
    for (const std::string_view line : split_lines(lines)) {
        if (line.starts_with("failed ")) return fail(Code::internal, printable(line.substr(7)));
        if (line.starts_with("layers ")) {
            proof.layers = line.substr(7);
        } else if (line == "done") {
            done = true;
        } else {
            const std::vector<std::string_view> words = split(line, ' ');
            if (words.size() != 4 || words[0] != "tried" || done)
                return fail(Code::corrupt, "a program said something else than what it tried");
            Tried tried{.attempt = std::string(words[1]), .detail = TRY(number_of<std::int32_t>(words[3]))};
            constexpr std::array outcomes{through, killed, refused, impossible};
            const auto* outcome =
                std::ranges::find(outcomes, words[2], [](AttemptOutcome one) { return to_string(one); });
            if (outcome == outcomes.end()) return fail(Code::corrupt, "a program said an outcome that there is not");
            tried.outcome = *outcome;
            proof.tried.push_back(std::move(tried));
        }
    }
    if (!done) return fail(Code::corrupt, "a program ended before it had tried everything");
    return proof;
}

Result<Proof> read_proof(int descriptor) {
    const std::string lines = TRY(read_to_end(descriptor));
    if (lines.empty()) return fail(Code::unavailable, "it said nothing");
    return proof_of_lines(lines);
}

}  // namespace lar::sandbox
