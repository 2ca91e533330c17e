#include "store/languages.h"

namespace lar::store {
namespace {

bool is_no_prose(const Document& document, const Passage& passage) {
    if (document.kind == DocumentKind::file || document.kind == DocumentKind::pushed) return false;
    return document.kind == DocumentKind::branch || !passage.path.empty();
}

index::Around around(const Document& document, const Passage& passage) {
    return {.context = passage.context, .title = document.title};
}

}  // namespace

index::Language language_of(const Document& document, const Passage& passage) {
    if (is_no_prose(document, passage)) return index::Language::english;
    return index::language_of_passage(passage.text, around(document, passage));
}

index::PassageTokens analyse(const Document& document, const Passage& passage) {
    if (is_no_prose(document, passage)) return {index::Language::english, index::analyse(passage.text)};
    return index::analyse_passage(passage.text, around(document, passage));
}

}  // namespace lar::store
