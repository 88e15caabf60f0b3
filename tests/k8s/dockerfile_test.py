"""The Dockerfile as text: what it copies is there, and it keeps to the rules; image_root.py carries it out."""

import pathlib
import sys
import unittest

sys.dont_write_bytecode = True

import dockerfile  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXT = (ROOT / 'Dockerfile').read_text(encoding='utf-8')
PATTERNS = dockerfile.read_ignore((ROOT / '.dockerignore').read_text(encoding='utf-8'))


class DockerfileTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = dockerfile.context(ROOT, PATTERNS)

    def lint(self, text):
        return list(dockerfile.lint(dockerfile.parse(text), self.files))

    def test_it_is_in_order(self):
        self.assertEqual(self.lint(TEXT), [])

    def test_the_context_has_what_is_built_and_nothing_that_is_not(self):
        self.assertLess({'CMakeLists.txt', 'CMakePresets.json', 'scripts/setup', 'scripts/wheels.txt', 'client/main.cc'},
                        set(self.files))
        for folder in ('build', '.git', 'tests', 'k8s', 'docs', 'examples'):
            self.assertEqual([file for file in self.files if file.startswith(folder + '/')], [])

    def test_no_tests_are_configured_that_the_context_lacks(self):
        build = [line for line in TEXT.splitlines() if 'cmake --preset' in line]
        self.assertEqual(len(build), 1)
        self.assertIn('-DBUILD_TESTING=OFF', build[0])

    def test_every_fault_is_seen(self):
        for old, new, complaint in [
                ('debian:bookworm-slim', 'debian', 'name a version'),
                ('debian:bookworm-slim', 'debian:latest', 'name a version'),
                ('--from=build', '--from=builder', 'no earlier stage'),
                ('scripts/wheels.txt', 'scripts/wheel.txt', 'no such file in the context'),
                ('scripts/wheels.txt', 'tests/CMakeLists.txt', 'no such file in the context'),
                ('--no-install-recommends ', '', 'without --no-install-recommends'),
                ('rm -rf /var/lib/apt/lists/*', 'true', 'lists of apt'),
                ('USER 65532:65532', '', 'no USER'),
                ('USER 65532:65532', 'USER 0:0', 'numbers above 0'),
                ('USER 65532:65532', 'USER strata', 'numbers above 0'),
                ('USER 65532:65532', 'USER 65532:65532\nRUN true', 'before the last RUN'),
                ('WORKDIR /src', 'WORKDIR src', 'from the root'),
                ('ENV DEBIAN', 'ENV AWS_SECRET_ACCESS_KEY=x DEBIAN', 'secret'),
                ('CMD ["strata", "--help"]', 'CMD strata --help', 'JSON list')]:
            with self.subTest(new=new or old):
                self.assertIn(old, TEXT)
                found = self.lint(TEXT.replace(old, new, 1))
                self.assertEqual(len(found), 1, found)
                self.assertIn(complaint, found[0])

    def test_what_is_not_understood_is_refused(self):
        for text in ('FROM a:1\nADD x y\n', 'RUN true\n', 'FROM a:1 as b\n', 'FROM a:1\nRUN a && \\\n', 'FROM\n'):
            with self.assertRaises(dockerfile.DockerfileError, msg=text):
                dockerfile.parse(text)
        for pattern in ('!build', '/build', 'a/**/b'):
            with self.assertRaises(dockerfile.DockerfileError, msg=pattern):
                dockerfile.read_ignore(pattern)

    def test_instructions_are_read(self):
        stages = dockerfile.parse('# x\nFROM a:1 AS one\nENV A=1 B="2 3"\n'
                                  'RUN --mount=type=cache,target=/c x && \\\n    # between\n    y\nFROM b:2\nCOPY --from=one p q r/\n')
        self.assertEqual([(stage.image, stage.name) for stage in stages], [('a:1', 'one'), ('b:2', '')])
        env, run = stages[0].instructions
        self.assertEqual(dockerfile.environment(env), {'A': '1', 'B': '2 3'})
        self.assertEqual((run.text, run.line, dockerfile.cache_mount(run)), ('x && y', 4, '/c'))
        copy, = stages[1].instructions
        self.assertEqual((copy.flags, dockerfile.copy_operands(copy)), ({'from': 'one'}, (['p', 'q'], 'r/')))

    def test_dockerignore(self):
        for path, pattern, expected in [
                ('build', 'build', True), ('build/x/y', 'build', True), ('tests/build', 'build', False),
                ('tests/build/x', '**/build', True), ('a/b/c', 'a/b', True), ('a/c', 'a/b', False), ('x.md', '*.md', True),
                ('a/x.md', '*.md', False), ('a/x.md', '**/*.md', True), ('builds', 'build', False)]:
            self.assertEqual(dockerfile.ignored(path, [pattern]), expected, (path, pattern))


if __name__ == '__main__':
    unittest.main(verbosity=2)
