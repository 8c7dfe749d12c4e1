#include "node/commands/command_line.hpp"

int main(int argc, char** argv) {
  return thicket::node::run_command_line(argc, argv);
}
