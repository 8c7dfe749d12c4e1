#include "sim/command.hpp"
#include "sim/compare_command.hpp"
#include "sim/graph_command.hpp"
#include "sim/lookup_command.hpp"
#include "sim/replay_command.hpp"
#include "sim/run_command.hpp"
#include "sim/sweep_command.hpp"

namespace thicket::sim {

namespace {

constexpr Command kCommands[] = {
    {.name = "run",
     .synopsis = "(--scenario NAME|FILE | --graph FILE | --topology KIND) [OPTION…]",
     .summary = "simulate a network and measure it",
     .description =
         "Runs a scenario, or the network of the options: all nodes start, converge, and exchange\n"
         "pings. Shows how far it is, and at the end what it measured. The same scenario and seed\n"
         "give the same run on any machine.",
     .examples = "  thicket-sim run --topology ba --nodes 500\n"
                 "  thicket-sim run --scenario churn --seed 7 --out results\n"
                 "  thicket-sim run --scenario partition --set links.loss=0.01 --json\n",
     .exit_status = "  0    done\n"
                    "  1    it could not be done\n"
                    "  2    the command line or the scenario is wrong\n"
                    "  3    an invariant did not hold: a bug; DIR/failure.json replays it\n"
                    "  130  interrupted\n",
     .declare = declare_run,
     .run = run_command},
    {.name = "sweep",
     .synopsis = "(--scenario NAME|FILE | --topology KIND …) --out DIR [OPTION…]",
     .summary = "run a grid of parameters and seeds, on all cores",
     .description =
         "Runs every combination of the values of --set with every seed, each in a process of its\n"
         "own, and writes DIR/POINT/ for each and DIR/sweep.csv for all. Runs that are done\n"
         "already are not done again: after an interruption, the same command goes on. With\n"
         "--print it prints the commands, for GNU parallel or a job array.",
     .examples =
         "  thicket-sim sweep --scenario growth --set topology.nodes=100,200,400 --seeds 1..10 \\\n"
         "    --out growth\n"
         "  thicket-sim sweep --scenario churn --seeds 1..100 --out churn --print | parallel\n",
     .exit_status = "  0    all runs went well\n"
                    "  1    some run failed\n"
                    "  2    the command line or the scenario is wrong\n"
                    "  3    an invariant did not hold in some run\n"
                    "  130  interrupted\n",
     .declare = declare_sweep,
     .run = sweep_command},
    {.name = "replay",
     .synopsis = "DIR|failure.json [--trace] [--from N] [--last N]",
     .summary = "run a recorded run again, and see that it is the same",
     .description = "Runs the scenario of a folder of results, or of a failure, once more and says "
                    "whether\n"
                    "the same came out: the same failure at the same event, or the same trace "
                    "hash.",
     .examples = "  thicket-sim replay results\n"
                 "  thicket-sim replay results/failure.json --last 200\n",
     .exit_status = "  0    the same came out\n"
                    "  1    something else came out, or it could not be done\n"
                    "  2    the command line is wrong\n"
                    "  3    an invariant did not hold that did when it was recorded\n"
                    "  130  interrupted\n",
     .least_operands = 1,
     .most_operands = 1,
     .declare = declare_replay,
     .run = replay_command},
    {.name = "compare",
     .synopsis = "DIR_A DIR_B [--json]",
     .summary = "compare all figures of two runs",
     .description =
         "Prints all figures of two folders of results (or summary.json files) side by side, and\n"
         "which is better where that is known. Says so if they are not of the same scenario and\n"
         "seed.",
     .examples = "  thicket-sim compare ours baseline\n",
     .exit_status = "  0  done\n"
                    "  1  a folder holds no results\n"
                    "  2  the command line is wrong\n",
     .least_operands = 2,
     .most_operands = 2,
     .declare = declare_compare,
     .run = compare_command},
    {.name = "lookup",
     .synopsis = "(--graph FILE | --topology KIND) [OPTION…]",
     .summary = "compare the ways in which nodes find each other",
     .description =
         "Lets the network settle, measures what its upkeep costs, then looks up random nodes "
         "from\n"
         "random nodes: once more for every lookup policy, on the same graph with the same seed.\n"
         "Shows link transmissions per lookup (the answer included) beside a model of the graph,\n"
         "how many succeed within 5 s, how long they take, and what nodes must hold.",
     .examples = "  thicket-sim lookup --topology ba --nodes 1000 --crypto fast\n"
                 "  thicket-sim lookup --graph city.edges --lookup auto,dht --out lookups\n"
                 "  thicket-sim lookup --topology ba --nodes 1000 --churn 600 --hostile 0.1\n",
     .exit_status = "  0    done\n"
                    "  1    it could not be done\n"
                    "  2    the command line is wrong\n"
                    "  3    an invariant did not hold: a bug\n"
                    "  130  interrupted\n",
     .declare = declare_lookup,
     .run = lookup_command},
    {.name = "graph",
     .summary = "generate, convert or describe a graph",
     .run_plain = run_graph_command},
};

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

}  // namespace thicket::sim
