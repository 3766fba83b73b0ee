# `pwd`: what `/etc/passwd` says.
from _pyrvm import structseq as _structseq

struct_passwd = _structseq('struct_passwd', 'pwd',
                           ('pw_name', 'pw_passwd', 'pw_uid', 'pw_gid', 'pw_gecos', 'pw_dir', 'pw_shell'))


def getpwall():
    rows = []
    try:
        file = open('/etc/passwd', encoding='utf-8', errors='surrogateescape')
    except OSError:
        return rows
    with file:
        for line in file:
            parts = line.rstrip('\n').split(':')
            if len(parts) == 7:
                rows.append(struct_passwd((parts[0], parts[1], int(parts[2]), int(parts[3]), *parts[4:])))
    return rows


def getpwnam(name, /):
    if not isinstance(name, str):
        raise TypeError(f'getpwnam() argument must be str, not {type(name).__name__}')
    if '\0' in name:
        raise ValueError('embedded null byte')
    for row in getpwall():
        if row.pw_name == name:
            return row
    raise KeyError(f'getpwnam(): name not found: {name!r}')


def getpwuid(uid, /):
    if not isinstance(uid, int):
        raise TypeError(f'uid should be integer, not {type(uid).__name__}')
    for row in getpwall():
        if row.pw_uid == uid:
            return row
    raise KeyError(f'getpwuid(): uid not found: {uid}')
