#pragma once

#include "node/commands/command.hpp"

namespace cxxopts {
class Options;
}

namespace thicket::node {

void declare_genconf(cxxopts::Options& options);
int genconf_command(const Command& command, const Arguments& arguments);

void declare_keygen(cxxopts::Options& options);
int keygen_command(const Command& command, const Arguments& arguments);

/// `address`, `subnet` and `publickey`: what follows from the key of a configuration.
void declare_identity(cxxopts::Options& options);
int identity_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::node
