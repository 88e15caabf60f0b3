"""The house rules as functions of a tree: a dict from path (from the project's root) to text. Each yields (path, line, what)."""

import ast
import posixpath
import re

import source_text

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70

# What each layer may include (ARCHITECTURE.md); every layer may include itself.
_BELOW_WIRE = {'base', 'model', 'run', 'store', 'data'}
LAYERS = {
    'proto': set(),
    'base': set(),
    'model': {'base'},
    'run': {'base'},
    'store': {'base', 'run'},
    'data': {'base', 'model', 'run', 'store'},
    'wire': _BELOW_WIRE | {'proto'},
    'coordinator': _BELOW_WIRE | {'proto', 'wire'},
    'worker': _BELOW_WIRE | {'proto', 'wire'},
    'serving': _BELOW_WIRE | {'proto', 'wire'},
    'client': _BELOW_WIRE | {'proto', 'wire'},
}
# These put processes together and so may include every layer.
COMPOSERS = re.compile(r'(^|/)(main|\w+_main)\.cc$|^client/embedded/')

# Where messages and RPC may be seen: conversion, the services, the sessions, the programs.
MESSAGES_ALLOWED = re.compile(
    r'^(wire|serving|client|tests|bench)/|^coordinator/(service|services)/|^coordinator/\w*(service|operation|server|channel)\w*\.'
    r'|^worker/(session|channel)/|^worker/\w*(session|channel)\w*\.')
# Headers that the build writes.
GENERATED = re.compile(r'\.pb\.h$|^strata_build_id\.h$')
# The client writes one file for people, an export, and reads it back; S3 is Arrow's file system.
ARROW_ALLOWED = re.compile(r'^(data|tests|bench)/|^client/(export_parquet(_reader)?|features_parquet|ledger_parquet|partial_parquet_file)\.cc$|^store/s3_client\.cc$')

CPP = ('.h', '.cc')
COUNTED = CPP + ('.proto', '.py', '.ts', '.tsx', '.js', '.css', '.sh', '.cmake')
BAD_NAMES = re.compile(r'^(utils?|common|helpers?|misc)(\.\w+)?$')


def is_cpp(path):
    return path.endswith(CPP)


def is_script(path):
    return path.startswith(('scripts/', '.ci/')) and '.' not in posixpath.basename(path)


def is_build_file(path):
    return path.endswith('.cmake') or posixpath.basename(path) == 'CMakeLists.txt'


def layer_of(path):
    return path.split('/', 1)[0]


def check_layers(tree):
    for path, text in tree.items():
        if not is_cpp(path):
            continue
        layer = layer_of(path)
        for line, mark, included in source_text.includes(text):
            target = layer_of(included)
            if mark == '<' or (target not in LAYERS and target != 'tests'):
                continue
            if layer == 'tests' or target == layer or COMPOSERS.search(path):
                if target == 'tests' and layer != 'tests':
                    yield path, line, f'includes {included}: nothing but tests may include tests/'
                continue
            if target == 'tests':
                yield path, line, f'includes {included}: nothing but tests may include tests/'
            elif target not in LAYERS.get(layer, set(LAYERS)):
                allowed = ', '.join(sorted(LAYERS[layer])) or 'nothing of ours'
                yield path, line, f'includes {included}: {layer}/ may include {allowed}'


def check_includes(tree):
    for path, text in tree.items():
        if not is_cpp(path):
            continue
        for line, mark, included in source_text.includes(text):
            if mark == '"' and included not in tree and not GENERATED.search(included):
                yield path, line, f'includes "{included}", which is no file from the root of the project'
            if re.match(r'google/(protobuf|rpc|longrunning|api)/|grpc(pp)?/|.*\.pb\.h$', included):
                if not MESSAGES_ALLOWED.search(path) and not COMPOSERS.search(path):
                    yield path, line, f'includes {included}: protobuf and gRPC belong to wire/, services, sessions and mains'
            if re.match(r'(arrow|parquet)/', included) and not ARROW_ALLOWED.search(path):
                yield path, line, f'includes {included}: Arrow belongs to data/'


def check_headers(tree):
    for path, text in tree.items():
        if not path.endswith('.h'):
            continue
        code = source_text.without_comments_and_literals(text)
        if not re.search(r'^#pragma once$', code, re.MULTILINE):
            yield path, 1, 'a header without #pragma once'
        for match in re.finditer(r'\busing\s+namespace\b', code):
            yield path, source_text.line_of(code, match.start()), 'using namespace in a header: write the names out'


def check_length(tree):
    for path, text in tree.items():
        lines = text.count('\n')
        counted = path.endswith(COUNTED) or is_script(path) or is_build_file(path)
        if counted and lines > FILE_LINES_MAX:
            yield path, 1, f'{lines} lines; at most {FILE_LINES_MAX}: split it by kind, not by number'
        if is_cpp(path):
            functions = source_text.functions(text)
        elif path.endswith('.py'):
            functions = _python_functions(text)
        else:
            continue
        for line, name, size in functions:
            if size > FUNCTION_LINES_MAX:
                yield path, line, f'{name}: {size} lines; a function has at most {FUNCTION_LINES_MAX}'


