// Tells a model's thoughts from its answer while both stream: what stands between <think> and </think> at the
// beginning.
//
// A marker may come in pieces, so what may be the beginning of one is held back until it is known. Blanks around the
// markers belong to neither.
#pragma once

#include <string>
#include <string_view>

namespace lar::api {

class Thoughts {
public:
    // `begun`: the prompt ended with the opening marker already.
    explicit Thoughts(bool begun = false) : state_(begun ? State::opened : State::before) {}

    struct Text {
        std::string thought, answer;
    };
    Text take(std::string_view piece);
    Text end();  // what was held back

private:
    enum class State { before, opened, thinking, after, answering };
    Text sort();
    std::string held_;
    State state_;
};

// Whether a rendered prompt ends within a thought that the model goes on with.
bool ends_in_thought(std::string_view rendered);

}  // namespace lar::api
