#include "transfer.h"

#include <curl/curl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/format.h"
#include "base/sha256.h"
#include "base/text.h"
#include "order.h"

namespace lar::courier {
namespace {

constexpr std::uint64_t progress_step_bytes = 256 * 1024;  // a slow line is seen to move
constexpr std::size_t limit_refusal_bytes = 16 * 1024;     // of what a server says besides its status when it refuses
constexpr int look_ms = 1000;                              // at its limits of time, at least so often
constexpr long ok = 200, partial_content = 206;

using Easy = std::unique_ptr<CURL, void (*)(CURL*)>;
using List = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

// One of the headers may be a secret.
void wipe_and_free(curl_slist* list) {
    for (curl_slist* one = list; one != nullptr; one = one->next) ::explicit_bzero(one->data, ::strlen(one->data));
    ::curl_slist_free_all(list);
}

Result<List> append(List list, const std::string& line) {
    curl_slist* const longer = ::curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return fail(Code::internal, "curl_slist_append: out of memory");
    static_cast<void>(list.release());
    return List(longer, wipe_and_free);
}

class Carrying {
public:
    Carrying(const wire::Order& order, const Cargo& cargo, const TellProgress& tell, Tally& tally)
        : order_(order), cargo_(cargo), tell_(tell), tally_(tally), easy_(::curl_easy_init(), ::curl_easy_cleanup) {}

    Result<wire::CourierDelivered> run(CURLM* libcurl, const std::vector<std::string>& addresses) {
        if (!easy_) return fail(Code::internal, "curl_easy_init: out of memory");
        TRY_VOID(set_up(addresses));
        const CURLcode code = TRY(perform(libcurl));
        note_facts();
        if (problem_) return std::unexpected(*problem_);
        if (code != CURLE_OK && !stopped_on_purpose_) return std::unexpected(error_of(code));
        return delivered();
    }

private:
    // To the end; the transfer's own code.
    Result<CURLcode> perform(CURLM* libcurl) {
        CURLMcode state = ::curl_multi_add_handle(libcurl, easy_.get());
        for (int running = 1; state == CURLM_OK && running > 0;) {
            state = ::curl_multi_perform(libcurl, &running);
            if (state == CURLM_OK && running > 0) state = ::curl_multi_poll(libcurl, nullptr, 0, look_ms, nullptr);
        }
        int left = 0;
        const CURLMsg* const message = ::curl_multi_info_read(libcurl, &left);
        const CURLcode code =
            message != nullptr && message->msg == CURLMSG_DONE ? message->data.result : CURLE_FAILED_INIT;
        ::curl_multi_remove_handle(libcurl, easy_.get());
        if (state != CURLM_OK)
            return fail(Code::internal, lar::format("libcurl gave up: {}", ::curl_multi_strerror(state)));
        return code;
    }

    template <class Value>
    void set(CURLoption option, Value value) {
        if (const CURLcode code = ::curl_easy_setopt(easy_.get(), option, value); code != CURLE_OK && !problem_)
            problem_ = Error{Code::internal, lar::format("libcurl refuses option {}: {}", static_cast<int>(option),
                                                         ::curl_easy_strerror(code))};
    }

    Result<> set_up(const std::vector<std::string>& addresses) {
        const std::string url = url_of(order_);
        set(CURLOPT_URL, url.c_str());
        set(CURLOPT_PROTOCOLS_STR, order_.scheme == wire::Scheme::https ? "https" : "http");
        set(CURLOPT_FOLLOWLOCATION, 0L);
        set_proxy();
        set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
        set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_BUFFERSIZE, 256L * 1024);
        set(CURLOPT_PATH_AS_IS, 1L);
        set(CURLOPT_ERRORBUFFER, error_text_.data());
        TRY_VOID(set_addresses(addresses));
        TRY_VOID(set_headers());
        set_trust();
        set_limits();
        set_body();
        if (problem_) return std::unexpected(*problem_);
        return {};
    }

