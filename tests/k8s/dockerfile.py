"""Reads a Dockerfile: stages with their instructions, the files that COPY takes, and what is wrong with it (lint)."""

import dataclasses
import fnmatch
import json
import os
import pathlib
import re
import shlex

INSTRUCTIONS = {'FROM', 'RUN', 'COPY', 'ENV', 'WORKDIR', 'USER', 'CMD'}  # all that this project needs and image_root.py can do


@dataclasses.dataclass
class Instruction:
    name: str
    flags: dict  # --mount=type=cache,target=/x is {'mount': 'type=cache,target=/x'}
    text: str  # what follows the flags
    line: int


@dataclasses.dataclass
class Stage:
    image: str
    name: str
    instructions: list


class DockerfileError(ValueError):
    pass


def _logical_lines(text):
    """(number of the first line, instruction on one line); comments and blank lines are left out."""
    held, first = '', 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith('#') or (not line.strip() and not held):
            continue
        first = first or number
        if line.endswith('\\'):
            held += line[:-1].strip() + ' '
            continue
        yield first, held + line.strip()
        held, first = '', 0
    if held:
        raise DockerfileError(f'line {first}: the file ends within an instruction')


def _instruction(number, line):
    name, _, rest = line.partition(' ')
    if name not in INSTRUCTIONS:
        raise DockerfileError(f'line {number}: {name} is none of {", ".join(sorted(INSTRUCTIONS))}')
    flags = {}
    while match := re.match(r'\s*--([a-z]+)=(\S+)\s+', rest):
        flags[match.group(1)] = match.group(2)
        rest = rest[match.end():]
    return Instruction(name, flags, rest.strip(), number)


def parse(text):
    """The stages in their order."""
    stages = []
    for number, line in _logical_lines(text):
        instruction = _instruction(number, line)
        if instruction.name == 'FROM':
            words = instruction.text.split()
            if len(words) not in (1, 3) or (len(words) == 3 and words[1] != 'AS'):
                raise DockerfileError(f'line {number}: FROM IMAGE or FROM IMAGE AS NAME, not {instruction.text}')
            stages.append(Stage(words[0], words[2] if len(words) == 3 else '', []))
        elif not stages:
            raise DockerfileError(f'line {number}: {instruction.name} before the first FROM')
        else:
            stages[-1].instructions.append(instruction)
    return stages


def environment(instruction):
    """The variables of an ENV instruction."""
    pairs = [word.partition('=') for word in shlex.split(instruction.text)]
    if any(not equals for _, equals, _ in pairs):
        raise DockerfileError(f'line {instruction.line}: ENV NAME=VALUE, not {instruction.text}')
    return {name: value for name, _, value in pairs}


def copy_operands(instruction):
    """(sources, destination) of a COPY instruction."""
    words = shlex.split(instruction.text)
    if len(words) < 2:
        raise DockerfileError(f'line {instruction.line}: COPY needs sources and a destination')
    return words[:-1], words[-1]


def cache_mount(instruction):
    """The folder that RUN --mount=type=cache keeps between builds, or None."""
    if 'mount' not in instruction.flags:
        return None
    parts = dict(part.split('=', 1) for part in instruction.flags['mount'].split(','))
    if set(parts) != {'type', 'target'} or parts['type'] != 'cache':
        raise DockerfileError(f'line {instruction.line}: only --mount=type=cache,target=FOLDER is known')
    return parts['target']


def ignored(path, patterns):
    """Whether a .dockerignore of these patterns keeps `path` (relative to the context) or a folder above it out."""
    parts = path.split('/')
    for pattern in patterns:
        anywhere = pattern.startswith('**/')
        wanted = pattern.removeprefix('**/').split('/')
        for begin in range(len(parts) if anywhere else 1):
            piece = parts[begin:begin + len(wanted)]
            if len(piece) == len(wanted) and all(map(fnmatch.fnmatchcase, piece, wanted)):
                return True
    return False


def read_ignore(text):
    patterns = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith('#')]
    for pattern in patterns:
        if pattern.startswith(('!', '/')) or '**' in pattern.removeprefix('**/'):
            raise DockerfileError(f'.dockerignore: {pattern} is not understood here: NAME, A/B, with * and ? or a leading **/')
    return patterns


def context(root, patterns):
    """The files that a build of `root` sends to the engine, relative to it, in order."""
    files = []
    for folder, folders, names in os.walk(root):
        at = pathlib.PurePosixPath(os.path.relpath(folder, root))
        folders[:] = sorted(name for name in folders if not ignored(str(at / name), patterns))
        files += [str(at / name) for name in sorted(names) if not ignored(str(at / name), patterns)]
    return files


def _copied(source, files):
    source = source.removeprefix('./').rstrip('/')
    return [file for file in files if source == '.' or file == source or file.startswith(source + '/')]


def _lint_stage(stage, names, files):
    if ':' not in stage.image or stage.image.endswith(':latest'):
        yield f'FROM {stage.image}: name a version'
    for instruction in stage.instructions:
        where = f'line {instruction.line}: {instruction.name}'
        if instruction.name == 'COPY':
            sources, _ = copy_operands(instruction)
            if 'from' in instruction.flags:
                if instruction.flags['from'] not in names:
                    yield f'{where} --from={instruction.flags["from"]}: no earlier stage has this name'
            else:
                yield from (f'{where} {source}: no such file in the context' for source in sources if not _copied(source, files))
        elif instruction.name == 'RUN':
            cache_mount(instruction)
            if 'apt-get install' in instruction.text:
                if '--no-install-recommends' not in instruction.text:
                    yield f'{where}: apt-get install without --no-install-recommends'
                if 'rm -rf /var/lib/apt/lists' not in instruction.text:
                    yield f'{where}: the lists of apt stay in the layer'
        elif instruction.name == 'WORKDIR' and not instruction.text.startswith('/'):
            yield f'{where} {instruction.text}: give a path from the root'
        elif instruction.name == 'ENV' and (secret := re.search(r'\w*(SECRET|PASSWORD|TOKEN|ACCESS_KEY)\w*', instruction.text)):
            yield f'{where} {secret.group(0)}: a secret does not belong into an image'
        elif instruction.name == 'CMD' and not _is_exec_form(instruction.text):
            yield f'{where}: write a JSON list; a shell in between would swallow signals'


def _is_exec_form(text):
    try:
        words = json.loads(text)
    except ValueError:
        return False
    return isinstance(words, list) and all(isinstance(word, str) for word in words)


def lint(stages, files):
    """What is wrong, each as a line of text; `files` is the context."""
    names = set()
    for stage in stages:
        yield from _lint_stage(stage, names, files)
        names.add(stage.name)
    users = [instruction for instruction in stages[-1].instructions if instruction.name == 'USER']
    if not users:
        yield 'the last stage has no USER: it would run as root'
    elif not re.fullmatch(r'[1-9]\d*:[1-9]\d*', users[-1].text):
        yield f'line {users[-1].line}: USER {users[-1].text}: give numbers above 0 for user and group'
    elif stages[-1].instructions.index(users[-1]) < max(
            (n for n, i in enumerate(stages[-1].instructions) if i.name in ('RUN', 'COPY')), default=-1):
        yield f'line {users[-1].line}: USER comes before the last RUN or COPY'
