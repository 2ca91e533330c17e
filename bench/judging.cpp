// For bench/judging.py: asks a store the questions that it reads, one a line, and writes of each one line of JSON: the
// answer, and what recall/answerable.h judged by.
#include <cstdio>
#include <iostream>
#include <string>

#include "answer/answer.h"
#include "base/format.h"
#include "base/time.h"
#include "wire/api.h"
#include "wire/codec.h"

int main(int argc, char** argv) {
    using namespace lar;
    if (argc != 2) return 2;
    const SystemClock clock;
    const auto fail = [](const Error& error) {
        std::fprintf(stderr, "judging: %s\n", error.message.c_str());
        return 1;
    };
    auto store = store::Store::open(argv[1], clock);
    if (!store) return fail(store.error());
    auto reader = store->reader();
    if (!reader) return fail(reader.error());
    const FixedZone zone(0);
    std::string text;
    while (std::getline(std::cin, text)) {
        const auto answer = answer::ask({.text = text}, *reader, clock, zone, {}, {});
        if (!answer) return fail(answer.error());
        const auto recalled = recall::recall(text, {}, {.limit = 60, .neighbours = false}, *reader, clock, zone);
        if (!recalled) return fail(recalled.error());
        wire::ApiAnswer found;
        for (const auto& candidate : recalled->candidates)
            found.citations.push_back({.place = answer::place_of(candidate.placed)});
        std::cout << lar::format(R"({{"answer":{},"answerable":{:.4f},"found":{}}})", wire::to_json(*answer),
                                 recalled->answerable, wire::to_json(found))
                  << std::endl;
    }
    return 0;
}