    // Its way in is plain, and nothing but the host's name goes to it: no header of the order's, and no secret.
    void set_proxy() {
        if (order_.proxy) {
            const bool six = order_.proxy->host.contains(':');
            proxy_ =
                lar::format("http://{}{}{}:{}", six ? "[" : "", order_.proxy->host, six ? "]" : "", order_.proxy->port);
            set(CURLOPT_HTTPPROXYTUNNEL, 1L);
            set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
            set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
        }
        set(CURLOPT_PROXY, proxy_.c_str());  // empty: none, whatever the environment says
        set(CURLOPT_NOPROXY, "");
    }

    Result<> set_addresses(const std::vector<std::string>& addresses) {
        const NextHop hop = next_hop(order_);
        std::string line = lar::format("{}:{}:", hop.host, hop.port);
        for (std::size_t i = 0; i < addresses.size(); ++i) {
            const bool six = addresses[i].contains(':');
            line += lar::format("{}{}{}{}", i == 0 ? "" : ",", six ? "[" : "", addresses[i], six ? "]" : "");
        }
        // An address in digits is no entry: it stands in the URL.
        if (hop.host.contains(':')) return {};
        addresses_ = TRY(append(std::move(addresses_), line));
        set(CURLOPT_RESOLVE, addresses_.get());
        return {};
    }

    Result<> set_headers() {
        for (const wire::OrderHeader& header : order_.headers)
            headers_ = TRY(append(std::move(headers_), lar::format("{}: {}", header.name, header.value)));
        if (!order_.secret_header.empty()) {
            std::string line = lar::format("{}: {}{}", order_.secret_header, order_.secret_prefix, cargo_.secret);
            Result<List> longer = append(std::move(headers_), line);
            ::explicit_bzero(line.data(), line.size());
            headers_ = TRY(std::move(longer));
        }
        // libcurl's own, which no order asked for.
        headers_ = TRY(append(std::move(headers_), "Expect:"));
        set(CURLOPT_HTTPHEADER, headers_.get());
        return {};
    }

    void set_trust() {
        set(CURLOPT_SSL_VERIFYPEER, 1L);
        set(CURLOPT_SSL_VERIFYHOST, 2L);
        set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        set(CURLOPT_CAINFO, static_cast<const char*>(nullptr));
        set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
        if (order_.scheme == wire::Scheme::http) return;
        curl_blob blob{.data = const_cast<char*>(cargo_.authorities.data()),  // libcurl reads it; its type is older
                       .len = cargo_.authorities.size(),
                       .flags = CURL_BLOB_NOCOPY};
        set(CURLOPT_CAINFO_BLOB, &blob);
    }