def _python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.name, node.end_lineno - node.lineno + 1


# (where, pattern, what to do instead), searched in C++ without comments and literals.
CODE_TOKENS = [(re.compile(where), re.compile(pattern, re.MULTILINE), advice) for where, pattern, advice in [
    (r'^tests/', r'\bsleep_(?:for|until)\b|\b[un]?sleep\s*\(|\bSleepFor\b', 'tests do not sleep: use tests/base/fake_clock.h'),
    (r'', r'\bstd::rand\b|\bsrand\s*\(|(?<![\w:.>])rand\s*\(', 'use KeyedDraw (base/hash.h), in tests std::mt19937_64 with a seed'),
    (r'^(?!base/)', r'\bstd::random_device\b', 'randomness comes in through the door: take a seed'),
    (r'', r'(?<![\w.>])time\s*\(\s*(?:nullptr|NULL|0)\s*\)', 'take a Clock (base/clock.h)'),
    # gRPC's deadlines are points of this clock, so services and the client need it.
    (r'^(model|run|data|store|coordinator|worker)/', r'^(?![^\n]*deadline)[^\n]*\bsystem_clock::now\b', 'take a Clock (base/clock.h)'),
    (r'^(model|run|data|store|coordinator)/', r'\bsteady_clock::now\b', 'take a Clock (base/clock.h)'),
    (r'^(?!tests/)', r'\babsl::(?:Mutex|StrCat)\b', 'use std::mutex and fmt'),
    (r'^tests/', r'\bEXPECT_TRUE\s*\(\s*true\s*\)|\bASSERT_TRUE\s*\(\s*true\s*\)|\bDISABLED' + '_', 'a test must be able to fail'),
]]
# (pattern, what to do instead), searched in all of every text.
TEXT_TOKENS = [(re.compile(pattern), advice) for pattern, advice in [
    (r'-march=' + 'native', 'name the least machine: -march=x86-64-v3'),
    (r'(?<![\w.\-}*)])/(?:work|tmp|home|root)(?:/|\b)', 'no absolute path: ask for it or use a temporary folder'),
    (r'\b(?:TO' + 'DO|FIX' + 'ME|XX' + 'X)\\b', 'finish it or write it into the documentation as a limit'),
]]


def check_tokens(tree):
    for path, text in tree.items():
        if is_cpp(path):
            code = source_text.without_comments_and_literals(text)
            for where, pattern, advice in CODE_TOKENS:
                if where.search(path):
                    yield from _found(path, code, pattern, advice)
        if path.startswith('tests/') and path.endswith('.py'):
            yield from _found(path, text, re.compile(r'\btime\.' + r'sleep\b'), 'tests do not sleep: wait for output or an exit')
        if path.startswith('k8s/'):
            continue  # mount points inside a container are absolute
        for pattern, advice in TEXT_TOKENS:
            yield from _found(path, text, pattern, advice)


def _found(path, text, pattern, advice):
    for match in pattern.finditer(text):
        yield path, source_text.line_of(text, match.start()), f'{match.group(0).strip()[:60]}: {advice}'


def check_names(tree):
    for path in tree:
        for part in path.split('/'):
            if BAD_NAMES.match(part):
                yield path, 1, f'{part}: a name says what is in it'


def check_links(tree):
    folders = {posixpath.dirname(path) for path in tree}
    folders |= {parent for folder in folders for parent in _parents(folder)}
    for path, text in tree.items():
        if not path.endswith('.md'):
            continue
        # Code shows links, it has none.
        prose = re.sub(r'```.*?```|`[^`\n]*`', lambda match: re.sub(r'[^\n]', ' ', match.group(0)), text, flags=re.DOTALL)
        for match in re.finditer(r'\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)', prose, re.MULTILINE):
            link = match.group(1) or match.group(2)
            if re.match(r'[a-z][a-z0-9+.-]*:|#', link):
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link.split('#')[0]))
            if target not in tree and target not in folders and target != '.':
                yield path, source_text.line_of(prose, match.start()), f'broken link {link}'


def _parents(folder):
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def check_dead(tree):
    named = set()
    for path, text in tree.items():
        if is_build_file(path):
            folder = posixpath.dirname(path)
            text = re.sub(r'#.*', '', text)
            for token in re.findall(r'[\w./+-]+', text):
                named.add(posixpath.normpath(posixpath.join(folder, token.lstrip('/'))))
                named.add(posixpath.normpath(token.lstrip('/')))
    included = {inner for path, text in tree.items() if is_cpp(path) for _, _, inner in source_text.includes(text)}
    for path in tree:
        stem = posixpath.splitext(path)[0]
        if path.endswith(('.cc', '.proto')) and path not in named and stem not in named:
            yield path, 1, 'dead: no CMakeLists.txt names it'
        if path.endswith('.h') and path not in included:
            yield path, 1, 'dead: nothing includes it'


CHECKS = [check_layers, check_includes, check_headers, check_length, check_tokens, check_names, check_links, check_dead]


def violations(tree):
    return sorted(set(violation for check in CHECKS for violation in check(tree)))
