#include "routing/path.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <iterator>

#include "routing/wire_bytes.hpp"
#include "routing/wire_generators.hpp"

namespace thicket::routing {
namespace {

using test::Bytes;

static_assert(std::input_iterator<PathView::Iterator>);

Path ports(std::initializer_list<std::uint64_t> values) {
  Path path;
  for (const std::uint64_t value : values) path.push_back(Port{value});
  return path;
}

TEST(Path, WireFormEndsWithZero) {
  EXPECT_EQ(encode_path({}), Bytes({0}));
  EXPECT_EQ(encode_path(ports({1, 300, 2})), Bytes({1, 0xac, 0x02, 2, 0}));
}

TEST(Path, ViewSkipsTheTerminatorHoweverItIsSpelt) {
  EXPECT_EQ(PathView(Bytes{1, 2, 0}).to_path(), ports({1, 2}));
  EXPECT_EQ(PathView(Bytes{0x81, 0x00, 2, 0x80, 0x00}).to_path(), ports({1, 2}));
  EXPECT_TRUE(PathView().to_path().empty());
}

TEST(Path, ReadsAsText) {
  EXPECT_EQ(to_string(ports({1, 4, 2})), "[1 4 2]");
  EXPECT_EQ(to_string(Path()), "[]");
}

TEST(TreeDistance, CountsHopsOverTheLastCommonAncestor) {
  EXPECT_EQ(tree_distance(ports({}), ports({})), 0u);
  EXPECT_EQ(tree_distance(ports({1, 2}), ports({})), 2u);
  EXPECT_EQ(tree_distance(ports({}), ports({1, 2})), 2u);
  EXPECT_EQ(tree_distance(ports({1, 2, 3}), ports({1, 2, 4, 5})), 3u);
  // Equal ports after the paths have parted are not common.
  EXPECT_EQ(tree_distance(ports({1, 7}), ports({2, 7})), 4u);
}

RC_GTEST_PROP(Path, ViewUndoesEncode, ()) {
  const Path path = *test::any_path();
  const test::ExactBuffer wire(encode_path(path));
  RC_ASSERT(PathView(wire.view()).to_path() == path);
}

RC_GTEST_PROP(TreeDistance, IsAMetric, ()) {
  const Path a = *test::similar_path();
  const Path b = *test::similar_path();
  const Path c = *test::similar_path();
  RC_ASSERT((tree_distance(a, b) == 0) == (a == b));
  RC_ASSERT(tree_distance(a, b) == tree_distance(b, a));
  RC_ASSERT(tree_distance(a, c) <= tree_distance(a, b) + tree_distance(b, c));
}

RC_GTEST_PROP(TreeDistance, IsTheFormulaOfTheSpecification, ()) {
  const Path a = *test::similar_path();
  const Path b = *test::similar_path();
  std::size_t common = 0;
  while (common < a.size() && common < b.size() && a[common] == b[common]) ++common;
  RC_ASSERT(tree_distance(a, b) == a.size() + b.size() - 2 * common);
  const Bytes wire = encode_path(a);
  RC_ASSERT(tree_distance(PathView(wire), b) == tree_distance(a, b));
}

}  // namespace
}  // namespace thicket::routing
