// lar(1), as roff: what stands in no table is written here, the commands come from the table of verbs.
#pragma once

#include <string>

namespace lar::cli {

std::string manual_page();

}  // namespace lar::cli