    void set_limits() {
        set(CURLOPT_TIMEOUT, static_cast<long>(order_.limit_s));
        set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(order_.connect_s));
        set(CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(order_.slow_bytes_per_s));
        set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(order_.slow_s));
    }

    void set_body() {
        if (order_.method == wire::Method::head) set(CURLOPT_NOBODY, 1L);
        if (order_.method == wire::Method::post) {
            set(CURLOPT_POST, 1L);
            set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(cargo_.payload.size()));
            set(CURLOPT_READFUNCTION, &Carrying::on_wish);
            set(CURLOPT_READDATA, this);
        }
        if (order_.from_bytes > 0) {
            range_ = lar::format("{}-", order_.from_bytes);
            set(CURLOPT_RANGE, range_.c_str());
        }
        set(CURLOPT_WRITEFUNCTION, &Carrying::on_bytes);
        set(CURLOPT_WRITEDATA, this);
    }

    static std::size_t on_bytes(char* bytes, std::size_t one, std::size_t count, void* self) {
        const bool taken = static_cast<Carrying*>(self)->take(std::string_view(bytes, one * count));
        return taken ? one * count : CURL_WRITEFUNC_ERROR;
    }

    // Given away piece by piece, and each once: there is no way to wind it back.
    static std::size_t on_wish(char* room, std::size_t one, std::size_t count, void* self) {
        return static_cast<Carrying*>(self)->give(std::span(room, one * count));
    }
    std::size_t give(std::span<char> room) {
        const std::string_view piece = std::string_view(cargo_.payload).substr(given_bytes_, room.size());
        std::ranges::copy(piece, room.begin());
        given_hash_.add(piece);
        given_bytes_ += piece.size();
        return piece.size();
    }

    bool stop(Error problem) {
        problem_ = std::move(problem);
        return false;
    }

    bool take(std::string_view bytes) {
        if (status_ == 0) {
            ::curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status_);
            if (!decide()) return false;
        }
        if (!to_file_ && status_ != ok) return take_refusal(bytes);
        const std::uint64_t limit =
            to_file_ ? order_.limit_bytes : std::min<std::uint64_t>(order_.limit_bytes, wire::limit_reply_bytes);
        if (bytes.size() > limit - tally_.bytes_in)
            return stop({Code::too_large,
                         lar::format("{} sends more than the {} bytes that it was to send", order_.host, limit)});
        if (to_file_) {
            if (const Result<> written = write_all(cargo_.file.number(), bytes); !written) return stop(written.error());
        } else {
            body_ += bytes;
        }
        hash_.add(bytes);
        tally_.bytes_in += bytes.size();
        if (tally_.bytes_in < told_bytes_ + progress_step_bytes) return true;
        told_bytes_ = tally_.bytes_in;
        if (const Result<> told = tell_(told_bytes_); !told) return stop(told.error());
        return true;
    }

    // Where the body goes, which the status says.
    bool decide() {
        if (!order_.writes_file || (status_ != ok && status_ != partial_content)) return true;
        if (order_.from_bytes == 0) {
            if (status_ == partial_content)
                return stop({Code::corrupt, lar::format("{} sends a part where the whole was asked for", order_.host)});
        } else if (status_ == ok) {
            whole_file_ = stopped_on_purpose_ = true;
            return false;
        } else if (!goes_on_where_asked()) {
            return stop({Code::corrupt, lar::format("{} sends another part than the one asked for", order_.host)});
        }
        to_file_ = true;
        return true;
    }

    bool goes_on_where_asked() const {
        std::string_view range = header("content-range");  // bytes 100-199/200
        if (!range.starts_with("bytes ")) return false;
        range.remove_prefix(6);
        std::uint64_t from = 0;
        const auto [end, error] = std::from_chars(range.data(), range.data() + range.size(), from);
        return error == std::errc() && end != range.data() + range.size() && *end == '-' && from == order_.from_bytes;
    }

    bool take_refusal(std::string_view bytes) {
        const std::size_t room = limit_refusal_bytes - std::min(limit_refusal_bytes, body_.size());
        body_ += bytes.substr(0, room);
        if (bytes.size() <= room) return true;
        stopped_on_purpose_ = true;  // nobody reads more of an error page
        return false;
    }

    std::string_view header(const char* name) const {
        curl_header* found = nullptr;
        if (::curl_easy_header(easy_.get(), name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return {};
        return found->value;
    }

    // What a server asks for before it answers; of several ways the one that Lar knows.
    std::string challenge() const {
        curl_header* found = nullptr;
        for (std::size_t i = 0; i < wire::limit_order_headers; ++i) {
            if (::curl_easy_header(easy_.get(), "www-authenticate", i, CURLH_HEADER, -1, &found) != CURLHE_OK) break;
            if (to_lower_ascii(std::string_view(found->value).substr(0, 7)) == "bearer ") return found->value;
        }
        return {};
    }

    void note_facts() {
        const char* address = nullptr;
        if (::curl_easy_getinfo(easy_.get(), CURLINFO_PRIMARY_IP, &address) == CURLE_OK && address != nullptr)
            tally_.address = address;
        curl_off_t sent = 0;
        if (::curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_UPLOAD_T, &sent) == CURLE_OK)
            tally_.bytes_out = static_cast<std::uint64_t>(sent);
    }

    Result<wire::CourierDelivered> delivered() {
        ::curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status_);
        const char* redirect = nullptr;
        ::curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &redirect);
        wire::CourierDelivered out{.status = static_cast<std::uint32_t>(status_),
                                   .bytes_in = tally_.bytes_in,
                                   .bytes_out = tally_.bytes_out,
                                   .sha256 = hash_.finish(),
                                   .sent_sha256 = order_.sends_payload ? given_hash_.finish() : std::string(),
                                   .address = tally_.address,
                                   .body = to_utf8_lossy(body_),
                                   .location = redirect != nullptr ? redirect : "",
                                   .authenticate = challenge(),
                                   .whole_file = whole_file_};
        const bool success = status_ == ok || status_ == partial_content;
        if (success && !whole_file_ && !order_.expected_sha256.empty() && out.sha256 != order_.expected_sha256)
            return fail(Code::conflict, lar::format("{} sent sha256:{} where sha256:{} was to come", order_.host,
                                                    out.sha256, order_.expected_sha256));
        for (std::string* const text : {&out.location, &out.authenticate})
            if (text->size() > wire::limit_order_text_bytes || !is_utf8(*text)) text->clear();
        return out;
    }

    Error error_of(CURLcode code) const {
        std::string why = error_text_.front() != '\0' ? error_text_.data() : ::curl_easy_strerror(code);
        why = printable(utf8_prefix(to_utf8_lossy(why), 300));
        const std::string place = lar::format("{}:{}", order_.host, order_.port);
        switch (code) {
            case CURLE_PEER_FAILED_VERIFICATION:
            case CURLE_SSL_CONNECT_ERROR:
                return {Code::denied, lar::format("{} cannot be trusted, and nothing was sent to it: {}", place, why)};
            case CURLE_SSL_CACERT_BADFILE:
                return {Code::invalid, lar::format("the list of certificate authorities does not read: {}", why)};
            case CURLE_OPERATION_TIMEDOUT: return {Code::timeout, lar::format("{} is too slow: {}", place, why)};
            case CURLE_PARTIAL_FILE:
            case CURLE_RECV_ERROR:
            case CURLE_GOT_NOTHING: return {Code::unavailable, lar::format("{} broke off: {}", place, why)};
            case CURLE_OUT_OF_MEMORY: return {Code::internal, "libcurl ran out of memory"};
            default:
                return {Code::unavailable, order_.proxy
                                               ? lar::format("{} cannot be reached through the proxy {}:{}: {}", place,
                                                             order_.proxy->host, order_.proxy->port, why)
                                               : lar::format("{} cannot be reached: {}", place, why)};
        }
    }

    const wire::Order& order_;
    const Cargo& cargo_;
    const TellProgress& tell_;
    Tally& tally_;
    Easy easy_;
    List headers_{nullptr, wipe_and_free}, addresses_{nullptr, wipe_and_free};
    std::string range_, proxy_;
    std::array<char, CURL_ERROR_SIZE> error_text_{};
    long status_ = 0;
    bool to_file_ = false, whole_file_ = false, stopped_on_purpose_ = false;
    std::string body_;
    Sha256 hash_;
    std::size_t given_bytes_ = 0;
    Sha256 given_hash_;
    std::uint64_t told_bytes_ = 0;
    std::optional<Error> problem_;
};

}  // namespace

Result<> prepare_libraries() {
    if (const CURLcode code = ::curl_global_init(CURL_GLOBAL_DEFAULT); code != CURLE_OK)
        return fail(Code::internal, lar::format("libcurl cannot be set up: {}", ::curl_easy_strerror(code)));
    return {};
}

Result<Libcurl> prepare_libcurl() {
    Libcurl libcurl(::curl_multi_init(), [](void* one) { ::curl_multi_cleanup(one); });
    if (!libcurl) return fail(Code::internal, "curl_multi_init: out of memory");
    return libcurl;
}

Result<wire::CourierDelivered> carry(Libcurl& libcurl, const wire::Order& order, const Cargo& cargo,
                                     const std::vector<std::string>& addresses, const TellProgress& tell,
                                     Tally& tally) {
    return Carrying(order, cargo, tell, tally).run(libcurl.get(), addresses);
}

}  // namespace lar::courier
