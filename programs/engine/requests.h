// A request as it may stand: every list and text within wire's limits, every number one that libllama can be given.
//
// lard is trusted, but what it passes on is a person's or a program's, and libllama ends the process where it is given
// nonsense; so numbers out of range are the requester's error, told as a value, while lists and descriptors that lard
// must have counted wrong end the conversation.
#pragma once

#include "base/result.h"
#include "wire/engine.h"

namespace lar::engine {

// Whether lard may send it at all.
Result<> check_shape(const wire::EngineRequest& request);
// Whether it can be done; invalid is for whoever asked.
Result<> check_values(const wire::EngineRequest& request);

}  // namespace lar::engine
