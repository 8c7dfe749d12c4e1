#include "node/commands/demo.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>

namespace thicket::node {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

TEST(Demo, EveryPairAnswersAndTheTableIsPrinted) {
  const std::unique_ptr<std::FILE, CloseFile> output(std::tmpfile());
  ASSERT_NE(output, nullptr);
  DemoOptions options;
  options.seconds = 30;
  options.rounds = 2;
  options.output = output.get();
  EXPECT_EQ(demo_command(options), 0);

  std::rewind(output.get());
  std::string text(10000, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), output.get()));
  EXPECT_NE(text.find("all 20 pairs answered"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << "no terminal, no escapes";
  EXPECT_EQ(text.find("..."), std::string::npos) << text;
}

}  // namespace
}  // namespace thicket::node
