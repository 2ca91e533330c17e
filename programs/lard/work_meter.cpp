#include "work_meter.h"

#include <algorithm>
#include <limits>

namespace lar::lard {

void WorkMeter::share_out(pid_t engine) {
    const std::optional<std::uint64_t> energy = read_energy_();
    const auto all = static_cast<double>(under_way_.size());
    for (auto& [key, spent] : under_way_) {
        if (energy && energy_uj_ && *energy >= *energy_uj_)
            spent.energy_uj += static_cast<double>(*energy - *energy_uj_) / all;
        else
            spent.energy_known = false;
    }
    energy_uj_ = energy;

    const std::int64_t cpu_us = read_cpu_(engine);
    const auto first = under_way_.lower_bound({engine, 0});
    const auto end = under_way_.upper_bound({engine, std::numeric_limits<std::uint64_t>::max()});
    const auto own = static_cast<double>(std::distance(first, end));
    const auto before = cpu_us_.find(engine);
    if (before != cpu_us_.end() && cpu_us > before->second)
        for (auto one = first; one != end; ++one)
            one->second.cpu_us += static_cast<double>(cpu_us - before->second) / own;
    cpu_us_[engine] = cpu_us;
}

void WorkMeter::begin(pid_t engine, std::uint64_t request) {
    share_out(engine);
    under_way_.try_emplace({engine, request});
}

Spent WorkMeter::end(pid_t engine, std::uint64_t request) {
    const auto found = under_way_.find({engine, request});
    if (found == under_way_.end()) return {.energy_known = false};
    share_out(engine);
    const Spent spent = found->second;
    under_way_.erase(found);
    return spent;
}

void WorkMeter::forget(pid_t engine) {
    std::erase_if(under_way_, [&](const auto& one) { return one.first.first == engine; });
    cpu_us_.erase(engine);
}

}  // namespace lar::lard
