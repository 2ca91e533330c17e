// For bench/secrets.py: reads texts, each after a line with the number of its bytes, and writes
// it back the same way without what src/consent/redaction.h takes out, followed by a line with the reasons.
#include <charconv>
#include <cstdio>
#include <iostream>
#include <string>

#include "consent/redaction.h"

int main() {
    std::string line;
    while (std::getline(std::cin, line)) {
        std::size_t size = 0;
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size);
        if (error != std::errc() || end != line.data() + line.size()) return 2;
        std::string text(size, '\0');
        if (!std::cin.read(text.data(), static_cast<std::streamsize>(size))) return 2;
        const auto found = lar::consent::find_redactions(text, {});
        if (!found) {
            std::fprintf(stderr, "redact: %s\n", found.error().message.c_str());
            return 1;
        }
        const std::string out = lar::consent::redacted(text, *found);
        std::string reasons;
        for (const lar::consent::Redaction& one : *found)
            reasons += std::string(to_string(one.sort)) + ": " + one.reason + "\t";
        std::cout << out.size() << '\n' << out << reasons << '\n';
    }
    return 0;
}
