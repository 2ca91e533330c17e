#include "editor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lar::cli {
namespace {

using testing::ElementsAre;

TEST(Editor, EachFamilyIsToldTheLineItsOwnWay) {
    EXPECT_THAT(editor_command("nvim", "/a/b.c", 12), ElementsAre("nvim", "+12", "/a/b.c"));
    EXPECT_THAT(editor_command("/usr/bin/nano", "/a/b.c", 12), ElementsAre("/usr/bin/nano", "+12", "/a/b.c"));
    EXPECT_THAT(editor_command("emacsclient -nw", "/a/b.c", 12), ElementsAre("emacsclient", "-nw", "+12", "/a/b.c"));
    EXPECT_THAT(editor_command("code --wait", "/a/b.c", 12), ElementsAre("code", "--wait", "-g", "/a/b.c:12"));
    EXPECT_THAT(editor_command("hx", "/a/b.c", 12), ElementsAre("hx", "/a/b.c:12"));
    EXPECT_THAT(editor_command("subl -w", "/a/b.c", 12), ElementsAre("subl", "-w", "/a/b.c:12"));
    EXPECT_THAT(editor_command("zed", "/a/b.c", 12), ElementsAre("zed", "/a/b.c:12"));
    EXPECT_THAT(editor_command("clion", "/a/b.c", 12), ElementsAre("clion", "--line", "12", "/a/b.c"));
    EXPECT_THAT(editor_command("kate", "/a/b.c", 12), ElementsAre("kate", "-l", "12", "/a/b.c"));
}

TEST(Editor, AnUnknownOneGetsTheFileAlone) {
    EXPECT_THAT(editor_command("my-editor", "/a/b.c", 12), ElementsAre("my-editor", "/a/b.c"));
    EXPECT_THAT(editor_command("vim", "/a/b.c", 0), ElementsAre("vim", "/a/b.c"));
    EXPECT_TRUE(editor_command("  ", "/a/b.c", 1).empty());
}

TEST(Editor, ACommandIsSplitAsAShellWould) {
    EXPECT_THAT(command_words(R"('/opt/My Editor/bin' -x "a b" c\ d "")"),
                ElementsAre("/opt/My Editor/bin", "-x", "a b", "c d", ""));
    EXPECT_THAT(command_words(R"("a\"b" 'c\d')"), ElementsAre("a\"b", "c\\d"));
    EXPECT_TRUE(command_words("").empty());
}

TEST(Editor, VisualWinsOverEditorAndBothOverWhatIsThere) {
    const auto environment = [](std::string visual, std::string editor) {
        return [=](const char* name) -> const char* {
            return std::string_view(name) == "VISUAL" ? visual.c_str() : editor.c_str();
        };
    };
    const auto only_nano = [](std::string_view program) { return program == "nano"; };
    EXPECT_EQ(choose_editor(environment("code", "vim"), only_nano), "code");
    EXPECT_EQ(choose_editor(environment(" ", "vim"), only_nano), "vim");
    EXPECT_EQ(choose_editor(environment("", ""), only_nano), "nano");
    EXPECT_EQ(choose_editor(environment("", ""), [](std::string_view) { return false; }), "");
}

}  // namespace
}  // namespace lar::cli
