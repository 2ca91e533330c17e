#include "consent/matching.h"

#include <algorithm>
#include <array>

namespace lar::consent {

Makeup makeup_of(std::string_view text) {
    Makeup made;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        made.letters += is_letter(c);
        made.uppers += is_upper(c);
        made.lowers += is_lower(c);
        made.digits += is_digit(c);
        made.others += !is_alnum(c);
        if (i == 0) continue;
        const char last = text[i - 1];
        made.turns +=
            (is_letter(last) && is_digit(c)) || (is_digit(last) && is_letter(c)) || (is_lower(last) && is_upper(c));
    }
    return made;
}

bool looks_random(std::string_view text, std::size_t least) {
    if (text.size() < least) return false;
    const Makeup made = makeup_of(text);
    const std::size_t alnum = made.letters + made.digits;
    if (alnum * 4 < text.size() * 3 || made.letters == 0) return false;
    std::array<bool, 256> seen{};
    for (const char c : text) seen[static_cast<unsigned char>(c)] = true;
    const auto distinct = static_cast<std::size_t>(std::ranges::count(seen, true));
    if (distinct < std::min<std::size_t>(8, text.size() * 2 / 3)) return false;
    if (std::ranges::all_of(text, is_hex) && made.digits >= 2 && made.turns >= 2) return true;
    // Words joined by hyphens, with a number at the end, turn seldom.
    if (made.digits > 0) return made.turns * 6 >= alnum;
    return made.turns * 5 >= alnum && made.uppers * 4 >= made.lowers;
}

}  // namespace lar::consent
