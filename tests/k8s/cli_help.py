"""What a program's own --help says about its flags (as CLI11 prints it), and whether a command line keeps to it."""

import dataclasses
import re
import subprocess


@dataclasses.dataclass
class Flag:
    takes_value: bool
    required: bool = False
    values: tuple = ()  # allowed words; empty: any
    least: float = None  # of a number
    most: float = None


@dataclasses.dataclass
class Help:
    program: str
    flags: dict = dataclasses.field(default_factory=dict)
    positionals: int = 0
    subcommands: set = dataclasses.field(default_factory=set)


def _flag(description):
    """A Flag from what follows its names on the line: 'TEXT:{a,b} REQUIRED   what it does', or just what it does."""
    signature = re.split(r'\s{2,}', description.strip(' '))[0] if description.startswith(' ') and not description.startswith('  ') else ''
    first = signature.partition(' ')[0]
    takes_value = bool(re.match(r'[A-Z{]', first)) or '|' in first
    words = re.search(r'\{([^}]*)\}', signature)
    bounds = re.search(r'in \[(-?[\d.]+) - (-?[\d.]+)\]', signature)
    alternatives = re.match(r'([a-z]+(?:\|[a-z]+)+)(?:[=:]|$)', first)
    values = tuple(part.split('->')[0].strip() for part in words.group(1).split(',')) if words else ()
    if alternatives:
        values = tuple(alternatives.group(1).split('|'))
    return Flag(takes_value, 'REQUIRED' in signature, values, *(map(float, bounds.groups()) if bounds else (None, None)))


def parse(program, text):
    found = Help(program)
    section = ''
    for line in text.splitlines():
        if re.match(r'\S.*:$', line):
            section = line[:-1]
            continue
        flag = re.match(r'  ((?:-\w,)?--[\w-]+(?:,--[\w-]+)*)(.*)$', line)
        if flag:
            for name in flag.group(1).split(','):
                found.flags[name] = _flag(flag.group(2))
        elif section == 'Positionals' and re.match(r'  \S', line):
            found.positionals += 1
        elif section == 'Subcommands' and (name := re.match(r'  ([a-z][\w-]*)\s{2,}', line)):
            found.subcommands.add(name.group(1))
    return found


def ask(binary, *subcommands):
    """The Help of a program, or of one of its subcommands."""
    done = subprocess.run([binary, *subcommands, '--help'], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f'{binary} {" ".join(subcommands)} --help ends with {done.returncode}: {done.stdout}{done.stderr}')
    return parse(' '.join([str(binary).rsplit('/', 1)[-1], *subcommands]), done.stdout)


def _check_value(where, name, flag, value):
    if flag.values and value not in flag.values:
        yield f'{where}: {name} is {value!r}, must be one of {", ".join(flag.values)}'
    if flag.least is not None:
        try:
            inside = flag.least <= float(value) <= flag.most
        except ValueError:
            inside = False
        if not inside:
            yield f'{where}: {name} is {value!r}, must be from {flag.least:g} to {flag.most:g}'


def violations(help_of, words):
    """What is wrong with a command line of this help (without the program's and subcommand's names)."""
    where, seen, positionals, rest = help_of.program, set(), 0, list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith('-'):
            positionals += 1
            continue
        name, equals, value = word.partition('=')
        if name not in help_of.flags:
            yield f'{where}: {name} is no flag of it; it has {", ".join(sorted(help_of.flags))}'
            continue
        flag = help_of.flags[name]
        seen.add(name)
        if not flag.takes_value:
            if equals:
                yield f'{where}: {name} takes no value'
            continue
        if not equals:
            if not rest:
                yield f'{where}: {name} lacks its value'
                continue
            value = rest.pop(0)
        if value == '' or '$(' in value:
            yield f'{where}: {name} has the value {value!r}, which names no variable that is set'
            continue
        yield from _check_value(where, name, flag, value)
    for name, flag in help_of.flags.items():
        if flag.required and name not in seen:
            yield f'{where}: {name} is required'
    if positionals != help_of.positionals:
        yield f'{where}: {positionals} arguments without a flag, must be {help_of.positionals}'
