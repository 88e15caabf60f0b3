"""Small texts, each of which a rule must catch, and others that no rule may. Parts are joined so that this file is clean."""

import rules
import source_text

_MARKER = 'TO' + 'DO'
_ROOT = '/' + 'work'
_SLEEP = 'sleep_' + 'for'


def _header(body=''):
    return '#pragma once\n' + body


def _function(name, lines):
    """A function of exactly so many lines."""
    return f'void {name}() {{\n' + '  Call();\n' * (lines - 2) + '}\n'


def _tree(path, text):
    """The text as a project in which it is neither dead nor alone."""
    tree = {path: text}
    for layer in rules.LAYERS:
        tree.setdefault(f'{layer}/known.h', _header())
    tree.setdefault('tests/base/known.h', _header())
    tree.setdefault('docs/known.md', '')
    tree.setdefault('CMakeLists.txt', f'add_library(all {path} tests/all.cc)\n')
    tree['tests/all.cc'] = ''.join(f'#include "{other}"\n' for other in tree if other.endswith('.h'))
    return tree


# (path, text, part of the complaint)
BAD = [
    ('base/a.cc', '#include "run/known.h"\n', 'base/ may include nothing of ours'),
    ('model/a.cc', '#include "data/known.h"\n', 'model/ may include base'),
    ('run/a.cc', '#include "store/known.h"\n', 'run/ may include base'),
    ('store/a.cc', '  #  include "data/known.h"\n', 'store/ may include base, run'),
    ('data/ledger/a.cc', '#include "wire/known.h"\n', 'data/ may include'),
    ('wire/a.cc', '#include "worker/known.h"\n', 'wire/ may include'),
    ('worker/a.cc', '#include "coordinator/known.h"\n', 'worker/ may include'),
    ('serving/a.cc', '#include "client/known.h"\n', 'serving/ may include'),
    ('client/run.cc', '#include "worker/known.h"\n', 'client/ may include'),
    ('coordinator/domain.cc', '#include "worker/known.h"\n', 'coordinator/ may include'),
    ('base/a.cc', '#include "tests/base/known.h"\n', 'nothing but tests'),
    ('worker/main.cc', '#include "tests/base/known.h"\n', 'nothing but tests'),
    ('base/a.cc', '#include "known.h"\n', 'no file from the root'),
    ('base/a.cc', '#include "base/gone.h"\n', 'no file from the root'),
    ('model/a.cc', '#include <google/protobuf/message.h>\n', 'protobuf and gRPC'),
    ('run/a.h', _header('#include <grpcpp/grpcpp.h>\n'), 'protobuf and gRPC'),
    ('coordinator/plan.cc', '#include "strata/v1/score.pb.h"\n', 'protobuf and gRPC'),
    ('worker/execute.cc', '#include "strata/v1/score.grpc.pb.h"\n', 'protobuf and gRPC'),
    ('serving/a.cc', '#include <arrow/api.h>\n', 'Arrow belongs'),
    ('store/a.cc', '#include <parquet/arrow/reader.h>\n', 'Arrow belongs'),
    ('base/a.h', 'struct A {};\n', 'without #pragma once'),
    ('base/a.h', '// #pragma once\n', 'without #pragma once'),
    ('base/a.h', _header('using namespace std;\n'), 'using namespace'),
    ('base/a.cc', '\n' * 401, '401 lines'),
    ('tests/base/a.py', '\n' * 401, '401 lines'),
    ('scripts/demo', '\n' * 401, '401 lines'),
    ('base/a.cc', _function('TooLong', 71), 'TooLong: 71 lines'),
    ('base/a.cc', 'namespace a {\nclass B {\n public:\n' + _function('Inner', 71) + '};\n}\n', 'Inner: 71 lines'),
    ('base/a.cc', 'A::A(int x)\n    : x_(x), y_{1} {\n' + '  Call();\n' * 70 + '}\n', 'A::A: 73 lines'),
    ('base/a.cc', 'A::A() noexcept\n    : Base<int>{{1, 2}}, y_{f()} {\n' + '  Call();\n' * 70 + '}\n', 'A::A: 73 lines'),
    ('base/a.cc', 'template <typename T>\nvoid F(T t) {\n' + '  Call();\n' * 68 + '}\n', 'F: 71 lines'),
    ('base/a.cc', 'bool A::operator()(int a) const {\n' + '  Call();\n' * 70 + '}\n', 'operator(): 72 lines'),
    ('base/a.cc', 'const auto kF = [](int a) {\n' + '  Call();\n' * 70 + '};\n', '72 lines'),
    ('base/a.cc', 'struct stat Find(int a) {\n' + '  Call();\n' * 70 + '}\n', 'Find: 72 lines'),
    ('tests/base/a.cc', 'TEST_F(Suite, Name) {\n' + '  Call();\n' * 70 + '}\n', 'TEST_F(Suite, Name): 72 lines'),
    ('base/a.cc', 'void F() {\n  G("}");\n  H(\'}\');\n  // }\n  I(R"x(})x");\n' + '\n' * 70 + '}\n', 'F: 76 lines'),
    ('base/a.py', 'def f():\n' + '    call()\n' * 70, 'f: 71 lines'),
    ('tests/base/a.cc', f'std::this_thread::{_SLEEP}(1s);\n', 'do not sleep'),
    ('tests/base/a.cc', 'usleep' + '(1);\n', 'do not sleep'),
    ('tests/base/a.py', 'time.' + 'sleep(1)\n', 'do not sleep'),
    ('base/a.cc', 'int x = std::rand();\n', 'KeyedDraw'),
    ('base/a.cc', 'int x = rand();\n', 'KeyedDraw'),
    ('model/a.cc', 'std::random_device device;\n', 'take a seed'),
    ('model/a.cc', 'auto now = time(nullptr);\n', 'take a Clock'),
    ('worker/a.cc', 'auto now = std::chrono::system_clock::now();\n', 'take a Clock'),
    ('model/a.cc', 'auto now = std::chrono::steady_clock::now();\n', 'take a Clock'),
    ('model/a.cc', 'absl::Mutex mutex;\n', 'std::mutex'),
    ('tests/base/a.cc', 'EXPECT_TRUE' + '(true);\n', 'able to fail'),
    ('tests/base/a.cc', 'TEST(A, DISABLED' + '_B) {}\n', 'able to fail'),
    ('CMakeLists.txt', 'add_compile_options(-march=' + 'native)\n', 'least machine'),
    ('base/a.cc', f'const char kPath[] = "{_ROOT}/main";\n', 'no absolute path'),
    ('docs/a.md', f'See {_ROOT}/notes.\n', 'no absolute path'),
    ('scripts/demo', 'cd /' + 'tmp\n', 'no absolute path'),
    ('base/a.cc', f'// {_MARKER}: later\n', 'finish it'),
    ('docs/a.md', 'FIX' + 'ME\n', 'finish it'),
    ('scripts/demo', '# XX' + 'X\n', 'finish it'),
    ('base/utils/a.cc', '', 'a name says'),
    ('base/helpers.h', _header(), 'a name says'),
    ('tests/common/a.cc', '', 'a name says'),
    ('docs/a.md', 'See [there](gone.md).\n', 'broken link gone.md'),
    ('docs/a.md', 'See [there](../base/gone/).\n', 'broken link'),
    ('docs/a.md', '[there]: gone.md\n', 'broken link'),
]

