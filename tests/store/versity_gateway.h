// A versitygw of a test's own: an S3 server over a temporary folder, on a free port, ended by its pid.
#pragma once

#include <sys/types.h>

#include <string>

#include "tests/base/temporary_folder.h"

namespace strata {

inline constexpr char kGatewayKey[] = "test-key";
inline constexpr char kGatewaySecret[] = "test-secret";
inline constexpr char kGatewayBucket[] = "bucket";

class VersityGateway {
 public:
  // Starts it with one empty bucket and waits until it answers. The process environment gets the keys and the address.
  // Throws, and so fails the test, where scripts/setup --tests has not made the program.
  VersityGateway();
  ~VersityGateway();
  VersityGateway(const VersityGateway&) = delete;
  VersityGateway& operator=(const VersityGateway&) = delete;

  int port() const { return port_; }
  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // The folder of the bucket's objects, which are its files.
  std::string bucket_folder() const { return folder_.Under("s3/") + kGatewayBucket; }
  // Files of uploads in parts that were neither completed nor aborted.
  int UnfinishedUploads() const;

  void Kill();     // as a crash would
  void Restart();  // on the same port and folder

 private:
  void Start();
  TemporaryFolder folder_;
  int port_ = 0;
  pid_t pid_ = -1;
};

// Sets the keys that the S3 library finds in the environment.
void SetGatewayCredentials(const std::string& key, const std::string& secret);

}  // namespace strata
