#!/usr/bin/env python3
"""Checks the house rules (rules.py) on every file of the project; run from its root. First the rules check themselves."""

import os
import sys

sys.dont_write_bytecode = True

import rules  # noqa: E402
import self_test  # noqa: E402

SKIPPED_FOLDERS = {'build', 'node_modules', '__pycache__', '.git', '.strata', '.cache', '.vscode', '.idea'}
TEXT_ENDINGS = ('.h', '.cc', '.proto', '.py', '.ts', '.tsx', '.js', '.css', '.html', '.sh', '.cmake', '.md', '.yaml', '.yml',
                '.json')
TEXT_NAMES = ('CMakeLists.txt', 'run', 'Dockerfile')


def read_tree(root):
    """Every file of the project by its path; what is no text, or is data of a test, with an empty one."""
    tree = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), root).replace(os.sep, '/')
            is_script = path.startswith(('scripts/', '.ci/')) and '.' not in name
            is_data = path.startswith('tests/data/') and name.endswith(('.json', '.yaml', '.yml', '.html'))
            tree[path] = ''
            if not is_data and (name.endswith(TEXT_ENDINGS) or name in TEXT_NAMES or is_script):
                with open(os.path.join(root, path), encoding='utf-8') as file:
                    tree[path] = file.read()
    return tree


def main():
    broken = list(self_test.failures())
    for failure in broken:
        print(f'tidy: the rules are broken: {failure}')
    tree = read_tree('.')
    if 'CMakeLists.txt' not in tree:
        print('tidy: run me from the root of the project')
        return 2
    found = rules.violations(tree)
    for path, line, what in found:
        print(f'{path}:{line}: {what}')
    print(f'tidy: {len(tree)} files, {len(found)} violations, {self_test.count()} rule samples, {len(broken)} broken')
    return 1 if found or broken else 0


if __name__ == '__main__':
    sys.exit(main())
