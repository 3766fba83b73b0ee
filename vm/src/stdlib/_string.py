# `_string`: the parts of format strings.
def formatter_parser(text, /):
    if not isinstance(text, str):
        raise TypeError(f'expected str, got {type(text).__name__}')
    return _parts(text)


def _parts(text):
    at, size = 0, len(text)
    while at < size:
        literal = []
        while at < size and text[at] not in '{}':
            literal.append(text[at])
            at += 1
        if at == size:
            yield ''.join(literal), None, None, None
            return
        char = text[at]
        if text[at + 1:at + 2] == char:
            literal.append(char)
            at += 2
            yield ''.join(literal), None, None, None
            continue
        if char == '}':
            raise ValueError("Single '}' encountered in format string")
        start = at = at + 1
        depth = 1
        while at < size and depth:
            if text[at] == '{':
                depth += 1
            elif text[at] == '}':
                depth -= 1
            at += 1
        if depth:
            raise ValueError("Single '{' encountered in format string" if start == size
                             else "expected '}' before end of string")
        field = text[start:at - 1]
        name, conversion, spec = field, None, ''
        square = 0
        for index, char in enumerate(field):
            if char == '[':
                square += 1
            elif char == ']':
                square -= 1
            elif char in '!:' and square <= 0:
                name, rest = field[:index], field[index:]
                if rest[0] == '!':
                    if len(rest) < 2:
                        raise ValueError('end of string while looking for conversion specifier')
                    conversion, rest = rest[1], rest[2:]
                    if rest and rest[0] != ':':
                        raise ValueError("expected ':' after conversion specifier")
                spec = rest[1:]
                break
        yield ''.join(literal), name, spec, conversion


def formatter_field_name_split(name, /):
    size = len(name)
    at = 0
    while at < size and name[at] not in '.[':
        at += 1
    first = name[:at]
    return (int(first) if first.isdigit() else first), _rest(name, at)


def _rest(name, at):
    size = len(name)
    while at < size:
        if name[at] == '.':
            start = at = at + 1
            while at < size and name[at] not in '.[':
                at += 1
            if start == at:
                raise ValueError('Empty attribute in format string')
            yield True, name[start:at]
        elif name[at] == '[':
            end = name.find(']', at)
            if end < 0:
                raise ValueError("Missing ']' in format string")
            key = name[at + 1:end]
            if not key:
                raise ValueError('Empty attribute in format string')
            yield False, int(key) if key.isdigit() else key
            at = end + 1
        else:
            raise ValueError("Only '.' or '[' may follow ']' in format field specifier")
