#include "consent/numbers.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace lar::consent {
namespace {

constexpr std::size_t limit_number = 48;
constexpr std::size_t line_back = 80;  // where a number's name may stand

int value_of(char c) { return c - '0'; }

// Digits and what may stand between them, one at a time; from there on.
struct Grouped {
    std::string digits;
    std::string groups;   // their lengths, as characters: "\4\4\4\4"
    char between = '\0';  // 0: nothing; '?': more than one sort
    std::size_t end = 0;
};
Grouped grouped_at(std::string_view text, std::size_t at, std::size_t most_digits) {
    Grouped grouped;
    std::size_t i = at;
    while (i < text.size() && i - at < limit_number && grouped.digits.size() < most_digits) {
        const std::size_t run = run_of(text, i, is_digit, most_digits - grouped.digits.size());
        if (run == 0) break;
        grouped.digits += text.substr(i, run);
        grouped.groups += static_cast<char>(run);
        i += run;
        grouped.end = i;
        const char c = at_or_zero(text, i);
        if ((c != ' ' && c != '-' && c != '.' && c != '/') || !is_digit(at_or_zero(text, i + 1))) break;
        if (grouped.digits.size() == most_digits) break;
        grouped.between = grouped.between == '\0' || grouped.between == c ? c : '?';
        ++i;
    }
    if (grouped.groups.size() < 2) grouped.between = '\0';
    return grouped;
}

bool named(std::string_view text, std::size_t at, std::initializer_list<std::string_view> names) {
    std::size_t begin = at;
    while (begin > 0 && at - begin < line_back && text[begin - 1] != '\n') --begin;
    const std::string lower = to_lower_ascii(text.substr(begin, at - begin));
    return std::ranges::any_of(names, [&](std::string_view name) {
        const std::size_t found = lower.rfind(name);
        return found != std::string::npos && (found == 0 || !is_alnum(lower[found - 1])) &&
               (found + name.size() >= lower.size() || !is_alnum(lower[found + name.size()]));
    });
}

bool ends_there(std::string_view text, std::size_t end) {
    const char c = at_or_zero(text, end);
    if (is_word(c)) return false;
    return (c != '.' && c != '-') || !is_alnum(at_or_zero(text, end + 1));
}

int prefix_of(std::string_view digits, std::size_t length) {
    int value = 0;
    for (const char c : digits.substr(0, length)) value = value * 10 + value_of(c);
    return value;
}

int two_of(std::string_view digits) { return prefix_of(digits, 2); }

bool is_issued(std::string_view digits) {
    const std::size_t length = digits.size();
    const int two = prefix_of(digits, 2), three = prefix_of(digits, 3), four = prefix_of(digits, 4);
    if (digits[0] == '4') return length == 16 || length == 19;
    if (two >= 51 && two <= 55) return length == 16;
    if (four >= 2221 && four <= 2720) return length == 16;
    if (two == 34 || two == 37) return length == 15;
    if (two == 36 || two == 38 || (three >= 300 && three <= 305)) return length == 14 || length == 16;
    if (four == 6011 || two == 65 || (three >= 644 && three <= 649)) return length == 16 || length == 19;
    if (four >= 3528 && four <= 3589) return length == 16 || length == 19;
    if (two == 62) return length >= 16 && length <= 19;
    return (two == 50 || (two >= 56 && two <= 58) || two == 63 || two == 67) && (length == 16 || length == 18);
}

Maybe card_at(std::string_view text, std::size_t at) {
    const char last = before(text, at);
    if (last == '.' || last == '-' || last == '+' || last == '#') return std::nullopt;
    const Grouped card = grouped_at(text, at, 19);
    if (card.digits.size() < 14 || !ends_there(text, card.end) || !is_issued(card.digits) || !luhn(card.digits))
        return std::nullopt;
    // As cards are printed, or in one piece.
    const bool printed =
        card.groups == "\4\4\4\4" || card.groups == "\4\6\5" || card.groups == "\4\6\4" || card.groups == "\4\4\4\4\3";
    const bool whole = card.groups.size() == 1;
    // Numbers of 16 and 19 digits are common; these ranges are wide, and such cards rare.
    const bool rare = card.digits.size() > 16 || (two_of(card.digits) >= 56 && two_of(card.digits) <= 58) ||
                      two_of(card.digits) == 50 || two_of(card.digits) == 63 || two_of(card.digits) == 67;
    if (whole && rare && !named(text, at, {"card", "visa", "mastercard", "maestro", "unionpay", "pan"}))
        return std::nullopt;
    if (!whole && (!printed || (card.between != ' ' && card.between != '-'))) return std::nullopt;
    if (std::ranges::all_of(card.digits, [&](char c) { return c == card.digits[0]; })) return std::nullopt;
    return Match{at, card.end, Sort::card, "payment card"};
}

struct Country {
    char code[3];
    std::uint8_t length;
};
constexpr std::array countries = std::to_array<Country>(
    {{"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22}, {"BH", 22},
     {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DK", 18}, {"DO", 28},
     {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23},
     {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
     {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20},
     {"LV", 21}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NL", 18},
     {"NO", 15}, {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"SA", 24},
     {"SC", 31}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"ST", 25}, {"SV", 28}, {"TL", 23}, {"TN", 24},
     {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}});

Maybe account_at(std::string_view text, std::size_t at) {
    if (!is_letter(text[at]) || !is_letter(at_or_zero(text, at + 1)) || !is_digit(at_or_zero(text, at + 2)) ||
        !is_digit(at_or_zero(text, at + 3)))
        return std::nullopt;
    const auto upper = [](char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; };
    const std::string code{upper(text[at]), upper(text[at + 1])};
    const auto country = std::ranges::find(countries, std::string_view(code),
                                           [](const Country& one) { return std::string_view(one.code); });
    if (country == countries.end()) return std::nullopt;
    std::string account;
    std::size_t i = at;
    for (; i < text.size() && account.size() < country->length; ++i) {
        const char c = text[i];
        if (is_alnum(c))
            account += upper(c);
        else if ((c != ' ' && c != '-') || !is_alnum(at_or_zero(text, i + 1)))
            return std::nullopt;
    }
    if (account.size() != country->length || is_alnum(at_or_zero(text, i))) return std::nullopt;
    int rest = 0;
    for (std::size_t n = 0; n < account.size(); ++n) {
        const char c = account[(n + 4) % account.size()];
        rest = is_digit(c) ? (rest * 10 + value_of(c)) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
    }
    if (rest != 1) return std::nullopt;
    return Match{at, i, Sort::account, "IBAN"};
}

int weighted(std::string_view digits, std::initializer_list<int> weights) {
    int sum = 0;
    std::size_t i = 0;
    for (const int weight : weights) sum += value_of(digits[i++]) * weight;
    return sum;
}

bool is_day(int month, int day) { return month >= 1 && month <= 12 && day >= 1 && day <= 31; }

bool is_cpf(std::string_view d) {
    const auto check = [](int sum) { return sum % 11 < 2 ? 0 : 11 - sum % 11; };
    return value_of(d[9]) == check(weighted(d, {10, 9, 8, 7, 6, 5, 4, 3, 2})) &&
           value_of(d[10]) == check(weighted(d, {11, 10, 9, 8, 7, 6, 5, 4, 3, 2}));
}
bool is_cnpj(std::string_view d) {
    const auto check = [](int sum) { return sum % 11 < 2 ? 0 : 11 - sum % 11; };
    return value_of(d[12]) == check(weighted(d, {5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2})) &&
           value_of(d[13]) == check(weighted(d, {6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2}));
}
bool is_pesel(std::string_view d) {
    return is_day(prefix_of(d.substr(2), 2) % 20, prefix_of(d.substr(4), 2)) &&
           (10 - weighted(d, {1, 3, 7, 9, 1, 3, 7, 9, 1, 3}) % 10) % 10 == value_of(d[10]);
}
bool is_bsn(std::string_view d) { return (weighted(d, {9, 8, 7, 6, 5, 4, 3, 2}) - value_of(d[8])) % 11 == 0; }
bool is_nhs(std::string_view d) {
    const int check = 11 - weighted(d, {10, 9, 8, 7, 6, 5, 4, 3, 2}) % 11;
    return (check == 11 ? 0 : check) == value_of(d[9]);
}
bool is_fodselsnummer(std::string_view d) {
    return is_day(prefix_of(d.substr(2), 2), prefix_of(d, 2) % 40) &&
           weighted(d, {3, 7, 6, 1, 8, 9, 4, 5, 2, 1}) % 11 == 0 &&
           weighted(d, {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1}) % 11 == 0;
}
bool is_belgian(std::string_view d) {
    const auto rest = [&](std::int64_t century) {
        std::int64_t value = century;
        for (const char c : d.substr(0, 9)) value = value * 10 + value_of(c);
        return 97 - value % 97;
    };
    const int check = prefix_of(d.substr(9), 2);
    return is_day(prefix_of(d.substr(2), 2), prefix_of(d.substr(4), 2)) && (rest(0) == check || rest(2) == check);
}
bool is_french(std::string_view d) {
    std::int64_t value = 0;
    for (const char c : d.substr(0, 13)) value = value * 10 + value_of(c);
    const int month = prefix_of(d.substr(3), 2);
    return (d[0] == '1' || d[0] == '2') && month >= 1 && month <= 12 && 97 - value % 97 == prefix_of(d.substr(13), 2);
}
bool is_chinese(std::string_view d, char check) {
    const int year = prefix_of(d.substr(6), 4);
    const int rest = weighted(d, {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}) % 11;
    const char expected = "10X98765432"[rest];
    return year >= 1900 && year <= 2100 && is_day(prefix_of(d.substr(10), 2), prefix_of(d.substr(12), 2)) &&
           (check == expected || (check == 'x' && expected == 'X'));
}
bool is_german_tax(std::string_view d) {
    int product = 10;
    for (const char c : d.substr(0, 10)) {
        const int sum = (value_of(c) + product) % 10;
        product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
    return d[0] != '0' && (11 - product) % 10 == value_of(d[10]);
}
bool is_turkish(std::string_view d) {
    const int odd = weighted(d, {1, 0, 1, 0, 1, 0, 1, 0, 1}), even = weighted(d, {0, 1, 0, 1, 0, 1, 0, 1});
    return d[0] != '0' && ((odd * 7 - even) % 10 + 10) % 10 == value_of(d[9]) &&
           (odd + even + value_of(d[9])) % 10 == value_of(d[10]);
}
bool is_swiss(std::string_view d) {
    return d.starts_with("756") &&
           (10 - weighted(d, {1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3}) % 10) % 10 == value_of(d[12]);
}
bool is_cuit(std::string_view d) {
    const int check = 11 - weighted(d, {5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11;
    return (check == 11 ? 0 : check == 10 ? 9 : check) == value_of(d[10]);
}
bool is_nif(std::string_view d) {
    const int check = 11 - weighted(d, {9, 8, 7, 6, 5, 4, 3, 2}) % 11;
    return (check >= 10 ? 0 : check) == value_of(d[8]);
}
// Dihedral group of five (Verhoeff 1969).
bool is_aadhaar(std::string_view d) {
    constexpr int multiply[10][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
                                      {2, 3, 4, 0, 1, 7, 8, 9, 5, 6}, {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
                                      {4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
                                      {6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
                                      {8, 7, 6, 5, 9, 3, 2, 1, 0, 4}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
    constexpr int permute[8][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 5, 7, 6, 2, 8, 3, 0, 9, 4},
                                    {5, 8, 0, 3, 7, 9, 6, 1, 4, 2}, {8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
                                    {9, 4, 5, 3, 1, 2, 6, 8, 7, 0}, {4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
                                    {2, 7, 9, 3, 8, 0, 6, 4, 1, 5}, {7, 0, 4, 6, 9, 1, 3, 2, 5, 8}};
    int check = 0;
    for (std::size_t i = 0; i < d.size(); ++i) check = multiply[check][permute[i % 8][value_of(d[d.size() - 1 - i])]];
    return check == 0 && d[0] >= '2';
}

// Numbers of digits alone, by their count, their grouping or their name.
Maybe national_digits_at(std::string_view text, std::size_t at) {
    const char last = before(text, at);
    if (last == '.' || last == '-' || last == '/' || last == '+') return std::nullopt;
    const Grouped number = grouped_at(text, at, 18);
    const std::string& d = number.digits;
    const std::string& g = number.groups;
    const char next = at_or_zero(text, number.end);
    const auto found = [&](std::string_view reason, std::size_t more = 0) {
        return Match{at, number.end + more, Sort::national, reason};
    };
    if (d.size() == 17 && g.size() == 1 && (is_digit(next) || next == 'X' || next == 'x') &&
        ends_there(text, number.end + 1) && is_chinese(d, next))
        return found("Chinese resident number", 1);
    if (d.size() == 18 && g.size() == 1 && ends_there(text, number.end) &&
        is_chinese(std::string_view(d).substr(0, 17), d[17]))
        return found("Chinese resident number");
    if (!ends_there(text, number.end)) {
        // Chile's number ends in a hyphen and a digit or K.
        if (next == '-' && (g == "\2\3\3" || g == "\1\3\3") && number.between == '.' &&
            (at_or_zero(text, number.end + 1) == 'K' || at_or_zero(text, number.end + 1) == 'k'))
            return found("Chilean RUT", 2);
        return std::nullopt;
    }
    switch (d.size()) {
        case 8:
        case 9:
            if ((g == "\2\3\3\1" || g == "\1\3\3\1") && number.between == '?' && text[number.end - 2] == '-') {
                int sum = 0, weight = 2;
                for (std::size_t i = d.size() - 1; i-- > 0; weight = weight == 7 ? 2 : weight + 1)
                    sum += value_of(d[i]) * weight;
                if ((11 - sum % 11) % 11 == value_of(d.back())) return found("Chilean RUT");
            }
            if (d.size() == 8) break;
            if (g == "\3\2\4" && number.between == '-' && d.substr(0, 3) != "000" && d.substr(0, 3) != "666" &&
                d[0] != '9' && d.substr(3, 2) != "00" && d.substr(5) != "0000")
                return found("US social security number");
            if (named(text, at, {"bsn", "burgerservicenummer"}) && is_bsn(d)) return found("Dutch BSN");
            if (named(text, at, {"nif", "contribuinte"}) && is_nif(d)) return found("Portuguese NIF");
            if (named(text, at, {"sin", "social insurance"}) && luhn(d)) return found("Canadian SIN");
            break;
        case 10:
            if (named(text, at, {"nhs"}) && is_nhs(d)) return found("NHS number");
            if (g == "\6\4" && (number.between == '-' || number.between == '+') && luhn(d) &&
                is_day(prefix_of(std::string_view(d).substr(2), 2), prefix_of(std::string_view(d).substr(4), 2) % 60))
                return found("Swedish personal number");
            break;
        case 11:
            if (g == "\3\3\3\2" && number.between == '?' && is_cpf(d)) return found("CPF");
            if (named(text, at, {"cpf"}) && is_cpf(d)) return found("CPF");
            if (g == "\2\2\2\3\2" && is_belgian(d)) return found("Belgian national number");
            if (g == "\2\x8\1" && number.between == '-' && is_cuit(d)) return found("CUIT");
            if (g == "\6\5" && number.between == ' ' && is_fodselsnummer(d)) return found("Norwegian birth number");
            if (g.size() == 1 && is_fodselsnummer(d)) return found("Norwegian birth number");
            if (named(text, at, {"pesel"}) && is_pesel(d)) return found("PESEL");
            if (named(text, at, {"steuer-id", "steuer-idnr", "idnr", "steueridentifikationsnummer", "tax id"}) &&
                is_german_tax(d))
                return found("German tax number");
            if (named(text, at, {"tc kimlik", "kimlik", "tckn"}) && is_turkish(d)) return found("Turkish number");
            break;
        case 12:
            if ((g == "\4\4\4" && number.between == ' ' && is_aadhaar(d)) ||
                (named(text, at, {"aadhaar", "aadhar"}) && is_aadhaar(d)))
                return found("Aadhaar number");
            if (g == "\x8\4" && number.between == '-' && luhn(std::string_view(d).substr(2)) &&
                is_day(prefix_of(std::string_view(d).substr(4), 2), prefix_of(std::string_view(d).substr(6), 2) % 60))
                return found("Swedish personal number");
            break;
        case 13:
            if (g == "\3\4\4\2" && is_swiss(d)) return found("Swiss AHV number");
            if (named(text, at, {"ahv", "avs"}) && is_swiss(d)) return found("Swiss AHV number");
            if (named(text, at, {"rsa id", "south african id"}) && luhn(d)) return found("South African number");
            break;
        case 14:
            if (g == "\2\3\3\4\2" && number.between == '?' && is_cnpj(d)) return found("CNPJ");
            break;
        case 15:
            if ((g.size() == 1 || number.between == ' ') && is_french(d)) return found("French NIR");
            break;
        default: break;
    }
    return std::nullopt;
}

// Spain's: eight digits and a letter that says them mod 23; X, Y, Z stand for a first digit.
Maybe spanish_at(std::string_view text, std::size_t at) {
    constexpr std::string_view letters = "TRWAGMYFPDXBNJZSQVHLCKE";
    const char first = text[at];
    const bool foreigner = first == 'X' || first == 'Y' || first == 'Z';
    if (!foreigner && !is_digit(first)) return std::nullopt;
    std::size_t i = at + (foreigner ? 1 : 0);
    if (foreigner && at_or_zero(text, i) == '-') ++i;
    const std::size_t digits = run_of(text, i, is_digit, 9);
    if (digits != (foreigner ? 7U : 8U)) return std::nullopt;
    const int value = prefix_of(text.substr(i), digits) + (foreigner ? (first - 'X') * 10'000'000 : 0);
    i += digits;
    if (at_or_zero(text, i) == '-') ++i;
    if (at_or_zero(text, i) != letters[static_cast<std::size_t>(value % 23)] || is_word(at_or_zero(text, i + 1)))
        return std::nullopt;
    return Match{at, i + 1, Sort::national, "Spanish DNI"};
}

// Letters at fixed places: Italy's codice fiscale, Mexico's CURP, Finland's, the United Kingdom's.
Maybe lettered_at(std::string_view text, std::size_t at) {
    const auto shaped = [&](std::string_view shape) {
        for (std::size_t i = 0; i < shape.size(); ++i) {
            const char c = at_or_zero(text, at + i);
            const bool fits = shape[i] == 'A'   ? is_upper(c)
                              : shape[i] == '9' ? is_digit(c)
                              : shape[i] == '*' ? is_upper(c) || is_digit(c)
                                                : c == shape[i];
            if (!fits) return false;
        }
        return !is_word(at_or_zero(text, at + shape.size()));
    };
    if (shaped("AAAAAA99A99A999A")) {
        constexpr int odd[] = {1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                               20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
        int sum = 0;
        for (std::size_t i = 0; i < 15; ++i) {
            const char c = text[at + i];
            const int place = is_digit(c) ? value_of(c) : c - 'A';
            sum += i % 2 == 0 ? odd[place] : place;
        }
        if (text[at + 15] - 'A' == sum % 26) return Match{at, at + 16, Sort::national, "codice fiscale"};
    }
    if (shaped("AAAA999999AAAAAA*9") && (text[at + 10] == 'H' || text[at + 10] == 'M'))
        return Match{at, at + 18, Sort::national, "CURP"};
    if (shaped("999999-999*") || shaped("999999A999*")) {
        const char check = "0123456789ABCDEFHJKLMNPRSTUVWXY"[(prefix_of(text.substr(at), 6) * 1000LL +
                                                              prefix_of(text.substr(at + 7), 3)) %
                                                             31];
        if (check == text[at + 10] && is_day(prefix_of(text.substr(at + 2), 2), prefix_of(text.substr(at), 2)))
            return Match{at, at + 11, Sort::national, "Finnish personal number"};
    }
    for (const std::string_view shape : {"AA 99 99 99 A", "AA999999A"})
        if (shaped(shape) &&
            (shape.size() > 9 || named(text, at, {"nino", "ni number", "ni no", "national insurance"})) &&
            std::string_view("DFIQUV").find(text[at]) == std::string_view::npos &&
            std::string_view("DFIOQUV").find(text[at + 1]) == std::string_view::npos &&
            text[at + shape.size() - 1] <= 'D')
            return Match{at, at + shape.size(), Sort::national, "UK national insurance number"};
    return std::nullopt;
}

}  // namespace

bool luhn(std::string_view digits) {
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        int value = value_of(digits[digits.size() - 1 - i]);
        if (i % 2 == 1) value = value > 4 ? value * 2 - 9 : value * 2;
        sum += value;
    }
    return sum % 10 == 0;
}

Maybe number_at(std::string_view text, std::size_t at) {
    using Rule = Maybe (*)(std::string_view, std::size_t);
    constexpr Rule of_digits[] = {card_at, national_digits_at, spanish_at, lettered_at};
    constexpr Rule of_letters[] = {account_at, spanish_at, lettered_at};
    const char c = text[at];
    if (is_digit(c)) {
        for (const Rule rule : of_digits)
            if (const Maybe found = rule(text, at)) return found;
    } else if (is_letter(c)) {
        for (const Rule rule : of_letters)
            if (const Maybe found = rule(text, at)) return found;
    }
    return std::nullopt;
}

}  // namespace lar::consent
