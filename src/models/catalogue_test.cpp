#include "models/catalogue.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <set>

#include "base/format.h"
#include "base/identity.h"
#include "base/sha256.h"
#include "models/memory.h"
#include "models/testing.h"
#include "sandbox/testing.h"
#include "wire/codec.h"

namespace lar::models {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::size_t limit_test_file_bytes = 8 * 1024 * 1024;

// Says of a file what its first words say: "model", "adapter", "clip" and, of a split one, how many files.
class FirstWords final : public FactsReader {
public:
    Result<wire::Facts> facts(Fd file) override {
        ++asked;
        const std::string bytes = TRY(read_fd(file.number(), limit_test_file_bytes));
        wire::Facts out{.architecture = "llama",
                        .parameters = 1'235'814'432,
                        .quantization = "Q4_K - Medium",
                        .file_bytes = bytes.size(),
                        .context_tokens = 4096,
                        .chat_template = "{{ messages }}"};
        if (bytes.starts_with("split"))
            out.parts = 2;
        else if (bytes.starts_with("adapter"))
            out.adapter = true;
        else if (bytes.starts_with("clip"))
            out.architecture = "clip";
        else if (!bytes.starts_with("model"))
            return fail(Code::corrupt, "not a GGUF file");
        return out;
    }
    Result<std::vector<wire::TensorFact>> tensors(Fd file) override {
        const std::string bytes = TRY(read_fd(file.number(), limit_test_file_bytes));
        return std::vector<wire::TensorFact>{{.name = bytes, .type = "F32", .shape = {1}}};
    }
    int asked = 0;
};

class CatalogueTest : public testing::Test {
protected:
    CatalogueTest() { reopen(); }

    void reopen() {
        catalogue_.reset();
        catalogue_ = must(Catalogue::open({.folder = folder_.path() / "own", .others = {folder_.path() / "ollama"}},
                                          reader_, clock_));
    }
    static Reference name(std::string_view text) { return must(parse_reference(text)); }
    Model create(std::string_view model, CreateModel request) {
        request.name = name(model);
        return must(catalogue_->create(request, {}));
    }
    std::string refusal_of(CreateModel request) {
        request.name = name("refused");
        const auto created = catalogue_->create(request, {});
        EXPECT_FALSE(catalogue_->exists(request.name));
        return created ? "created" : created.error().message;
    }
    std::size_t blobs() const { return count(folder_.path() / "own/blobs"); }
    static std::size_t count(const fs::path& folder) {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
    }
    std::vector<std::string> names() {
        std::vector<std::string> out;
        for (const Listed& one : catalogue_->list()) out.push_back(short_form(one.reference));
        std::ranges::sort(out);
        return out;
    }
    // As an Ollama store has it, with a file of these bytes.
    void add_to_ollama(const std::string& model, const std::string& bytes, const std::string& config = "{}") {
        const fs::path store = folder_.path() / "ollama";
        const std::string model_hex = must(write_small_blob(store, bytes));
        const std::string params = R"({"num_ctx":2048,"f16_kv":true})";
        const wire::ModelManifest manifest{
            .config = {.media_type = "c",
                       .digest = digest_of(must(write_small_blob(store, config))),
                       .size = config.size()},
            .layers = {
                {std::string(media::model), digest_of(model_hex), bytes.size(), {}},
                {std::string(media::params), digest_of(must(write_small_blob(store, params))), params.size(), {}}}};
        folder_.write(lar::format("ollama/manifests/{}/library/{}", default_host, model), wire::to_json(manifest));
    }

