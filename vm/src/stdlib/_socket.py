# `_socket`: the type of sockets over the machine's calls by descriptor.
import _pyrvm_net as _n
import _pyrvm_os as _o
import time as _time

error = OSError
timeout = TimeoutError
has_ipv6 = True
CAPI = None


class herror(OSError):
    __module__ = 'socket'


class gaierror(OSError):
    __module__ = 'socket'


AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK = 0, 1, 2, 10, 16, 17, 40
SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET = 1, 2, 3, 4, 5
SOCK_CLOEXEC, SOCK_NONBLOCK = 0o2000000, 0o4000
SOL_SOCKET, SOL_IP, SOL_TCP, SOL_UDP = 1, 0, 6, 17
SO_DEBUG, SO_REUSEADDR, SO_TYPE, SO_ERROR, SO_DONTROUTE, SO_BROADCAST, SO_SNDBUF, SO_RCVBUF = range(1, 9)
SO_KEEPALIVE, SO_OOBINLINE, SO_PRIORITY, SO_LINGER, SO_REUSEPORT, SO_PASSCRED, SO_PEERCRED = 9, 10, 12, 13, 15, 16, 17
SO_RCVLOWAT, SO_SNDLOWAT, SO_RCVTIMEO, SO_SNDTIMEO, SO_BINDTODEVICE, SO_ACCEPTCONN = 18, 19, 20, 21, 25, 30
SO_MARK, SO_PROTOCOL, SO_DOMAIN, SO_INCOMING_CPU = 36, 38, 39, 49
SOMAXCONN = 4096
IPPROTO_IP, IPPROTO_ICMP, IPPROTO_IGMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_IPV6 = 0, 1, 2, 6, 17, 41
IPPROTO_ICMPV6, IPPROTO_RAW, IPPROTO_SCTP, IPPROTO_NONE = 58, 255, 132, 59
IPPORT_RESERVED, IPPORT_USERRESERVED = 1024, 5000
INADDR_ANY, INADDR_BROADCAST, INADDR_LOOPBACK, INADDR_NONE = 0, 0xFFFFFFFF, 0x7F000001, 0xFFFFFFFF
IP_TOS, IP_TTL, IP_HDRINCL, IP_OPTIONS = 1, 2, 3, 4
IP_MULTICAST_IF, IP_MULTICAST_TTL, IP_MULTICAST_LOOP, IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP = 32, 33, 34, 35, 36
IPV6_UNICAST_HOPS, IPV6_MULTICAST_IF, IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP = 16, 17, 18, 19
IPV6_JOIN_GROUP, IPV6_LEAVE_GROUP, IPV6_V6ONLY = 20, 21, 26
TCP_NODELAY, TCP_MAXSEG, TCP_CORK, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT = 1, 2, 3, 4, 5, 6
TCP_SYNCNT, TCP_LINGER2, TCP_DEFER_ACCEPT, TCP_WINDOW_CLAMP, TCP_INFO, TCP_QUICKACK = 7, 8, 9, 10, 11, 12
TCP_CONGESTION, TCP_USER_TIMEOUT, TCP_FASTOPEN = 13, 18, 23
SHUT_RD, SHUT_WR, SHUT_RDWR = 0, 1, 2
MSG_OOB, MSG_PEEK, MSG_DONTROUTE, MSG_CTRUNC, MSG_TRUNC, MSG_DONTWAIT = 1, 2, 4, 8, 32, 64
MSG_EOR, MSG_WAITALL, MSG_NOSIGNAL, MSG_CMSG_CLOEXEC = 128, 256, 0x4000, 0x40000000
AI_PASSIVE, AI_CANONNAME, AI_NUMERICHOST, AI_V4MAPPED, AI_ALL, AI_ADDRCONFIG, AI_NUMERICSERV = 1, 2, 4, 8, 16, 32, 1024
EAI_ADDRFAMILY, EAI_AGAIN, EAI_BADFLAGS, EAI_FAIL, EAI_FAMILY, EAI_MEMORY = -9, -3, -1, -4, -6, -10
EAI_NODATA, EAI_NONAME, EAI_SERVICE, EAI_SOCKTYPE, EAI_SYSTEM, EAI_OVERFLOW = -5, -2, -8, -7, -11, -12
NI_NUMERICHOST, NI_NUMERICSERV, NI_NOFQDN, NI_NAMEREQD, NI_DGRAM, NI_MAXHOST, NI_MAXSERV = 1, 2, 4, 8, 16, 1025, 32
SCM_RIGHTS, SCM_CREDENTIALS = 1, 2

