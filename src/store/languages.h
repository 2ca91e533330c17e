// Which language a stored passage is in, told from what the store holds of it: the same for whoever indexed it
// (sources/), whoever indexes it again (reindexing.h) and whoever reads it for a question.
//
// Rows of a change are taken for code, as most are, also where the file is prose in some language; so are lists of
// branches.
#pragma once

#include "index/analysis.h"
#include "store/records.h"

namespace lar::store {

index::Language language_of(const Document& document, const Passage& passage);
// Its text, analysed in its language.
index::PassageTokens analyse(const Document& document, const Passage& passage);

}  // namespace lar::store
