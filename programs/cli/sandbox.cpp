#include "sandbox.h"

namespace lar::cli {

// lar is its user's hand: it writes exports and opens what it is told to, so files stay as they are. What it reads from
// lard may be anybody's words, and cannot make it talk to anyone else.
Result<sandbox::Layers> lock_down() { return sandbox::Policy::of_a_client().apply(); }

}  // namespace lar::cli