_default_timeout = None


def getdefaulttimeout():
    return _default_timeout


def setdefaulttimeout(timeout, /):
    global _default_timeout
    _default_timeout = _seconds(timeout)


def _seconds(timeout):
    if timeout is None:
        return None
    if not isinstance(timeout, (int, float)):
        raise TypeError(f"'{type(timeout).__name__}' object cannot be interpreted as an integer")
    if timeout < 0:
        raise ValueError('Timeout value out of range')
    return float(timeout)


def _host(host, family, flags=0):
    """The number of a host that is a number or a name."""
    if host == '':
        return '0.0.0.0' if family == AF_INET else '::'
    if host in ('<broadcast>', '255.255.255.255'):
        return '255.255.255.255'
    found = _n.getaddrinfo(_name(host), None, family, 0, 0, flags)
    return found[0][4][1]


def _name(host):
    if isinstance(host, str):
        return host if host.isascii() else host.encode('idna')
    if isinstance(host, (bytes, bytearray)):
        return bytes(host)
    raise TypeError(f'str, bytes or bytearray expected, not {type(host).__name__}')


def _port(port, name):
    if not isinstance(port, int):
        raise TypeError(f"'{type(port).__name__}' object cannot be interpreted as an integer")
    if not 0 <= port <= 0xFFFF:
        raise OverflowError(f'{name}(): port must be 0-65535.')
    return port


def _given(family, address, name):
    """An address of a program as the machine has it."""
    if family == AF_UNIX:
        if isinstance(address, str):
            address = address.encode('utf-8', 'surrogateescape')
        elif not isinstance(address, (bytes, bytearray, memoryview)):
            raise TypeError(f'a bytes-like object is required, not \'{type(address).__name__}\'')
        address = bytes(address)
        if len(address) > 107 and address[:1] != b'\0' or len(address) > 108:
            raise OSError('AF_UNIX path too long')
        return (AF_UNIX, address)
    if family == AF_INET:
        if not isinstance(address, tuple):
            raise TypeError(f'{name}(): AF_INET address must be tuple, not {type(address).__name__}')
        if len(address) != 2:
            raise TypeError(f'{name}(): AF_INET address must be a pair (host, port)')
        host, port = address
        return (AF_INET, _host(host, AF_INET), _port(port, name))
    if family == AF_INET6:
        if not isinstance(address, tuple):
            raise TypeError(f'{name}(): AF_INET6 address must be tuple, not {type(address).__name__}')
        if not 2 <= len(address) <= 4:
            raise TypeError(f'{name}(): AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])')
        host, port, flow, scope = (*address, 0, 0)[:4]
        if not 0 <= flow <= 0xFFFFF:
            raise OverflowError(f'{name}(): flowinfo must be 0-1048575.')
        return (AF_INET6, _host(host, AF_INET6), _port(port, name), flow, scope)
    raise OSError(f'{name}(): bad family')


def _shown(address):
    """An address of the machine as programs see it."""
    if address is None:
        return None
    family = address[0]
    if family == AF_UNIX:
        path = address[1]
        return path if path[:1] == b'\0' else path.decode('utf-8', 'surrogateescape')
    if family in (AF_INET, AF_INET6):
        return address[1:]
    return address


