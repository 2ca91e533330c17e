// toml++, whose assertions are off. It asserts what a file may well break, such as that a table's name begins with a
// letter ("[$]"), right before the code that says so in a sentence; with assertions a config.toml ended lard. Whoever
// parses TOML includes this one, so that all of them see one library; fuzz/config.cpp looks for what they would catch.
#pragma once

#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.hpp>
