// An opened library: nothing but that it is open; what it is comes from the program.
#pragma once

#include "live_objects.h"
#include "program.h"

struct engine_library : pipeline::simulation::LiveObject {};