class socket:
    """An endpoint of communication."""
    __module__ = '_socket'
    __slots__ = ('_fd', '_family', '_type', '_proto', '_timeout')

    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
        if fileno is None:
            family = AF_INET if family == -1 else family
            type = SOCK_STREAM if type == -1 else type
            proto = 0 if proto == -1 else proto
            self._fd = _n.socket(int(family), int(type), int(proto))
        else:
            if isinstance(fileno, float):
                raise TypeError('integer argument expected, got float')
            fd = fileno.__index__()
            if fd < 0:
                raise ValueError('negative file descriptor')
            family = _n.getsockopt(fd, SOL_SOCKET, SO_DOMAIN, 0) if family == -1 else family
            type = _n.getsockopt(fd, SOL_SOCKET, SO_TYPE, 0) if type == -1 else type
            proto = _n.getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, 0) if proto == -1 else proto
            self._fd = fd
        self._family, self._proto = int(family), int(proto)
        self._type = int(type) & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)
        self._timeout = None
        if int(type) & SOCK_NONBLOCK:
            self._timeout = 0.0
        elif _default_timeout is not None:
            self.settimeout(_default_timeout)

    family = property(lambda self: self._family)
    type = property(lambda self: self._type)
    proto = property(lambda self: self._proto)
    timeout = property(lambda self: self._timeout)

    def fileno(self):
        return self._fd

    def close(self):
        fd, self._fd = self._fd, -1
        if fd >= 0:
            try:
                _o.close(fd)
            except ConnectionResetError:
                pass

    def detach(self):
        fd, self._fd = self._fd, -1
        return fd

    def __del__(self):
        if getattr(self, '_fd', -1) >= 0:
            try:
                import warnings
                warnings.warn(f'unclosed {self!r}', ResourceWarning, source=self)
            finally:
                socket.close(self)

    def __repr__(self):
        return f'<socket object, fd={self._fd}, family={self._family}, type={self._type}, proto={self._proto}>'

    def setblocking(self, flag, /):
        self.settimeout(None if flag else 0.0)

    def getblocking(self):
        return self._timeout != 0

    def settimeout(self, timeout, /):
        timeout = _seconds(timeout)
        _o.set_blocking(self._fd, 1 if timeout is None else 0)
        self._timeout = timeout

    def gettimeout(self):
        return self._timeout

    def _wait(self, events, end):
        """Waits until the socket is ready, where it has a timeout."""
        left = -1
        if end is not None:
            left = end - _time.monotonic()
            if left < 0:
                raise TimeoutError('timed out')
            left = int(left * 1000) + 1
        if not _o.poll([(self._fd, events)], left):
            raise TimeoutError('timed out')

    def _call(self, events, call, *args):
        if not self._timeout:
            return call(self._fd, *args)
        end = _time.monotonic() + self._timeout
        while True:
            self._wait(events, end)
            try:
                return call(self._fd, *args)
            except BlockingIOError:
                pass

    def bind(self, address, /):
        _n.bind(self._fd, _given(self._family, address, 'bind'))

    def listen(self, backlog=128, /):
        _n.listen(self._fd, max(backlog, 0))

    def _accept(self):
        fd, address = self._call(1, _n.accept)
        return fd, _shown(address)

    def _connect(self, address):
        try:
            _n.connect(self._fd, address)
            return
        except BlockingIOError:
            if not self._timeout:
                raise
        except InterruptedError:
            pass
        end = None if self._timeout is None else _time.monotonic() + self._timeout
        self._wait(4, end)
        number = _n.getsockopt(self._fd, SOL_SOCKET, SO_ERROR, 0)
        if number:
            raise OSError(number, _o.strerror(number))

    def connect(self, address, /):
        self._connect(_given(self._family, address, 'connect'))

    def connect_ex(self, address, /):
        address = _given(self._family, address, 'connect_ex')
        try:
            self._connect(address)
        except TimeoutError:
            return 11
        except OSError as error:
            return error.errno
        return 0

    def getsockname(self):
        return _shown(_n.getsockname(self._fd))

    def getpeername(self):
        return _shown(_n.getpeername(self._fd))

    def recv(self, bufsize, flags=0, /):
        if bufsize < 0:
            raise ValueError('negative buffersize in recv')
        return self._call(1, _n.recv, bufsize, flags)[0]

    def recvfrom(self, bufsize, flags=0, /):
        if bufsize < 0:
            raise ValueError('negative buffersize in recvfrom')
        data, address = self._call(1, _n.recv, bufsize, flags)
        return data, _shown(address)

    def recv_into(self, buffer, nbytes=0, flags=0):
        return self.recvfrom_into(buffer, nbytes, flags)[0]

    def recvfrom_into(self, buffer, nbytes=0, flags=0):
        view = memoryview(buffer)
        if nbytes < 0:
            raise ValueError('negative buffersize in recv_into')
        if nbytes > len(view):
            raise ValueError('buffer too small for requested bytes')
        data, address = self._call(1, _n.recv, nbytes or len(view), flags)
        view[:len(data)] = data
        return len(data), _shown(address)

    def recvmsg(self, bufsize, ancbufsize=0, flags=0, /):
        if bufsize < 0:
            raise ValueError('negative buffer size in recvmsg()')
        if not 0 <= ancbufsize < 1 << 31:
            raise ValueError('invalid ancillary data buffer length')
        data, address = self._call(1, _n.recv, bufsize, flags)
        return data, [], 0, _shown(address)

    def recvmsg_into(self, buffers, ancbufsize=0, flags=0, /):
        views = [memoryview(buffer).cast('B') for buffer in buffers]
        data, ancillary, told, address = self.recvmsg(sum(map(len, views)), ancbufsize, flags)
        rest = memoryview(data)
        for view in views:
            part = rest[:len(view)]
            view[:len(part)] = part
            rest = rest[len(part):]
        return len(data), ancillary, told, address

    def send(self, data, flags=0, /):
        return self._call(4, _n.send, bytes(data), flags | MSG_NOSIGNAL, None)

    def sendall(self, data, flags=0, /):
        data = bytes(data)
        end = None if not self._timeout else _time.monotonic() + self._timeout
        at = 0
        while at < len(data):
            if self._timeout:
                self._wait(4, end)
            try:
                at += _n.send(self._fd, data[at:] if at else data, flags | MSG_NOSIGNAL, None)
            except BlockingIOError:
                if not self._timeout:
                    raise

    def sendto(self, data, *rest):
        if len(rest) == 1:
            flags, address = 0, rest[0]
        elif len(rest) == 2:
            flags, address = rest
        else:
            raise TypeError(f'sendto() takes 2 or 3 arguments ({len(rest) + 1} given)')
        address = _given(self._family, address, 'sendto')
        return self._call(4, _n.send, bytes(data), flags | MSG_NOSIGNAL, address)

    def sendmsg(self, buffers, ancdata=(), flags=0, address=None, /):
        if list(ancdata):
            raise NotImplementedError('pyrvm cannot do this yet: ancillary data')
        data = b''.join(bytes(it) for it in buffers)
        if address is not None:
            return self.sendto(data, flags, address)
        return self.send(data, flags)

    def setsockopt(self, level, optname, value, optlen=None, /):
        if value is None:
            value = bytes(optlen)
        _n.setsockopt(self._fd, int(level), int(optname), value if isinstance(value, int) else bytes(value))

    def getsockopt(self, level, optname, buflen=0, /):
        if not 0 <= buflen <= 1024:
            raise OSError('getsockopt buflen out of range')
        return _n.getsockopt(self._fd, int(level), int(optname), buflen)

    def shutdown(self, how, /):
        _n.shutdown(self._fd, int(how))