# (path, text)
GOOD = [
    ('data/a.cc', '#include "store/known.h"\n#include <arrow/api.h>\n#include <vector>\n'),
    ('worker/main.cc', '#include "coordinator/known.h"\n#include <grpcpp/grpcpp.h>\n'),
    ('client/embedded/a.cc', '#include "worker/known.h"\n#include "coordinator/known.h"\n'),
    ('client/bench_main.cc', '#include "serving/known.h"\n'),
    ('tests/model/a.cc', '#include "tests/base/known.h"\n#include "client/known.h"\n'),
    ('wire/a.cc', '#include "strata/v1/score.pb.h"\n'),
    ('worker/session.cc', '#include <grpcpp/grpcpp.h>\n'),
    ('base/a.cc', '\n' * 400),
    ('base/a.cc', _function('LongEnough', 70)),
    ('base/a.cc', 'namespace {\n' + _function('One', 40) + _function('Two', 40) + '}\n'),
    ('base/a.cc', 'constexpr int kTable[] = {\n' + '  1,\n' * 100 + '};\n'),
    ('base/a.cc', 'const std::map<int, int (*)(int)> kTable = {\n' + '  {1, F},\n' * 100 + '};\n'),
    ('base/a.h', _header('class A : public B<int(int)> {\n' + '  int a_ = F(1);\n' * 100 + '};\n')),
    ('base/a.h', _header('enum class A {\n' + '  kB,\n' * 100 + '};\n')),
    ('base/a.cc', "const int64_t kMany = 10'000'000;\n" + _function('F', 20) + "const char kQuote = '\"';\n" + _function('G', 60)),
    ('base/a.cc', '#define A(x) { x;\nvoid F() {\n}\n' + _function('G', 60)),
    ('base/a.cc', f'// {_SLEEP} and std::rand are words here, "using namespace" too.\n'),
    ('base/a.cc', 'using namespace std::chrono;\n'),
    ('tests/base/a.cc', 'const char kText[] = "usleep' + '(1)";\n'),
    ('worker/session.cc', 'context.set_deadline(std::chrono::system_clock::now() + timeout);\n'),
    ('model/a.cc', 'double lifetime(int); double t = lifetime(0) + clock.time(0) + operand(1);\n'),
    ('docs/a.md', '[web](https://example.org/x) [here](#part) [file](known.md#part) [up](../base/) `[no](link)`\n'),
    ('docs/a.md', 'Folders like work/tmp, a/home and and/or are fine.\n'),
    ('scripts/demo', 'cd "$(dirname "$0")/.."\nrm -rf "$folder/tmp"\n'),
]

