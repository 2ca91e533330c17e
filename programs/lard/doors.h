// What lard takes hold of before it locks itself down: the spawner of its workers, its sockets, its store, the signals
// that end it, and who may ask what. Afterwards it can make no socket, execute nothing, and open nothing elsewhere.
#pragma once

#include <memory>

#include "base/fd.h"
#include "base/paths.h"
#include "base/time.h"
#include "clients.h"
#include "ipc/spawner.h"
#include "listeners.h"
#include "settings.h"
#include "store/store.h"

namespace lar::lard {

struct Doors {
    std::unique_ptr<ipc::Spawner> spawner;
    Listeners listeners;
    store::Store store;
    Fd signals;  // blocked in every thread, and read from here instead
    std::unique_ptr<Clients> clients;
};

Result<Doors> open_doors(const Paths& paths, const Settings& settings, const Clock& clock, const Zone& zone);

}  // namespace lar::lard
