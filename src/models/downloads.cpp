#include "models/downloads.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>

#include "base/format.h"
#include "base/time.h"
#include "models/layout.h"

namespace lar::models {
namespace {

constexpr std::int64_t told_every_ms = 100;
constexpr std::int64_t look_ms = 50;
constexpr std::size_t digest_shown = 12;

bool may_pass(Code code) { return code == Code::unavailable || code == Code::timeout; }

// One pull's blobs, and the threads that fetch them.
class Downloading {
public:
    Downloading(const std::vector<WantedBlob>& wanted, Errand& errand, Catalogue& catalogue,
                const Puller::Options& options, const TellPull& tell)
        : errand_(errand), catalogue_(catalogue), options_(options), tell_(tell) {
        for (const WantedBlob& one : wanted) items_.push_back({.wanted = one});
    }

    Result<std::vector<PartialBlob>> run() {
        TRY_VOID(open_missing());
        TRY_VOID(look_for_room());
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < std::min(options_.at_once, items_.size()); ++i)
                threads.emplace_back([this] { work(); });
        }
        if (problem_) return std::unexpected(*problem_);
        TRY_VOID(say({.status = "verifying sha256 digest"}));
        std::vector<PartialBlob> out;
        for (Item& item : items_) {
            if (!item.blob) continue;
            TRY_VOID(item.blob->verify([this](std::uint64_t, std::uint64_t) { return go_on(); }));
            out.push_back(std::move(*item.blob));
        }
        return out;
    }

private:
    struct Item {
        WantedBlob wanted;
        std::optional<PartialBlob> blob;  // none: it is there
        std::int64_t told_ms = 0;
    };

    Result<> go_on() const { return errand_.cancelled() ? fail(Code::unavailable, "cancelled") : Result<>(); }

    // In the order of their names, so that of two pulls that wait for each other's blobs one always goes on.
    Result<> open_missing() {
        std::vector<Item*> in_order;
        for (Item& item : items_) in_order.push_back(&item);
        std::ranges::sort(in_order, {}, [](const Item* item) { return item->wanted.hex; });
        for (Item* item : in_order)
            if (!catalogue_.has_blob(item->wanted.hex)) TRY_VOID(open(*item));
        return {};
    }

    // Waits while another pull has it, which may bring it.
    Result<> open(Item& item) {
        for (;;) {
            Result<PartialBlob> blob = PartialBlob::open(options_.folder, item.wanted.hex, item.wanted.size_bytes);
            if (!blob && blob.error().code == Code::conflict) {
                TRY_VOID(go_on());
                std::this_thread::sleep_for(std::chrono::milliseconds(look_ms));
                if (catalogue_.has_blob(item.wanted.hex)) return {};
                continue;
            }
            item.blob = TRY(std::move(blob));
            return {};
        }
    }

    Result<> look_for_room() const {
        std::uint64_t missing = 0;
        for (const Item& item : items_)
            if (item.blob) missing += item.wanted.size_bytes - TRY(item.blob->bytes_there());
        return missing == 0 ? Result<>() : need_room(options_.folder, missing, options_.reserve_bytes);
    }

    void work() {
        for (;;) {
            Item* item = nullptr;
            {
                const std::lock_guard lock(mutex_);
                if (problem_ || next_ == items_.size()) return;
                item = &items_[next_++];
            }
            if (const Result<> fetched = fetch(*item); !fetched) {
                const std::lock_guard lock(mutex_);
                if (!problem_) problem_ = fetched.error();
            }
        }
    }

    Result<> fetch(Item& item) {
        TRY_VOID(tell_of(item, item.blob ? TRY(item.blob->bytes_there()) : item.wanted.size_bytes));
        if (!item.blob) return {};
        for (int failures = 0;;) {
            const std::uint64_t before = TRY(item.blob->bytes_there());
            if (before == item.wanted.size_bytes) return tell_of(item, before);
            const Result<> fetched = one_try(item, before);
            if (fetched) continue;
            // Its bytes came and are others than promised: verifying says so, and removes them.
            if (fetched.error().code == Code::conflict) return item.blob->verify({});
            if (!may_pass(fetched.error().code)) return fetched;
            TRY_VOID(go_on());
            TRY_VOID(nobody_failed());
            TRY_VOID(look_for_room_of(item));
            failures = TRY(item.blob->bytes_there()) > before ? 0 : failures + 1;
            if (failures == options_.tries)
                return fail(fetched.error().code,
                            lar::format("{}; what has come is kept, and pulling it again goes on from there",
                                        fetched.error().message));
            TRY_VOID(pause(failures));
        }
    }

    Result<> one_try(Item& item, std::uint64_t before) {
        Result<> told;
        const Result<> fetched = errand_.bytes(item.wanted.target, *item.blob, [&](std::uint64_t bytes_in) {
            if (told && monotonic_ms() - item.told_ms >= told_every_ms) told = tell_of(item, before + bytes_in);
        });
        return told ? fetched : told;
    }

    Result<> look_for_room_of(const Item& item) const {
        return need_room(options_.folder, item.wanted.size_bytes - TRY(item.blob->bytes_there()), 0);
    }

    Result<> nobody_failed() {
        const std::lock_guard lock(mutex_);
        return problem_ ? std::unexpected(*problem_) : Result<>();
    }

    Result<> pause(int failures) {
        std::int64_t left_ms = failures == 0 ? 0 : options_.pause_ms << (failures - 1);
        for (; left_ms > 0; left_ms -= look_ms) {
            TRY_VOID(go_on());
            std::this_thread::sleep_for(std::chrono::milliseconds(std::min(left_ms, look_ms)));
        }
        return {};
    }

    Result<> tell_of(Item& item, std::uint64_t completed) {
        item.told_ms = monotonic_ms();
        return say({.status = lar::format("pulling {}", item.wanted.hex.substr(0, digest_shown)),
                    .digest = digest_of(item.wanted.hex),
                    .total = item.wanted.size_bytes,
                    .completed = std::min(completed, item.wanted.size_bytes)});
    }

    Result<> say(const wire::OllamaStatus& status) {
        const std::lock_guard lock(telling_);
        return tell_(status);
    }

    Errand& errand_;
    Catalogue& catalogue_;
    const Puller::Options& options_;
    const TellPull& tell_;
    std::vector<Item> items_;
    std::mutex telling_;
    std::mutex mutex_;  // over what follows
    std::size_t next_ = 0;
    std::optional<Error> problem_;
};

}  // namespace

Result<std::vector<PartialBlob>> download(const std::vector<WantedBlob>& wanted, Errand& errand, Catalogue& catalogue,
                                          const Puller::Options& options, const TellPull& tell) {
    return Downloading(wanted, errand, catalogue, options, tell).run();
}

}  // namespace lar::models
