"""`_locale`: this machine has the locale C, with UTF-8 as every text's coding."""
import _pyrvm_os as _o

LC_CTYPE, LC_NUMERIC, LC_TIME, LC_COLLATE, LC_MONETARY, LC_MESSAGES, LC_ALL = range(7)
CHAR_MAX = 127
CODESET, RADIXCHAR, THOUSEP, YESEXPR, NOEXPR, CRNCYSTR = 14, 65536, 65537, 327680, 327681, 262159
D_T_FMT, D_FMT, T_FMT, T_FMT_AMPM, AM_STR, PM_STR = 131112, 131113, 131114, 131115, 131110, 131111
ERA, ERA_D_FMT, ERA_D_T_FMT, ERA_T_FMT, ALT_DIGITS = 131116, 131118, 131120, 131121, 131119
_DAYS = ('Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday')
_MONTHS = ('January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October',
           'November', 'December')
_INFO = {CODESET: 'UTF-8', RADIXCHAR: '.', THOUSEP: '', YESEXPR: '^[yY]', NOEXPR: '^[nN]', CRNCYSTR: '-',
         D_T_FMT: '%a %b %e %H:%M:%S %Y', D_FMT: '%m/%d/%y', T_FMT: '%H:%M:%S', T_FMT_AMPM: '%I:%M:%S %p', AM_STR: 'AM',
         PM_STR: 'PM', ERA: '', ERA_D_FMT: '', ERA_D_T_FMT: '', ERA_T_FMT: '', ALT_DIGITS: ''}
for _at, _name in enumerate(_DAYS):
    globals()[f'ABDAY_{_at + 1}'], globals()[f'DAY_{_at + 1}'] = 131072 + _at, 131079 + _at
    _INFO[131072 + _at], _INFO[131079 + _at] = _name[:3], _name
for _at, _name in enumerate(_MONTHS):
    globals()[f'ABMON_{_at + 1}'], globals()[f'MON_{_at + 1}'] = 131086 + _at, 131098 + _at
    _INFO[131086 + _at], _INFO[131098 + _at] = _name[:3], _name
_set = ['C.UTF-8' if category == LC_CTYPE else 'C' for category in range(LC_ALL)]
_KNOWN = {'C': 'C', 'POSIX': 'C', 'C.UTF-8': 'C.UTF-8', 'C.utf8': 'C.utf8'}


class Error(Exception):
    __module__ = 'locale'


def setlocale(category, locale=None, /):
    if not LC_CTYPE <= category <= LC_ALL:
        raise Error('unsupported locale setting')
    if locale is not None:
        if locale == '':
            environment = {key: value for key, value in _o.environ()}
            for name in (b'LC_ALL', b'LC_CTYPE', b'LANG'):
                if environment.get(name):
                    locale = environment[name].decode('ascii', 'replace')
                    break
            else:
                locale = 'C'
        if '=' in locale:
            locale = dict(part.split('=', 1) for part in locale.split(';') if '=' in part).get('LC_CTYPE', '')
        if locale not in _KNOWN:
            raise Error('unsupported locale setting')
        for at in range(LC_ALL) if category == LC_ALL else (category,):
            _set[at] = _KNOWN[locale]
    if category != LC_ALL:
        return _set[category]
    if len(set(_set)) == 1:
        return _set[0]
    names = ('LC_CTYPE', 'LC_NUMERIC', 'LC_TIME', 'LC_COLLATE', 'LC_MONETARY', 'LC_MESSAGES')
    rest = 'LC_PAPER=C;LC_NAME=C;LC_ADDRESS=C;LC_TELEPHONE=C;LC_MEASUREMENT=C;LC_IDENTIFICATION=C'
    return ';'.join(f'{name}={value}' for name, value in zip(names, _set)) + ';' + rest


def localeconv():
    row = dict.fromkeys(('int_curr_symbol', 'currency_symbol', 'mon_decimal_point', 'mon_thousands_sep',
                         'positive_sign', 'negative_sign', 'thousands_sep'), '')
    row.update(dict.fromkeys(('int_frac_digits', 'frac_digits', 'p_cs_precedes', 'p_sep_by_space', 'n_cs_precedes',
                              'n_sep_by_space', 'p_sign_posn', 'n_sign_posn'), CHAR_MAX))
    row.update(decimal_point='.', grouping=[], mon_grouping=[])
    return row


def nl_langinfo(key, /):
    if key not in _INFO:
        raise ValueError('unsupported langinfo constant')
    return _INFO[key]


def strcoll(os1, os2, /):
    return (os1 > os2) - (os1 < os2)


def strxfrm(string, /):
    if '\0' in string:
        raise ValueError('embedded null character')
    return string


def getencoding():
    return 'UTF-8'
