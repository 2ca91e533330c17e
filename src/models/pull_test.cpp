#include "models/pull.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/format.h"
#include "base/sha256.h"
#include "base/text.h"
#include "models/testing.h"
#include "wire/codec.h"

namespace lar::models {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// Servers, each a function from what is asked to what it answers, and a courier that does to files what the real one
// does. "CUT" at the end of a body: it breaks off there.
struct Answer {
    std::uint32_t status = 200;
    std::string body;
    std::string location, authenticate;
    bool knows_ranges = true;
};
class StandIn final : public Courier {
public:
    using Serve = std::function<Answer(const wire::Order&)>;
    std::map<std::string, Serve> hosts;
    std::vector<wire::Order> asked;

    Result<wire::CourierDelivered> carry(const wire::Order& order, std::span<const int> files,
                                         const Watch& watch) override {
        const std::lock_guard lock(mutex_);  // the servers of a test are asked one at a time
        asked.push_back(order);
        if (watch.cancelled->load()) return fail(Code::unavailable, "cancelled");
        const auto host = hosts.find(lar::format("{}:{}", order.host, order.port));
        if (host == hosts.end()) return fail(Code::unavailable, order.host + " cannot be reached");
        const Answer answer = host->second(order);
        wire::CourierDelivered out{.status = answer.status,
                                   .sha256 = sha256_hex(answer.body),
                                   .location = answer.location,
                                   .authenticate = answer.authenticate};
        if (!order.writes_file || answer.status != 200) {
            out.body = answer.body;
            return out;
        }
        if (order.from_bytes > 0 && !answer.knows_ranges) {
            out.whole_file = true;
            return out;
        }
        const bool cut = answer.body.ends_with("CUT");
        std::string bytes = cut ? answer.body.substr(0, answer.body.size() - 3) : answer.body;
        bytes.erase(0, order.from_bytes);
        if (bytes.size() > order.limit_bytes) return fail(Code::too_large, "more than promised");
        out.bytes_in = bytes.size();
        if (::pwrite(files.front(), bytes.data(), bytes.size(), static_cast<off_t>(order.from_bytes)) < 0)
            return fail(Code::internal, "pwrite");
        if (watch.progress) watch.progress(bytes.size());
        if (cut) return fail(Code::unavailable, order.host + " broke off");
        if (!order.expected_sha256.empty() && sha256_hex(bytes) != order.expected_sha256)
            return fail(Code::conflict, "other bytes");
        return out;
    }

    std::vector<std::string> targets() const {
        std::vector<std::string> out;
        for (const wire::Order& order : asked) out.push_back(order.target);
        return out;
    }

private:
    std::mutex mutex_;
};

std::string header(const wire::Order& order, std::string_view name) {
    for (const wire::OrderHeader& one : order.headers)
        if (one.name == name) return one.value;
    return "";
}

class NoFacts final : public FactsReader {
public:
    Result<wire::Facts> facts(Fd) override { return wire::Facts{.architecture = "llama"}; }
    Result<std::vector<wire::TensorFact>> tensors(Fd) override { return std::vector<wire::TensorFact>{}; }
};

class Pull : public testing::Test {
protected:
    Pull() {
        catalogue_ = must(Catalogue::open({.folder = own(), .others = {}}, facts_, clock_));
        courier_.hosts["models.example:443"] = [this](const wire::Order& order) { return registry(order); };
    }
    fs::path own() const { return folder_.path() / "own"; }

