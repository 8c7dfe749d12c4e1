#include "node/commands/inspection_commands.hpp"

#include "node/commands/node_info_command.hpp"
#include "node/commands/peer_command.hpp"
#include "node/commands/top_command.hpp"
#include "node/commands/view_commands.hpp"

namespace thicket::node {

namespace {

constexpr std::string_view kAskStatus =
    "  0  done\n"
    "  1  the node could not be asked, or standard output not written\n"
    "  2  the command line is wrong\n"
    "  3  the configuration that --config names is missing or wrong\n";
constexpr std::string_view kViewSynopsis = "[--json] [--config FILE | --socket URI]";

constexpr std::string_view kPeerActions[] = {"add", "remove"};

constexpr std::string_view kPeersActions[] = {"suggest"};

constexpr Command kCommands[] = {
    {.name = "status",
     .synopsis = kViewSynopsis,
     .summary = "show the running node on one screen",
     .description =
         "Shows the running node's address, its place in the tree (root, parent and coordinates:\n"
         "the ports from the root down to it), peers, sessions, traffic, lookups, and whether\n"
         "something is wrong. Like all commands that ask the node, it asks at the administration\n"
         "socket that the configuration names; without --config that is the one which\n"
         "'thicket run' makes.",
     .examples = "  thicket status\n"
                 "  thicket status --json | jq .health.healthy\n",
     .exit_status = kAskStatus,
     .declare = declare_view,
     .run = status_command},
    {.name = "peers",
     .synopsis = "[--sort ORDER] [--json] [--config FILE | --socket URI] | suggest [-n N] "
                 "FILE|-",
     .summary = "list the peers, their traffic and what is wrong with them, or suggest some",
     .description =
         "A line for each node that this one is linked to, or wants to be. \"in\" marks those "
         "that\n"
         "dialled this node. IN and OUT count what came and went since the link is up, IN NOW and\n"
         "OUT NOW the last second. Columns that do not fit the terminal are left out; \"auto\" "
         "marks\n"
         "those that the node chose itself (AutoPeers).\n\n"
         "suggest tries the public peers in a list and says which are best for this machine: "
         "links\n"
         "to each under a key made for that alone, measures how long connecting and handshake take,"
         "\n"
         "then tries the best again. Needs no root and no running node; takes a minute or two for\n"
         "some hundred peers, and shows what it knows when stopped (Ctrl-C). FILE has a URI a "
         "line,\n"
         "or is Markdown or JSON as the lists of public peers are; - is standard input. No two "
         "are\n"
         "suggested of one key, nor of one host or network unless there are no others.",
     .examples = "  thicket peers\n"
                 "  thicket peers --sort cost\n"
                 "  thicket peers suggest -n 4 publicnodes.json\n",
     .exit_status = "  0  done\n"
                    "  1  the node could not be asked, the list not read, or standard output not\n"
                    "     written\n"
                    "  2  the command line is wrong\n"
                    "  3  the configuration that --config names is missing or wrong\n"
                    "  4  suggest: no peer answered\n",
     .most_operands = 2,
     .words = kPeersActions,
     .declare = declare_peers,
     .run = peers_command},
    {.name = "sessions",
     .synopsis = kViewSynopsis,
     .summary = "list the nodes that this one exchanges traffic with",
     .description =
         "A line for each encrypted session of the node's own traffic, wherever in the mesh its\n"
         "other end is; those with most traffic first.",
     .examples = "  thicket sessions\n"
                 "  thicket sessions --json | jq -r '.sessions[].address'\n",
     .exit_status = kAskStatus,
     .declare = declare_view,
     .run = sessions_command},
    {.name = "paths",
     .synopsis = kViewSynopsis,
     .summary = "list where nodes are that this one sends to",
     .description =
         "A line for each node whose place is known because traffic goes there: the ports from\n"
         "the root of the tree down to it.",
     .examples = "  thicket paths\n",
     .exit_status = kAskStatus,
     .declare = declare_view,
     .run = paths_command},
    {.name = "tree",
     .synopsis = kViewSynopsis,
     .summary = "draw the tree as far as this node knows it",
     .description =
         "Draws the nodes that this one knows the parents of: itself, its peers, and theirs up to\n"
         "the root. It does not know the whole mesh; no node does.",
     .examples = "  thicket tree\n",
     .exit_status = kAskStatus,
     .declare = declare_view,
     .run = tree_command},
    {.name = "top",
     .synopsis = "[--count N] [--interval SECONDS] [--json] [--config FILE | --socket URI]",
     .summary = "watch peers, rates and sessions live",
     .description =
         "Shows peers with their rates and sessions, anew every second, until q or Ctrl-C. If\n"
         "standard output is no terminal, or with --count, it prints a line each time instead,\n"
         "once unless a number is given; with --json that line is JSON.",
     .examples = "  thicket top\n"
                 "  thicket top --count 60 --interval 10 >>node.log\n",
     .exit_status = kAskStatus,
     .declare = declare_top,
     .run = top_command},
    {.name = "peer",
     .synopsis = "add|remove [--interface NAME] [--json] [--config FILE | --socket URI] URI",
     .summary = "add or remove a peer while the node runs",
     .description =
         "Has the running node link to another one at a URI like tls://host:port, or no longer.\n"
         "This lasts until the node ends: the configuration says whom it links to when it starts.\n"
         "To remove a peer, write it as it was added; 'thicket peers' shows that.",
     .examples = "  thicket peer add tls://peer.example.net:443\n"
                 "  thicket peer remove tls://peer.example.net:443\n",
     .exit_status = "  0  done\n"
                    "  1  the node could not be asked, or refused: it has that peer, or has not\n"
                    "  2  the command line is wrong\n"
                    "  3  the configuration that --config names is missing or wrong\n",
     .least_operands = 2,
     .most_operands = 2,
     .words = kPeerActions,
     .declare = declare_peer,
     .run = peer_command},
    {.name = "nodeinfo",
     .synopsis = "[--json] [--config FILE | --socket URI] [KEY|ADDRESS]",
     .summary = "show what a node tells of itself",
     .description =
         "Asks a node, anywhere in the mesh, for its NodeInfo: its name, program, and what else\n"
         "its operator wrote. Without KEY or ADDRESS it shows what this node tells others.\n"
         "It takes up to 11 seconds if the node does not answer.",
     .examples = "  thicket nodeinfo\n"
                 "  thicket nodeinfo 200:1234:5678:9abc:def0:1234:5678:9abc\n",
     .exit_status = "  0  done\n"
                    "  1  the node of this machine could not be asked\n"
                    "  2  the command line is wrong\n"
                    "  3  the configuration that --config names is missing or wrong\n"
                    "  4  not found, or it does not answer\n",
     .most_operands = 1,
     .declare = declare_view,
     .run = node_info_command},
};

}  // namespace

std::span<const Command> inspection_commands() {
  return kCommands;
}

}  // namespace thicket::node
