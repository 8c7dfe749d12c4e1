#include "node/file.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace thicket::node {

namespace {

tl::unexpected<FileError> last_error(int code = errno) {
  return failure(FileError{code, std::generic_category().message(code)});
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// Removes a file that did not get its final name.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)), fd_(::mkstemp(path_.data())) {}
  ~TemporaryFile() {
    if (fd_.get() >= 0 && !path_.empty()) ::unlink(path_.c_str());
  }
  int fd() const { return fd_.get(); }

  // Gives it its name unless that is taken. False: see errno.
  bool rename_to(const std::string& name) {
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) == 0) {
      path_.clear();
      return true;
    }
    // Some file systems cannot rename without replacing.
    if (errno != EINVAL && errno != ENOSYS) return false;
    return ::link(path_.c_str(), name.c_str()) == 0;
  }

  // Gives it its name whoever had it. False: see errno.
  bool replace(const std::string& name) {
    if (::rename(path_.c_str(), name.c_str()) != 0) return false;
    path_.clear();
    return true;
  }

 private:
  std::string path_;
  Descriptor fd_;
};

bool write_all(int fd, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

bool make_folders(const std::filesystem::path& folder) {
  std::filesystem::path made;
  for (const auto& part : folder) {
    made /= part;
    if (::mkdir(made.c_str(), 0700) != 0 && errno != EEXIST) {
      struct stat there {};
      if (::stat(made.c_str(), &there) != 0) return false;
    }
  }
  return true;
}

// Writes a file beside `file`, which `give_name` then gives its name.
template <class GiveName>
Result<void, FileError> write_private_file(const std::filesystem::path& file,
                                           const std::string& text, const GiveName& give_name) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (!make_folders(folder)) return last_error();

  // mkstemp makes it with mode 0600, whatever the umask allows.
  TemporaryFile temporary(
      (folder / std::string(".").append(file.filename().string()).append(".XXXXXX")).string());
  if (temporary.fd() < 0) return last_error();
  if (!write_all(temporary.fd(), text) || ::fsync(temporary.fd()) != 0) return last_error();
  if (!give_name(temporary)) return last_error();

  const Descriptor folder_fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder_fd.get() >= 0) ::fsync(folder_fd.get());
  return {};
}

}  // namespace

Result<FileContent, FileError> read_file(const std::filesystem::path& file, std::size_t limit) {
  const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (fd.get() < 0) return last_error();
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return last_error();
  if (!S_ISREG(status.st_mode)) {
    return failure(
        FileError{0, S_ISDIR(status.st_mode) ? "it is a folder" : "it is no regular file"});
  }
  FileContent out;
  out.world_readable = (status.st_mode & S_IROTH) != 0;
  // One byte more than allowed tells a file that is too long, whatever its status says.
  out.bytes.resize(limit + 1);
  std::size_t size = 0;
  while (size < out.bytes.size()) {
    const ssize_t n = ::read(fd.get(), out.bytes.data() + size, out.bytes.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return last_error();
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > limit) {
    return failure(FileError{EFBIG, "it is longer than " + std::to_string(limit) + " bytes"});
  }
  out.bytes.resize(size);
  return out;
}

Result<void, FileError> create_private_file(const std::filesystem::path& file,
                                            const std::string& text) {
  return write_private_file(
      file, text, [&](TemporaryFile& temporary) { return temporary.rename_to(file.string()); });
}

Result<void, FileError> replace_private_file(const std::filesystem::path& file,
                                             const std::filesystem::path& kept,
                                             const std::string& text) {
  return write_private_file(file, text, [&](TemporaryFile& temporary) {
    if (::unlink(kept.c_str()) != 0 && errno != ENOENT) return false;
    // A second name first: there is never a moment without the file.
    if (::link(file.c_str(), kept.c_str()) != 0 && errno != ENOENT) return false;
    return temporary.replace(file.string());
  });
}

void wipe(std::string& secret) {
  ::explicit_bzero(secret.data(), secret.size());
  secret.clear();
}

}  // namespace thicket::node
