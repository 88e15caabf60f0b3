// A mistake of whoever keeps the rounds of a fit: what is written down for one night are the answers of another one,
// with everything around them as it should be. Only a checkpoint's pins could be checked, and they are right.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace strata::simulation {

class WrongCheckpoints {
 public:
  // The bytes to put under the key of a checkpoint's object in place of `bytes`.
  std::string Object(const std::string& key, std::string_view bytes);
  // The record to commit in place of `record`.
  std::string Record(const std::string& record);

 private:
  struct Answers {
    uint64_t plan = 0;
    uint32_t first_round = 0;
    uint32_t rounds = 0;
    std::string body;
  };
  std::map<std::string, Answers> put_;         // by key
  std::map<uint32_t, Answers> kept_;           // by first round
  std::map<std::string, std::string> forged_;  // bytes by key
};

}  // namespace strata::simulation
