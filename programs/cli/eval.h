// lar eval: measurements that anyone can repeat, one file a subject. Each reports figures of wire/eval.h.
#pragma once

#include "commands.h"

namespace lar::cli {

Outcome<Exit> run_eval_retrieval(Session&);
Outcome<Exit> run_eval_memory(Session&);
Outcome<Exit> run_eval_qa(Session&);
Outcome<Exit> run_eval_latency(Session&);

}  // namespace lar::cli