SocketType = socket


def socketpair(family=AF_UNIX, type=SOCK_STREAM, proto=0, /):
    one, other = _n.socketpair(int(family), int(type), int(proto))
    return socket(family, type, proto, one), socket(family, type, proto, other)


def close(fd, /):
    _o.close(fd)


def dup(fd, /):
    return _o.dup(fd)


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    if host is not None:
        host = _name(host)
    if isinstance(port, int):
        port = str(port)
    elif port is not None and not isinstance(port, (str, bytes)):
        raise OSError('Int or String expected')
    found = _n.getaddrinfo(host, port, int(family), int(type), int(proto), int(flags))
    return [(f, t, p, name, _shown(address)) for f, t, p, name, address in found]


def getnameinfo(sockaddr, flags, /):
    if not isinstance(sockaddr, tuple):
        raise TypeError('getnameinfo() argument 1 must be a tuple')
    host, port = sockaddr[:2]
    found = _n.getaddrinfo(host, str(port), 0, SOCK_DGRAM, 0, AI_NUMERICHOST)
    if len(found) != 1:
        raise OSError('sockaddr resolved to multiple addresses')
    address = found[0][4]
    if address[0] == AF_INET6:
        address = (*address[:3], *(*sockaddr[2:], 0, 0)[:2])
    return _n.getnameinfo(address, int(flags))


def gethostname():
    return open('/proc/sys/kernel/hostname').read().strip()


def gethostbyname(hostname, /):
    return _host(hostname, AF_INET)


def gethostbyname_ex(hostname, /):
    found = _n.getaddrinfo(_name(hostname), None, AF_INET, SOCK_STREAM, 0, AI_CANONNAME)
    return found[0][3], [], [row[4][1] for row in found]


def gethostbyaddr(ip_address, /):
    number = _host(ip_address, AF_UNSPEC)
    family = AF_INET6 if ':' in number else AF_INET
    address = (family, number, 0) if family == AF_INET else (family, number, 0, 0, 0)
    return _n.getnameinfo(address, NI_NAMEREQD)[0], [], [number]


def _services():
    for line in open('/etc/services', encoding='utf-8', errors='replace'):
        parts = line.partition('#')[0].split()
        if len(parts) >= 2 and '/' in parts[1]:
            number, _, proto = parts[1].partition('/')
            yield [parts[0], *parts[2:]], int(number), proto