    Folder folder_;
    FirstWords reader_;
    HandClock clock_;
    std::unique_ptr<Catalogue> catalogue_;
};

TEST_F(CatalogueTest, AFileIsUsedWhereItLiesAndFoundByName) {
    const fs::path file = folder_.write("tiny.gguf", "model bytes");
    const Model created = create("tiny", {.from = {file}});
    EXPECT_EQ(created.parts.at(0).path, fs::canonical(file));
    EXPECT_EQ(created.parts.at(0).hex, sha256_hex("model bytes"));
    reopen();
    const Model model = must(catalogue_->find(name("TINY:latest")));
    EXPECT_EQ(short_form(model.reference), "tiny:latest");
    EXPECT_EQ(model.details.parameter_size, "1.2B");
    EXPECT_EQ(model.details.quantization_level, "Q4_K_M");
    EXPECT_EQ(model.size_bytes, std::string_view("model bytes").size() + wire::to_json(model.config).size());
    EXPECT_EQ(must(read_fd(must(open_files(model)).parts.at(0).number(), 100)), "model bytes");
    EXPECT_FALSE(fs::exists(blob_path(folder_.path() / "own", model.parts[0].hex)));
    EXPECT_EQ(reader_.asked, 1);  // and kept since
}

TEST_F(CatalogueTest, ACopyStaysWhenTheFileGoes) {
    const fs::path file = folder_.write("tiny.gguf", "model bytes");
    create("tiny", {.from = {file}, .keeping = Keeping::copy});
    fs::remove(file);
    const Model model = must(catalogue_->find(name("tiny")));
    EXPECT_EQ(must(read_fd(must(open_files(model)).parts.at(0).number(), 100)), "model bytes");
    EXPECT_EQ(fs::status(model.parts[0].path).permissions(), fs::perms(0600));
}

TEST_F(CatalogueTest, AnAdoptedFileThatChangedOrWentIsReportedAndNotServed) {
    const fs::path file = folder_.write("tiny.gguf", "model bytes");
    create("tiny", {.from = {file}});
    const Model model = must(catalogue_->find(name("tiny")));

    folder_.write("tiny.gguf", "model bytes and more");
    EXPECT_EQ(open_files(model).error().code, Code::conflict);
    EXPECT_THAT(open_files(model).error().message, HasSubstr("had 11 bytes and has 20"));

    folder_.write("tiny.gguf", "model BYTES");  // the same size
    const timespec times[2] = {{1, 0}, {1, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
    EXPECT_THAT(open_files(model).error().message, HasSubstr("was written to since"));

    fs::remove(file);
    EXPECT_EQ(open_files(model).error().code, Code::not_found);
    const auto listed = catalogue_->list();
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_THAT(listed[0].problem, HasSubstr("is gone"));
    EXPECT_EQ(listed[0].details.parameter_size, "1.2B");
}

TEST_F(CatalogueTest, AModelOfAModelKeepsWhatIsNotSaidAnew) {
    const fs::path file = folder_.write("tiny.gguf", "model bytes");
    CreateModel first{
        .from = {file}, .system = "Be terse.", .messages = {{"user", "a"}, {"assistant", "b"}}, .licenses = {"MIT"}};
    first.parameters = {.num_ctx = 2048, .temperature = 0.5, .stop = std::vector<std::string>{"x"}};
    create("base", first);
    CreateModel second{.from = {name("base")}, .messages = {{"user", "c"}}, .licenses = {"ISC"}};
    second.parameters = {.temperature = 1};
    const Model model = create("derived", second);
    EXPECT_EQ(model.system, "Be terse.");
    EXPECT_EQ(model.parameters.num_ctx, 2048);
    EXPECT_EQ(model.parameters.temperature, 1);
    EXPECT_THAT(*model.parameters.stop, ElementsAre("x"));
    ASSERT_EQ(model.messages.size(), 1U);
    EXPECT_EQ(model.messages[0].content, "c");
    EXPECT_THAT(model.licenses, ElementsAre("MIT", "ISC"));
    EXPECT_EQ(model.parts.at(0).path, fs::canonical(file));
    EXPECT_EQ(create("unset", {.from = {name("base")}, .system = ""}).system, "");
}

TEST_F(CatalogueTest, FilesAreWhatTheirFactsSay) {
    const fs::path model = folder_.write("m.gguf", "model"), adapter = folder_.write("a.gguf", "adapter"),
                   projector = folder_.write("p.gguf", "clip"), nonsense = folder_.write("n.gguf", "nonsense");
    const Model created = create("all", {.from = {projector, model}, .adapters = {adapter}});
    EXPECT_EQ(created.parts.size(), 1U);
    EXPECT_EQ(created.adapters.size(), 1U);
    EXPECT_EQ(created.projectors.size(), 1U);
    EXPECT_TRUE(std::ranges::contains(created.capabilities, Capability::vision));
    EXPECT_THAT(refusal_of({.from = {adapter}}), HasSubstr("is an adapter and no model"));
    EXPECT_THAT(refusal_of({.from = {model}, .adapters = {model}}), HasSubstr("is no adapter"));
    EXPECT_THAT(refusal_of({.from = {projector}}), HasSubstr("only a projector"));
    EXPECT_THAT(refusal_of({.from = {nonsense}}), HasSubstr("n.gguf: not a GGUF file"));
    EXPECT_THAT(refusal_of({.from = {folder_.path()}}), HasSubstr("is a folder"));
    EXPECT_THAT(refusal_of({.from = {folder_.path() / "none.gguf"}}), HasSubstr("none.gguf"));
    EXPECT_THAT(refusal_of({}), HasSubstr("say what the model is made from"));
    EXPECT_THAT(refusal_of({.from = {name("nobody")}}), HasSubstr("model 'nobody:latest' not found"));
    EXPECT_THAT(refusal_of({.from = {model}, .tmpl = "{{ .Prompt }}"}), HasSubstr("in Go's language"));
    EXPECT_TRUE(fs::is_empty(folder_.path() / "own/tmp"));
}

TEST_F(CatalogueTest, AllFilesOfASplitModelAreTakenFromAnyOfThem) {
    const fs::path one = folder_.write("big-00001-of-00002.gguf", "split one"),
                   two = folder_.write("big-00002-of-00002.gguf", "split two");
    const Model model = create("big", {.from = {two, one}});
    ASSERT_EQ(model.parts.size(), 2U);
    EXPECT_EQ(model.parts[0].path, fs::canonical(one));
    EXPECT_EQ(model.parts[1].path, fs::canonical(two));
    fs::remove(two);
    EXPECT_THAT(refusal_of({.from = {one}}), HasSubstr("big-00002-of-00002.gguf"));
    EXPECT_THAT(refusal_of({.from = {folder_.write("odd.gguf", "split")}}),
                HasSubstr("it must end in -00001-of-00002.gguf"));
}

TEST_F(CatalogueTest, AnOllamaStoreIsUsedWhereItIsAndNeverWritten) {
    add_to_ollama("theirs/1b", "model of theirs");
    const Model model = must(catalogue_->find(name("theirs:1B")));
    EXPECT_FALSE(model.own);
    EXPECT_EQ(model.parameters.num_ctx, 2048);
    EXPECT_THAT(model.skipped, ElementsAre(HasSubstr("f16_kv")));
    EXPECT_EQ(must(read_fd(must(open_files(model)).parts.at(0).number(), 100)), "model of theirs");
    EXPECT_THAT(names(), ElementsAre("theirs:1b"));
    EXPECT_EQ(catalogue_->remove(name("theirs:1b")).error().code, Code::denied);

    must(catalogue_->copy(name("theirs:1b"), name("mine")));
    const Model mine = must(catalogue_->find(name("mine")));
    EXPECT_TRUE(mine.own);
    EXPECT_EQ(mine.parts.at(0).path, fs::canonical(model.parts.at(0).path));
    EXPECT_EQ(mine.parameters.num_ctx, 2048);
    EXPECT_EQ(count(folder_.path() / "ollama/blobs"), 3U);
}

TEST_F(CatalogueTest, WhatIsComputedElsewhereIsNamedAsSuch) {
    add_to_ollama("big/cloud", "model", R"({"remote_host":"https://far.example","remote_model":"big"})");
    EXPECT_EQ(catalogue_->find(name("big:cloud")).error().code, Code::denied);
    EXPECT_THAT(catalogue_->list().at(0).problem, HasSubstr("computed by https://far.example and not on this machine"));
}

TEST_F(CatalogueTest, LarsOwnModelComesBeforeOneOfTheSameName) {
    add_to_ollama("tiny/latest", "model of theirs");
    create("Tiny", {.from = {folder_.write("tiny.gguf", "model of ours")}});
    EXPECT_TRUE(must(catalogue_->find(name("tiny"))).own);
    EXPECT_THAT(names(), ElementsAre("Tiny:latest"));
    must(catalogue_->remove(name("tiny")));
    EXPECT_FALSE(must(catalogue_->find(name("tiny"))).own);
}

TEST_F(CatalogueTest, RemovingTakesTheBlobsThatNoOtherModelHas) {
    const fs::path file = folder_.write("tiny.gguf", "model bytes");
    create("a", {.from = {file}, .keeping = Keeping::copy, .system = "of a"});
    create("b", {.from = {name("a")}, .system = "of b"});
    EXPECT_EQ(blobs(), 4U);  // file, one configuration, two texts
    EXPECT_EQ(must(catalogue_->remove(name("a"))).freed_bytes, std::string_view("of a").size());
    EXPECT_TRUE(catalogue_->exists(name("b")));
    must(open_files(must(catalogue_->find(name("b")))));
    EXPECT_GT(must(catalogue_->remove(name("b"))).freed_bytes, std::string_view("model bytes").size());
    EXPECT_EQ(blobs(), 0U);
    EXPECT_TRUE(fs::is_empty(folder_.path() / "own/manifests"));
    EXPECT_TRUE(fs::exists(file));
    EXPECT_EQ(catalogue_->remove(name("b")).error().code, Code::not_found);
}

TEST_F(CatalogueTest, ANewModelOfANameTakesThePlaceOfTheOldInItsCase) {
    create("Tiny", {.from = {folder_.write("1.gguf", "model 1")}, .keeping = Keeping::copy});
    create("tiny", {.from = {folder_.write("2.gguf", "model 2")}, .keeping = Keeping::copy});
    EXPECT_THAT(names(), ElementsAre("Tiny:latest"));
    EXPECT_EQ(must(catalogue_->find(name("tiny"))).parts.at(0).hex, sha256_hex("model 2"));
    EXPECT_EQ(blobs(), 2U);
}

TEST_F(CatalogueTest, ACopyIsAnotherNameForTheSameBlobs) {
    create("a", {.from = {folder_.write("1.gguf", "model 1")}, .keeping = Keeping::copy});
    must(catalogue_->copy(name("a"), name("ana/b:v1")));
    EXPECT_EQ(must(catalogue_->find(name("a"))).digest, must(catalogue_->find(name("ana/b:v1"))).digest);
    must(catalogue_->remove(name("a")));
    must(open_files(must(catalogue_->find(name("ana/b:v1")))));
    EXPECT_THAT(catalogue_->copy(name("ana/b:v2"), name("c")).error().message, HasSubstr("did you mean 'ana/b:v1'?"));
}

TEST_F(CatalogueTest, ACorruptManifestIsNamedHidesNothingAndKeepsItsBlobs) {
    create("a", {.from = {folder_.write("1.gguf", "model 1")}, .keeping = Keeping::copy});
    create("b", {.from = {folder_.write("2.gguf", "model 2")}, .keeping = Keeping::copy});
    folder_.write(lar::format("own/manifests/{}/library/a/latest", default_host), "{\"schemaVersion\":");
    clock_.now += 10'000 * us_per_day;
    reopen();
    EXPECT_THAT(names(), ElementsAre("a:latest", "b:latest"));
    for (const Listed& one : catalogue_->list())
        EXPECT_THAT(one.problem, one.reference.name == "a" ? HasSubstr("model 'a:latest': the manifest does not read")
                                                           : HasSubstr(""));
    must(catalogue_->remove(name("b")));
    EXPECT_EQ(blobs(), 4U);  // a's among them, nobody knows which
    must(catalogue_->remove(name("a")));
    reopen();
    EXPECT_EQ(blobs(), 0U);
}

TEST_F(CatalogueTest, AMissingOrDamagedBlobIsTheProblemOfItsModelAlone) {
    create("a", {.from = {folder_.write("1.gguf", "model 1")}, .keeping = Keeping::copy, .system = "of a"});
    create("b", {.from = {folder_.write("2.gguf", "model 2")}, .keeping = Keeping::copy});
    folder_.write("own/blobs/sha256-" + sha256_hex("of a"), "of b");
    fs::remove(blob_path(folder_.path() / "own", sha256_hex("model 2")));
    EXPECT_THAT(catalogue_->find(name("a")).error().message, HasSubstr("model 'a:latest': the bytes of sha256-"));
    EXPECT_EQ(open_files(must(catalogue_->find(name("b")))).error().code, Code::not_found);
    EXPECT_EQ(catalogue_->list().size(), 2U);
}

TEST_F(CatalogueTest, WhatAnInterruptedCreationLeftIsSweptAtTheNextStart) {
    create("a", {.from = {folder_.write("1.gguf", "model 1")}, .keeping = Keeping::copy});
    folder_.write("own/tmp/0123", "half a model");
    const std::string uploaded = must(write_small_blob(folder_.path() / "own", "uploaded"));
    clock_.now = SystemClock().now_us();
    reopen();
    EXPECT_TRUE(fs::is_empty(folder_.path() / "own/tmp"));
    EXPECT_TRUE(catalogue_->has_blob(uploaded));
    clock_.now += 2 * Catalogue::unused_blob_us;
    reopen();
    EXPECT_FALSE(catalogue_->has_blob(uploaded));
    must(open_files(must(catalogue_->find(name("a")))));
}

TEST_F(CatalogueTest, KilledAtAnyMomentOfACreationItLeavesAWholeModelOrNone) {
    std::string bytes = "model ";
    bytes.resize(3 * copy_step_bytes, 'x');
    // The child dies at one of its steps: while copying, and right after create returned.
    for (int step = 0; step < 4; ++step) {
        const fs::path file = folder_.write("big.gguf", bytes);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            int seen = 0;
            const auto die = [&](std::uint64_t, std::uint64_t) -> Result<> {
                if (seen++ == step) ::raise(SIGKILL);
                return {};
            };
            static_cast<void>(catalogue_->create({.name = name("big"), .from = {file}, .keeping = Keeping::copy}, die));
            ::raise(SIGKILL);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFSIGNALED(status));
        const bool whole = step == 3;
        EXPECT_EQ(fs::is_empty(folder_.path() / "own/tmp"), whole) << "it died where this test does not look";
        reopen();
        EXPECT_TRUE(fs::is_empty(folder_.path() / "own/tmp"));
        EXPECT_EQ(catalogue_->exists(name("big")), whole) << step;
        if (whole) must(open_files(must(catalogue_->find(name("big")))));
    }
}

TEST_F(CatalogueTest, AnUploadedBlobIsAModelOnceItIsComplete) {
    const std::string hex = sha256_hex("model bytes");
    EXPECT_THAT(refusal_of({.from = {BlobName{hex}}}), HasSubstr("upload it first"));
    BlobWriter writer = must(catalogue_->begin_blob(11));
    must(writer.add("model "));
    must(writer.add("bytes"));
    EXPECT_FALSE(catalogue_->has_blob(hex));
    must(catalogue_->keep_blob(must(writer.finish(hex))));
    EXPECT_TRUE(catalogue_->has_blob(hex));
    EXPECT_EQ(create("up", {.from = {BlobName{hex}}}).parts.at(0).path, blob_path(folder_.path() / "own", hex));
}

TEST_F(CatalogueTest, WhoeverWaitsForAModelIsToldOfEveryChange) {
    int changes = 0;
    catalogue_ =
        must(Catalogue::open({.folder = folder_.path() / "own", .changed = [&] { ++changes; }}, reader_, clock_));
    create("a", {.from = {folder_.write("a.gguf", "model a")}});
    EXPECT_EQ(changes, 1);
    EXPECT_TRUE(catalogue_->copy(name("a"), name("b")));
    EXPECT_EQ(changes, 2);
    EXPECT_FALSE(catalogue_->remove(name("c")));
    EXPECT_EQ(changes, 2);
    EXPECT_TRUE(catalogue_->remove(name("a")));
    EXPECT_EQ(changes, 3);
}

TEST_F(CatalogueTest, WithoutRoomACopyIsNotBegun) {
    catalogue_ = must(
        Catalogue::open({.folder = folder_.path() / "own", .reserve_bytes = std::uint64_t{1} << 62}, reader_, clock_));
    const fs::path file = folder_.write("1.gguf", "model 1");
    create("adopted", {.from = {file}});  // takes no room
    must(catalogue_->remove(name("adopted")));
    const auto copied = catalogue_->create({.name = name("copied"), .from = {file}, .keeping = Keeping::copy}, {});
    EXPECT_TRUE(fs::is_empty(folder_.path() / "own/tmp"));
    if (copied) GTEST_SKIP() << "this file system shares the blocks of copies, which take no room";
    EXPECT_THAT(copied.error().message, HasSubstr("the disk is full"));
}

TEST_F(CatalogueTest, AStoreThatMayNotBeReadIsAProblemWithItsName) {
    if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
    fs::create_directories(folder_.path() / "ollama/manifests");
    fs::permissions(folder_.path() / "ollama", fs::perms::none);
    create("a", {.from = {folder_.write("1.gguf", "model 1")}});
    EXPECT_THAT(names(), ElementsAre("a:latest"));
    EXPECT_THAT(catalogue_->problems(), ElementsAre(HasSubstr("ollama cannot be used")));
    fs::permissions(folder_.path() / "ollama", fs::perms::owner_all);
    EXPECT_THAT(catalogue_->problems(), IsEmpty());
}

TEST_F(CatalogueTest, AModelfilePrintedMakesTheSameModelAgain) {
    const fs::path file = folder_.write("with space.gguf", "model bytes");
    CreateModel request{.from = {file},
                        .tmpl = "{% if tools %}\n\"x\"\n{% endif %}",
                        .system = "Be \"terse\".\n",
                        .messages = {{"user", "a\nb"}}};
    request.parameters = {.temperature = 0.1, .stop = std::vector<std::string>{"\n\n"}};
    const Model model = create("a", request);
    const Modelfile modelfile = must(parse_modelfile(must(modelfile_of(model))));
    const Model again = must(catalogue_->create(must(from_modelfile(modelfile, name("b"), "/", "/home/ana")), {}));
    EXPECT_EQ(again.digest, model.digest);
}

TEST_F(CatalogueTest, FromIsAPathWhereItLooksLikeOneOrIsOne) {
    folder_.write("here", "model");
    const auto origins = [&](std::string from) {
        return must(from_modelfile({.from = {std::move(from)}}, name("x"), folder_.path(), "/home/ana")).from.at(0);
    };
    EXPECT_EQ(std::get<fs::path>(origins("./m")), folder_.path() / "m");
    EXPECT_EQ(std::get<fs::path>(origins("sub/M.GGUF")), folder_.path() / "sub/M.GGUF");
    EXPECT_EQ(std::get<fs::path>(origins("/abs/m")), "/abs/m");
    EXPECT_EQ(std::get<fs::path>(origins("~/m")), "/home/ana/m");
    EXPECT_EQ(std::get<fs::path>(origins("here")), folder_.path() / "here");
    EXPECT_EQ(short_form(std::get<Reference>(origins("ana/llama3:1b"))), "ana/llama3:1b");
}

// The calls that this room makes are ones that lard's policy has verbs for; one more would end the child.
TEST_F(CatalogueTest, WorksWhereOnlyItsOwnFolderMayBeWritten) {
#ifdef LAR_SANITIZED
    GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
    add_to_ollama("theirs/1b", "model of theirs");
    const fs::path file = folder_.write("1.gguf", "model 1");
    const auto lock_down = [&] {
        return sandbox::Policy()
            .allow_common_runtime()
            .allow_file_writing()
            .read_beneath("/")
            .write_beneath(folder_.path() / "own")
            .apply();
    };
    const auto work = [&] {
        const auto created = catalogue_->create({.name = name("copied"), .from = {file}, .keeping = Keeping::copy}, {});
        if (!created) return 1;
        if (!catalogue_->create({.name = name("adopted"), .from = {file}, .system = "x"}, {})) return 2;
        if (!catalogue_->copy(name("theirs:1b"), name("mine")) || !catalogue_->copy(name("copied"), name("again")))
            return 3;
        if (catalogue_->list().size() != 5 || !open_files(*created)) return 4;
        if (!catalogue_->remove(name("copied")) || !catalogue_->remove(name("adopted"))) return 5;
        return SystemMemory().now() ? 0 : 6;
    };
    EXPECT_EQ(sandbox::run_locked_down(lock_down, work), 0);
}

}  // namespace
}  // namespace lar::models
