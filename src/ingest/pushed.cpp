#include "ingest/pushed.h"

#include "base/format.h"
#include "base/identity.h"
#include "base/text.h"
#include "ingest/batch.h"
#include "sources/files/passages.h"

namespace lar::ingest {
namespace {

Result<> check(const wire::ApiPush& request) {
    if (request.documents.size() > wire::limit_pushed_documents)
        return fail(Code::too_large, lar::format("at most {} documents in one request", wire::limit_pushed_documents));
    for (const wire::ApiPushedDocument& document : request.documents) {
        if (document.id.empty() || document.id.size() > limit_pushed_id_bytes)
            return fail(Code::invalid, lar::format("a document's id has 1 to {} bytes", limit_pushed_id_bytes));
        if (!is_utf8(document.id) || !is_utf8(document.title) || !is_utf8(document.text))
            return fail(Code::invalid,
                        lar::format("document '{}' is not UTF-8", printable(to_utf8_lossy(document.id))));
    }
    return {};
}

}  // namespace

Result<wire::ApiPushed> push_documents(store::Store& store, const Clock& clock, const Zone& zone,
                                       store::SourceId source, const wire::ApiPush& request) {
    TRY_VOID(check(request));
    wire::ApiPushed pushed;
    Batch batch(store, clock);
    const std::int64_t now_us = clock.now_us();
    for (const wire::ApiPushedDocument& each : request.documents) {
        store::Document document{.source = source,
                                 .kind = store::DocumentKind::pushed,
                                 .path = each.id,
                                 .title = each.title,
                                 .hash = hash_hex(each.title + '\n' + each.text),
                                 .size_bytes = static_cast<std::int64_t>(each.text.size()),
                                 .time = {now_us, zone.offset_min_at(now_us)}};
        if (!each.time.empty()) document.time = TRY(parse_rfc3339(each.time, zone));
        // A title alone is worth finding too.
        const std::string& text = trim(each.text).empty() ? each.title : each.text;
        std::vector<store::NewPassage> passages =
            sources::new_passages(text, {}, each.title, sources::TextShape::prose);
        ++pushed.documents;
        pushed.passages += passages.size();
        TRY_VOID(batch.put(std::move(document), std::move(passages)));
    }
    TRY_VOID(batch.flush());
    return pushed;
}

}  // namespace lar::ingest
