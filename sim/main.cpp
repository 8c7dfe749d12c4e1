#include "sim/command_line.hpp"

int main(int argc, char** argv) {
  return thicket::sim::run_command_line(argc, argv);
}
