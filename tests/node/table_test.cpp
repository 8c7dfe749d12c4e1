#include "node/commands/table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <sstream>

#include "node/display_text.hpp"
#include "node/units.hpp"

namespace thicket::node {
namespace {

constexpr Terminal kPipe{.width = 0, .utf8 = true};

Terminal wide(std::size_t width) {
  return {.width = width, .height = 24, .interactive = true, .utf8 = true};
}

Table sample() {
  Table table({{.title = "NAME", .least = 4},
               {.title = "COUNT", .right = true},
               {.title = "WHERE", .dispensable = 1},
               {.title = "NOTE", .dispensable = 2}});
  table.add({{"a long name"}, {"1"}, {"here"}, {"first"}});
  table.add({{"short"}, {"1234"}, {}, {"second"}});
  return table;
}

TEST(Table, AlignsItsColumns) {
  EXPECT_EQ(sample().render(kPipe),
            "NAME         COUNT  WHERE  NOTE\n"
            "a long name      1  here   first\n"
            "short         1234         second\n");
}

TEST(Table, LeavesOutThenShortens) {
  EXPECT_EQ(sample().render(wide(31)),
            "NAME       COUNT  WHERE  NOTE\n"
            "a long n…      1  here   first\n"
            "short       1234         second\n");
  EXPECT_EQ(sample().render(wide(20)),
            "NAME    COUNT  WHERE\n"
            "a lon…      1  here\n"
            "short    1234\n");
  EXPECT_EQ(sample().render(wide(12)),
            "NAME   COUNT\n"
            "a lo…      1\n"
            "short   1234\n");
}

TEST(Table, LeavesOutTogetherWhatBelongsTogether) {
  Table table({{.title = "NAME"},
               {.title = "IN", .right = true, .dispensable = 1},
               {.title = "OUT", .right = true, .dispensable = 1}});
  table.add({{std::string(36, 'x')}, {"1"}, {"2"}});
  EXPECT_EQ(table.render(wide(44)), "NAME\n" + std::string(36, 'x') + "\n");
}

TEST(Table, UsesTheRoomThatAWideColumnLeaves) {
  Table table({{.title = "NAME"},
               {.title = "WIDE", .dispensable = 1},
               {.title = "IN", .right = true, .dispensable = 2}});
  table.add({{"x"}, {std::string(60, 'y')}, {"1"}});
  EXPECT_EQ(table.render(wide(44)), "NAME  IN\nx      1\n");
}

TEST(Table, CutsTheWidestIfNothingElseHelps) {
  Table table({{.title = "ADDRESS"}, {.title = "IN", .right = true}});
  table.add({{"200:1234:5678"}, {"12 B"}});
  EXPECT_EQ(table.render(wide(12)),
            "ADDRE…    IN\n"
            "200:1…  12 B\n");
}

TEST(Table, StandsBehindSpaces) {
  EXPECT_EQ(sample().render(wide(22), 2),
            "  NAME    COUNT  WHERE\n"
            "  a lon…      1  here\n"
            "  short    1234\n");
}

TEST(Table, CellsCannotLeaveTheirLine) {
  Table table({{.title = "NAME"}, {.title = "N"}});
  table.add({{"\x1b[2Jevil\nname", Style::bad}, {"1"}});
  EXPECT_EQ(table.render(kPipe), "NAME           N\n?[2Jevil?name  1\n");
}

TEST(Table, ColoursOnlyWhereTheyAreShown) {
  Table table({{.title = "N"}});
  table.add({{"x\x1b[0m", Style::bad}});
  Terminal terminal = wide(80);
  EXPECT_EQ(table.render(terminal).find('\x1b'), std::string::npos);
  terminal.colours = true;
  EXPECT_EQ(table.render(terminal), "\x1b[1mN\x1b[0m\n\x1b[31mx?[0m\x1b[0m\n");
}

RC_GTEST_PROP(TableProperty, FitsWhateverStandsInIt,
              (std::vector<std::pair<std::string, std::string>> rows)) {
  Table table({{.title = "A", .least = 5}, {.title = "B", .dispensable = 1}, {.title = "C"}});
  for (const auto& [a, b] : rows) table.add({{a}, {b}, {b + a}});
  std::istringstream lines(table.render(wide(40)));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    RC_ASSERT(display_width(line) <= 40U);
  }
  RC_ASSERT(count == rows.size() + 1);
}

TEST(Units, AreWhatPeopleRead) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1024), "1.0 KiB");
  EXPECT_EQ(bytes_text(1023.9 * 1024), "1.0 MiB");
  EXPECT_EQ(bytes_text(34.4 * 1024 * 1024), "34 MiB");
  EXPECT_EQ(bytes_text(1e300), "9999 EiB");
  EXPECT_EQ(rate_text(1536), "1.5 KiB/s");
  EXPECT_EQ(duration_text(0.9), "0s");
  EXPECT_EQ(duration_text(125), "2m 5s");
  EXPECT_EQ(duration_text(3600), "1h 0m");
  EXPECT_EQ(duration_text(86400 * 12 + 3600 * 4), "12d 4h");
  EXPECT_EQ(duration_text(1e300), "1157407d 9h");
  EXPECT_EQ(latency_text(450'000), "0.45 ms");
  EXPECT_EQ(latency_text(45'120'000), "45.1 ms");
  EXPECT_EQ(latency_text(1.2e9), "1.20 s");
}

}  // namespace
}  // namespace thicket::node
