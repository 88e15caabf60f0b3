// A mistake of whoever keeps the rounds of a fit: one worker's answer is written down in another one's place, with
// everything around it as it should be. Only a checkpoint's pins could be checked, and they are right.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace strata::simulation {

class WrongCheckpoints {
 public:
  // The bytes to put under the key of a checkpoint's object in place of `bytes`: its first round alone, whose last
  // answer is the first one again. A round with one answer stays as it is.
  std::string Object(const std::string& key, std::string_view bytes);
  // The record to commit in place of `record`.
  std::string Record(const std::string& record);

 private:
  std::map<std::string, std::string> forged_;  // bytes by key
};

}  // namespace strata::simulation
