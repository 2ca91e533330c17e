// Text of the user's sources as a model may see it, and back again.
//
// A file can hold anything: "[3]" that looks like a citation, "<|im_start|>" that a chat template would take for its
// own,
// "</passage 1>" that would end the quotation. In quoted text these wear other brackets (⟦3⟧, ‹|im_start|>), so that
// they are still there to be read and mean nothing to the template, to the quotation and to whoever looks for
// citations. A model that repeats them writes the other brackets too; unquote() gives the text back as it stands in the
// source.
#pragma once

#include <string>
#include <string_view>

namespace lar::answer {

std::string quote(std::string_view text);
// The same on one line, for names and places.
std::string quote_line(std::string_view text);
std::string unquote(std::string_view text);

}  // namespace lar::answer
