# `grp`: what `/etc/group` says.
from _pyrvm import structseq as _structseq

struct_group = _structseq('struct_group', 'grp', ('gr_name', 'gr_passwd', 'gr_gid', 'gr_mem'))


def getgrall():
    rows = []
    try:
        file = open('/etc/group', encoding='utf-8', errors='surrogateescape')
    except OSError:
        return rows
    with file:
        for line in file:
            parts = line.rstrip('\n').split(':')
            if len(parts) == 4:
                members = parts[3].split(',') if parts[3] else []
                rows.append(struct_group((parts[0], parts[1], int(parts[2]), members)))
    return rows


def getgrnam(name):
    if not isinstance(name, str):
        raise TypeError(f"getgrnam() argument 'name' must be str, not {type(name).__name__}")
    for row in getgrall():
        if row.gr_name == name:
            return row
    raise KeyError(f'getgrnam(): name not found: {name!r}')


def getgrgid(id):
    if not isinstance(id, int):
        raise TypeError(f"'{type(id).__name__}' object cannot be interpreted as an integer")
    for row in getgrall():
        if row.gr_gid == id:
            return row
    raise KeyError(f'getgrgid(): gid not found: {id}')