# Trees in which a file is dead.
DEAD = [
    ({'CMakeLists.txt': 'add_library(a a.cc)\n', 'a.cc': '', 'b.cc': ''}, 'b.cc'),
    ({'CMakeLists.txt': '# a.cc\n', 'a.cc': ''}, 'a.cc'),
    ({'CMakeLists.txt': '', 'base/a.h': _header()}, 'base/a.h'),
    ({'base/CMakeLists.txt': 'b(a.cc)\n', 'base/a.cc': '', 'run/a.cc': ''}, 'run/a.cc'),
]


def count():
    return len(BAD) + len(GOOD) + len(DEAD) + 1


def failures():
    """What the rules get wrong; empty when they are in order."""
    for path, text, complaint in BAD:
        found = [what for where, _, what in rules.violations(_tree(path, text)) if where == path]
        if not any(complaint in what for what in found):
            yield f'{path} was not caught ("{complaint}"), only {found}: {text[:60]!r}'
    for path, text in GOOD:
        found = rules.violations(_tree(path, text))
        if found:
            yield f'{path} is fine but was caught: {found}: {text[:60]!r}'
    for tree, dead in DEAD:
        found = [path for path, _, what in rules.violations(tree) if what.startswith('dead')]
        if found != [dead]:
            yield f'{dead} is dead, found {found}'
    lines = [line for line, _, _ in source_text.functions('\n\nint F() {\n}\n\nint G()\n{\n}\n')]
    if lines != [3, 6]:
        yield f'functions begin at lines 3 and 6, found {lines}'