    // A registry with one model of these two blobs.
    Answer registry(const wire::Order& order) {
        if (order.target == "/v2/ana/tiny/manifests/latest") return {.body = manifest_};
        for (const std::string* const blob : {&model_, &config_})
            if (order.target == "/v2/ana/tiny/blobs/sha256:" + sha256_hex(*blob)) return {.body = *blob};
        return {.status = 404};
    }
    static wire::ModelLayer layer(std::string_view type, const std::string& bytes) {
        return {.media_type = std::string(type), .digest = digest_of(sha256_hex(bytes)), .size = bytes.size()};
    }
    std::string manifest_of(const std::string& model, const std::string& config) {
        return wire::to_json(wire::ModelManifest{.media_type = std::string(media::manifest),
                                                 .config = layer(media::config, config),
                                                 .layers = {layer(media::model, model)}});
    }
    Result<> pull(std::string name = "models.example/ana/tiny", bool trusted = true) {
        Puller puller(
            courier_, *catalogue_,
            {.folder = own(), .reserve_bytes = reserve_bytes_, .servers = servers_, .tries = 3, .pause_ms = 0});
        said_.clear();
        return puller.pull({.name = std::move(name), .trusted = trusted}, cancelled_,
                           [this](const wire::OllamaStatus& status) -> Result<> {
                               if (said_.empty() || said_.back() != status.status) said_.push_back(status.status);
                               return {};
                           });
    }
    std::string refusal() {
        const Result<> pulled = pull();
        EXPECT_FALSE(catalogue_->exists(must(parse_reference("models.example/ana/tiny"))));
        return pulled ? "pulled" : pulled.error().message;
    }
    fs::path partial(const std::string& bytes) const { return own() / "partial" / ("sha256-" + sha256_hex(bytes)); }
    std::string blob_bytes(const std::string& bytes) const {
        return read_file(blob_path(own(), sha256_hex(bytes)), 1 << 20).value_or("none");
    }

