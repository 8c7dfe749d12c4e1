#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace thicket::sim::test {

/// Compares a text with the file of that name in tests/snapshots; with THICKET_UPDATE_SNAPSHOTS
/// set, writes the file.
inline void expect_snapshot(const std::string& name, const std::string& text) {
  const auto path = std::filesystem::path(THICKET_SOURCE_DIR) / "tests" / "snapshots" / name;
  if (std::getenv("THICKET_UPDATE_SNAPSHOTS") != nullptr) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    ASSERT_TRUE(out.flush()) << path;
    return;
  }
  std::ifstream in(path, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text, expected)
      << "The simulation behaves in another way than tests/snapshots/" << name
      << " says. If that is meant, run tests/snapshots/update.sh and review the difference.";
}

}  // namespace thicket::sim::test
