"""C++ texts without a compiler: blanks out comments and literals, finds functions and includes. Good enough for rules."""

import re

_LITERAL = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|(?:\b(?:u8|[uUL])?R)"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)"'
    r'|"(?:\\.|[^"\\\n])*"'
    # A quote after a digit separates digits: 10'000.
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.DOTALL)
_DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n\\]|\\\n|\\.)*', re.MULTILINE)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?P<mark>[<"])(?P<path>[^>"\n]+)[>"]', re.MULTILINE)
_PUNCTUATION = re.compile(r'[{};]')
_OUTER = re.compile(r'^(?:inline\s+)?namespace\b|^extern\s*$')
_TYPE = re.compile(r'^(?:typedef\s+)?(?:class|struct|union|enum)\b')
_TEMPLATE = re.compile(r'^template\s*<')
_TEST = re.compile(r'\b((?:TYPED_)?TEST(?:_[FP])?\s*\([^)]*\))')
_NAME = re.compile(r'((?:\w[\w:]*::)?operator\s*(?:\(\)|[^\s\w(]+)|~?\w[\w:]*)\s*\(')
_MEMBER_BRACE = re.compile(r'\)\s*(?:noexcept\s*)?:(?!:).*[\w>]$', re.DOTALL)


def _blank(match):
    return re.sub(r'[^\n]', ' ', match.group(0))


def without_comments_and_literals(text):
    """The text with every comment and literal blanked, line for line."""
    return _LITERAL.sub(_blank, text)


def without_comments(text):
    """The text with every comment blanked; literals stay."""
    return _LITERAL.sub(lambda match: _blank(match) if match.group(0).startswith(('//', '/*')) else match.group(0), text)


def includes(text):
    """(line, mark, path) of every #include; the mark is '<' or '"'."""
    for match in _INCLUDE.finditer(text):
        yield line_of(text, match.start('path')), match.group('mark'), match.group('path')


def line_of(text, position):
    return text.count('\n', 0, position) + 1


def _without_template(head):
    """`head` without its leading template parameter lists."""
    while _TEMPLATE.match(head):
        depth = 0
        for position, char in enumerate(head):
            depth += {'<': 1, '>': -1}.get(char, 0)
            if char == '>' and depth == 0:
                head = head[position + 1:].lstrip()
                break
        else:
            return head
    return head


def _with_braces_as_parentheses(head):
    """`head` with the initialisers in it told apart from the brace that follows it."""
    while '{' in head:
        shorter = re.sub(r'\{[^{}]*\}', '()', head)
        if shorter == head:
            return head
        head = shorter
    return head


def _kind(head):
    """What a brace opens whose statement begins with `head`: 'scope', 'function' or 'initialiser'."""
    head = _without_template(head.strip())
    if _OUTER.search(head):
        return 'scope'
    if _TYPE.match(head):
        before_bases = re.sub(r'\balignas\s*\([^)]*\)', '', head.split(' : ')[0])
        if '(' not in before_bases:
            return 'scope'
    if '(' not in head or head.endswith('=') or _MEMBER_BRACE.search(head):
        return 'initialiser'
    return 'function'


def _name(head):
    test = _TEST.search(head)
    if test:
        return test.group(1)
    match = _NAME.search(_without_template(head.strip()))
    return match.group(1) if match else head.strip()[:40]


def functions(text):
    """(line, name, lines) of every function outside other functions, from its first line to its closing brace."""
    code = _DIRECTIVE.sub(_blank, without_comments_and_literals(text))
    head_begin = 0
    inside = 0  # braces open since the outermost function or initialiser
    kind = begin = head = None
    for match in _PUNCTUATION.finditer(code):
        char, position = match.group(0), match.start()
        if inside:
            inside += {'{': 1, '}': -1, ';': 0}[char]
            if inside:
                continue
            if kind == 'function':
                first = line_of(code, begin)
                yield first, _name(head), line_of(code, position) - first + 1
                head_begin = position + 1
            # The head of an initialiser goes on: a(x), b{y} { is a constructor.
            continue
        if char != '{':
            head_begin = position + 1
            continue
        # Access labels are no part of a head.
        head = re.sub(r'^\s*(?:public|private|protected)\s*:', ' ', code[head_begin:position])
        kind = _kind(_with_braces_as_parentheses(head))
        if kind == 'scope':
            head_begin = position + 1
            continue
        inside = 1
        begin = head_begin + len(code[head_begin:position]) - len(head.lstrip())