    Folder folder_;
    NoFacts facts_;
    HandClock clock_;
    std::unique_ptr<Catalogue> catalogue_;
    StandIn courier_;
    Servers servers_;
    std::uint64_t reserve_bytes_ = 0;
    std::atomic<bool> cancelled_ = false;
    std::vector<std::string> said_;
    std::string model_ = "GGUF" + std::string(5000, 'm'), config_ = R"({"model_format":"gguf"})";
    std::string manifest_ = manifest_of(model_, config_);
};

TEST_F(Pull, AModelComesWholeAndIsFoundByItsName) {
    const Result<> pulled = pull();
    ASSERT_TRUE(pulled) << pulled.error().message;
    EXPECT_EQ(said_.front(), "pulling manifest");
    EXPECT_THAT(said_, Contains("pulling " + sha256_hex(model_).substr(0, 12)));
    EXPECT_EQ(std::vector(said_.end() - 2, said_.end()),
              (std::vector<std::string>{"verifying sha256 digest", "writing manifest"}));
    const Model model = must(catalogue_->find(must(parse_reference("models.example/ana/tiny"))));
    EXPECT_EQ(model.digest, sha256_hex(manifest_));
    EXPECT_EQ(blob_bytes(model_), model_);
    EXPECT_TRUE(fs::is_empty(own() / "partial"));
    // Again: only the manifest is asked for.
    courier_.asked.clear();
    ASSERT_TRUE(pull());
    EXPECT_THAT(courier_.targets(), ElementsAre("/v2/ana/tiny/manifests/latest"));
}

TEST_F(Pull, WhatBrokeOffGoesOnWhereItStopped) {
    int asked = 0;
    courier_.hosts["models.example:443"] = [&](const wire::Order& order) {
        Answer answer = registry(order);
        if (answer.body == model_ && ++asked <= 3)
            answer.body = model_.substr(0, 1000U * static_cast<unsigned>(asked)) + "CUT";
        return answer;
    };
    const Result<> pulled = pull();
    ASSERT_TRUE(pulled) << pulled.error().message;
    std::vector<std::uint64_t> from;
    for (const wire::Order& order : courier_.asked)
        if (order.target.ends_with(sha256_hex(model_))) from.push_back(order.from_bytes);
    EXPECT_THAT(from, ElementsAre(0U, 1000U, 2000U, 3000U));
    EXPECT_EQ(blob_bytes(model_), model_);
}

TEST_F(Pull, WhatAnEarlierPullFetchedIsNotFetchedAgain) {
    courier_.hosts["models.example:443"] = [&](const wire::Order& order) {
        Answer answer = registry(order);
        if (answer.body == model_)
            answer.body = model_.substr(0, order.from_bytes == 0 ? 1234 : order.from_bytes) + "CUT";
        return answer;
    };
    EXPECT_THAT(refusal(), HasSubstr("goes on from there"));
    EXPECT_EQ(fs::file_size(partial(model_)), 1234U);
    // The daemon was started again meanwhile.
    catalogue_ = must(Catalogue::open({.folder = own(), .others = {}}, facts_, clock_));
    courier_.hosts["models.example:443"] = [this](const wire::Order& order) { return registry(order); };
    courier_.asked.clear();
    ASSERT_TRUE(pull());
    const auto& asked = courier_.asked;
    EXPECT_TRUE(std::ranges::any_of(asked, [](const wire::Order& order) { return order.from_bytes == 1234; }));
    EXPECT_EQ(blob_bytes(model_), model_);
}

TEST_F(Pull, AServerThatKnowsNoRangesSendsAllOfItAgain) {
    bool cut = true;
    courier_.hosts["models.example:443"] = [&](const wire::Order& order) {
        Answer answer = registry(order);
        answer.knows_ranges = false;
        if (answer.body == model_ && std::exchange(cut, false)) answer.body = model_.substr(0, 100) + "CUT";
        return answer;
    };
    ASSERT_TRUE(pull());
    EXPECT_EQ(blob_bytes(model_), model_);
}

TEST_F(Pull, OtherBytesThanPromisedAreRemovedAndSaid) {
    courier_.hosts["models.example:443"] = [&](const wire::Order& order) {
        Answer answer = registry(order);
        if (answer.body == model_) answer.body.back() = 'x';
        return answer;
    };
    EXPECT_THAT(refusal(),
                HasSubstr("digest mismatch, file must be downloaded again: want sha256:" + sha256_hex(model_)));
    EXPECT_FALSE(fs::exists(partial(model_)));
    // The same for what lay there from an earlier time.
    courier_.hosts["models.example:443"] = [this](const wire::Order& order) { return registry(order); };
    folder_.write("own/partial/sha256-" + sha256_hex(model_), std::string(100, 'x'));
    EXPECT_THAT(refusal(), HasSubstr("digest mismatch"));
    EXPECT_TRUE(pull());
}

TEST_F(Pull, ARedirectIsFollowedWithoutTheToken) {
    courier_.hosts["models.example:443"] = [&](const wire::Order& order) {
        if (header(order, "Authorization") != "Bearer t0ken")
            return Answer{.status = 401, .authenticate = R"(Bearer realm="https://auth.models.example/t",scope="x")"};
        if (order.target.ends_with(sha256_hex(model_)))
            return Answer{.status = 307, .location = "https://storage.test/blob?signature=1"};
        return registry(order);
    };
    courier_.hosts["auth.models.example:443"] = [](const wire::Order& order) {
        EXPECT_EQ(order.target, "/t?scope=x");
        return Answer{.body = R"({"token":"t0ken","expires_in":300})"};
    };
    courier_.hosts["storage.test:443"] = [&](const wire::Order& order) {
        EXPECT_EQ(header(order, "Authorization"), "");
        EXPECT_EQ(order.target, "/blob?signature=1");
        return Answer{.body = model_};
    };
    const Result<> pulled = pull();
    ASSERT_TRUE(pulled) << pulled.error().message;
    EXPECT_EQ(blob_bytes(model_), model_);
}

TEST_F(Pull, ARedirectToWhereNobodyShouldGoIsRefused) {
    for (const char* const location :
         {"http://storage.test/x", "https://127.0.0.1/x", "https://localhost:8080/", "ftp://a.test/", "nonsense"}) {
        courier_.hosts["models.example:443"] = [&](const wire::Order&) {
            return Answer{.status = 302, .location = location};
        };
        const Result<> pulled = pull();
        ASSERT_FALSE(pulled) << location;
        EXPECT_THAT(pulled.error().message, HasSubstr("sends on to")) << location;
    }
    courier_.hosts["models.example:443"] = [](const wire::Order&) {
        return Answer{.status = 302, .location = "https://models.example/again"};
    };
    EXPECT_THAT(refusal(), HasSubstr("sends on and on"));
}

TEST_F(Pull, ServersThatEverybodyUsesLeadNowhereInside) {
    servers_.registry = "https://models.example";
    courier_.hosts["models.example:443"] = [&](const wire::Order& order) {
        return order.target.contains("manifests")
                   ? Answer{.body = manifest_}
                   : Answer{.status = 307, .location = "https://storage.test" + order.target};
    };
    courier_.hosts["storage.test:443"] = [&](const wire::Order& order) {
        EXPECT_EQ(order.reach, wire::Reach::internet);
        for (const std::string* const blob : {&model_, &config_})
            if (order.target.ends_with(sha256_hex(*blob))) return Answer{.body = *blob};
        return Answer{.status = 404};
    };
    const Result<> pulled = pull("tiny", false);
    ASSERT_TRUE(pulled) << pulled.error().message;
    EXPECT_TRUE(catalogue_->exists(must(parse_reference("tiny"))));
}

TEST_F(Pull, AManifestThatClaimsAFileOfThisMachineIsRefused) {
    wire::ModelManifest manifest = must(parse_manifest(manifest_));
    set_adopted(manifest.layers.front(), {.path = "/etc/passwd", .modified_ns = 1});
    manifest_ = wire::to_json(manifest);
    EXPECT_THAT(refusal(), HasSubstr("cannot know"));
    manifest.layers.front().annotations.reset();
    manifest.layers.front().media_type = "application/vnd.ollama.image.tensor";
    manifest_ = wire::to_json(manifest);
    EXPECT_THAT(refusal(), HasSubstr("no GGUF file"));
    manifest_ = R"({"layers":[]})";
    EXPECT_THAT(refusal(), HasSubstr("invalid digest"));
    EXPECT_TRUE(fs::is_empty(own() / "partial"));
}

TEST_F(Pull, OnlyWhoMayReadTheUsersFilesNamesAnyServer) {
    const Result<> pulled = pull("models.example/ana/tiny", false);
    ASSERT_FALSE(pulled);
    EXPECT_EQ(pulled.error().code, Code::denied);
    EXPECT_TRUE(courier_.asked.empty());
}

TEST_F(Pull, WithoutRoomNothingIsFetched) {
    reserve_bytes_ = std::uint64_t{1} << 60;
    EXPECT_THAT(refusal(), HasSubstr("the disk is full"));
    EXPECT_THAT(courier_.targets(), ElementsAre("/v2/ana/tiny/manifests/latest"));
}

TEST_F(Pull, AnUnknownModelIsSaidAsOllamaSaysIt) {
    const Result<> pulled = pull("models.example/ana/other");
    ASSERT_FALSE(pulled);
    EXPECT_EQ(pulled.error().code, Code::not_found);
    EXPECT_EQ(pulled.error().message, "pull model manifest: file does not exist");
}

TEST_F(Pull, WhoeverGoesAwayEndsItAndWhatCameIsKept) {
    courier_.hosts["models.example:443"] = [&](const wire::Order& order) {
        Answer answer = registry(order);
        if (answer.body == model_) {
            answer.body = model_.substr(0, 700) + "CUT";
            cancelled_ = true;
        }
        return answer;
    };
    EXPECT_THAT(refusal(), HasSubstr("cancelled"));
    EXPECT_EQ(fs::file_size(partial(model_)), 700U);
}

TEST_F(Pull, ARepositoryOfTheHubBecomesAModel) {
    servers_.hub = "https://hub.example";
    courier_.hosts["hub.example:443"] = [&](const wire::Order& order) {
        if (order.target == "/api/models/ana/tiny-GGUF?blobs=true")
            return Answer{.body = lar::format(R"({{"id":"x","sha":"c0ffee","siblings":[)"
                                              R"({{"rfilename":".gitattributes","size":5,"blobId":"1"}},)"
                                              R"({{"rfilename":"tiny-Q8_0.gguf","size":9,"lfs":{{"sha256":"{}",)"
                                              R"("size":{},"pointerSize":1}}}}]}})",
                                              sha256_hex(model_), model_.size())};
        if (order.target == "/ana/tiny-GGUF/resolve/c0ffee/tiny-Q8_0.gguf") return Answer{.body = model_};
        return Answer{.status = 404};
    };
    const Result<> pulled = pull("hf:ana/tiny-GGUF:Q8_0", false);
    ASSERT_TRUE(pulled) << pulled.error().message;
    const Model model = must(catalogue_->find(must(parse_reference("hf:ana/tiny-GGUF:Q8_0"))));
    EXPECT_EQ(model.config.file_type, "Q8_0");
    ASSERT_EQ(model.parts.size(), 1U);
    EXPECT_EQ(model.parts.front().hex, sha256_hex(model_));
}

}  // namespace
}  // namespace lar::models