def getservbyname(servicename, protocolname=None, /):
    for names, number, proto in _services():
        if servicename in names and protocolname in (None, proto):
            return number
    raise OSError('service/proto not found')


def getservbyport(port, protocolname=None, /):
    if not 0 <= port <= 0xFFFF:
        raise OverflowError('getservbyport: port must be 0-65535.')
    for names, number, proto in _services():
        if number == port and protocolname in (None, proto):
            return names[0]
    raise OSError('port/proto not found')


def getprotobyname(protocolname, /):
    known = {'ip': 0, 'icmp': 1, 'igmp': 2, 'tcp': 6, 'udp': 17, 'ipv6': 41, 'ipv6-icmp': 58, 'sctp': 132}
    if protocolname not in known:
        raise OSError('protocol not found')
    return known[protocolname]


def _swapped(number, size, name):
    if number < 0:
        raise OverflowError(f"can't convert negative value to unsigned int")
    if number >= 1 << 8 * size:
        raise OverflowError(f'{name}: Python int too large to convert to C {8 * size}-bit unsigned integer')
    return int.from_bytes(number.to_bytes(size, 'big'), _order)


from sys import byteorder as _order


def ntohs(x, /):
    return _swapped(x, 2, 'ntohs')


def htons(x, /):
    return _swapped(x, 2, 'htons')


def ntohl(x, /):
    return _swapped(x, 4, 'ntohl')


def htonl(x, /):
    return _swapped(x, 4, 'htonl')


def inet_aton(ip_addr, /):
    parts = ip_addr.split()[0].split('.') if ip_addr.split() else []
    try:
        numbers = [int(it, 0 if it[:2].lower() == '0x' else 8 if len(it) > 1 and it[0] == '0' else 10) for it in parts]
        last = numbers.pop().to_bytes(4 - len(numbers), 'big')
        return bytes(numbers) + last
    except (ValueError, OverflowError, IndexError):
        raise OSError('illegal IP address string passed to inet_aton') from None


def inet_ntoa(packed_ip, /):
    packed_ip = bytes(packed_ip)
    if len(packed_ip) != 4:
        raise OSError('packed IP wrong length')
    return '.'.join(str(it) for it in packed_ip)


def inet_pton(address_family, ip_string, /):
    if address_family not in (AF_INET, AF_INET6):
        raise OSError(97, 'Address family not supported by protocol')
    try:
        found = _n.getaddrinfo(ip_string, None, int(address_family), SOCK_STREAM, 0, AI_NUMERICHOST)
        if address_family == AF_INET:
            if ip_string.count('.') != 3:
                raise OSError
            return inet_aton(ip_string)
    except OSError:
        raise OSError('illegal IP address string passed to inet_pton') from None
    head, gap, tail = found[0][4][1].partition('::')
    rows = []
    for part in (head, tail):
        row = b''
        for piece in part.split(':') if part else []:
            row += inet_aton(piece) if '.' in piece else int(piece, 16).to_bytes(2, 'big')
        rows.append(row)
    return rows[0] + bytes(16 - len(rows[0]) - len(rows[1])) + rows[1]


def inet_ntop(address_family, packed_ip, /):
    packed_ip = bytes(packed_ip)
    if address_family == AF_INET:
        if len(packed_ip) != 4:
            raise ValueError('invalid length of packed IP address string')
        return inet_ntoa(packed_ip)
    if address_family != AF_INET6:
        raise ValueError(f'unknown address family {address_family}')
    if len(packed_ip) != 16:
        raise ValueError('invalid length of packed IP address string')
    text = ':'.join(f'{int.from_bytes(packed_ip[at:at + 2], "big"):x}' for at in range(0, 16, 2))
    found = _n.getaddrinfo(text, None, AF_INET6, SOCK_STREAM, 0, AI_NUMERICHOST)
    return found[0][4][1]


def if_nameindex():
    import posix
    rows = []
    for name in posix.listdir('/sys/class/net'):
        rows.append((int(open(f'/sys/class/net/{name}/ifindex').read()), name))
    return sorted(rows)


def if_nametoindex(oname, /):
    for index, name in if_nameindex():
        if name == oname:
            return index
    raise OSError('no interface with this name')


def if_indextoname(if_index, /):
    for index, name in if_nameindex():
        if index == if_index:
            return name
    raise OSError(6, 'No such device or address')


def sethostname(name, /):
    with open('/proc/sys/kernel/hostname', 'w') as file:
        file.write(name)


