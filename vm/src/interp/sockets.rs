//! Sockets by descriptor: calls of the C library with addresses. Nothing here touches an interpreter.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6};
use std::ptr;

/// An address of a socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Address {
    /// None at all.
    None,
    Inet(SocketAddrV4),
    Inet6(SocketAddrV6),
    /// A path, or with a zero in front an abstract name.
    Unix(Vec<u8>),
    /// The family, and the bytes behind it.
    Other(u16, Vec<u8>),
}

fn check(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}

/// An address as the C library has it.
struct Raw {
    storage: libc::sockaddr_storage,
    length: libc::socklen_t,
}

impl Raw {
    fn room() -> Raw {
        // SAFETY: it is made of numbers.
        let storage: libc::sockaddr_storage = unsafe { std::mem::zeroed() };
        Raw { storage, length: size_of::<libc::sockaddr_storage>() as libc::socklen_t }
    }

    fn of(address: &Address) -> io::Result<Raw> {
        let mut raw = Raw::room();
        let mut bytes = Vec::new();
        match address {
            Address::None => {}
            Address::Inet(it) => {
                bytes.extend((libc::AF_INET as u16).to_ne_bytes());
                bytes.extend(it.port().to_be_bytes());
                bytes.extend(it.ip().octets());
                bytes.extend([0; 8]);
            }
            Address::Inet6(it) => {
                bytes.extend((libc::AF_INET6 as u16).to_ne_bytes());
                bytes.extend(it.port().to_be_bytes());
                bytes.extend(it.flowinfo().to_be_bytes());
                bytes.extend(it.ip().octets());
                bytes.extend(it.scope_id().to_ne_bytes());
            }
            Address::Unix(path) => {
                bytes.extend((libc::AF_UNIX as u16).to_ne_bytes());
                bytes.extend(path);
                if path.first().is_some_and(|&byte| byte != 0) {
                    bytes.push(0);
                }
            }
            Address::Other(family, rest) => {
                bytes.extend(family.to_ne_bytes());
                bytes.extend(rest);
            }
        }
        if bytes.len() > size_of::<libc::sockaddr_un>() {
            return Err(io::Error::from_raw_os_error(libc::ENAMETOOLONG));
        }
        // SAFETY: there is room for as many bytes as the longest kind of address has, and any bytes are a good one.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), (&raw mut raw.storage).cast::<u8>(), bytes.len());
        }
        raw.length = bytes.len() as libc::socklen_t;
        Ok(raw)
    }

    fn pointer(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    fn bytes(&self) -> Vec<u8> {
        let length = (self.length as usize).min(size_of::<libc::sockaddr_storage>());
        // SAFETY: the storage has at least so many bytes, all of them numbers.
        unsafe { std::slice::from_raw_parts((&raw const self.storage).cast::<u8>(), length) }.to_vec()
    }

    fn address(&self) -> Address {
        let bytes = self.bytes();
        let part = |from: usize, to: usize| bytes.get(from..to).unwrap_or_default();
        let Some(&family) = bytes.first_chunk::<2>() else { return Address::None };
        let port = part(2, 4).first_chunk::<2>().map_or(0, |it| u16::from_be_bytes(*it));
        match i32::from(u16::from_ne_bytes(family)) {
            libc::AF_INET => match part(4, 8).first_chunk::<4>() {
                Some(ip) => Address::Inet(SocketAddrV4::new(Ipv4Addr::from(*ip), port)),
                None => Address::None,
            },
            libc::AF_INET6 => {
                let number =
                    |from: usize| part(from, from + 4).first_chunk::<4>().copied().unwrap_or_default();
                match part(8, 24).first_chunk::<16>() {
                    Some(ip) => Address::Inet6(SocketAddrV6::new(
                        Ipv6Addr::from(*ip),
                        port,
                        u32::from_be_bytes(number(4)),
                        u32::from_ne_bytes(number(24)),
                    )),
                    None => Address::None,
                }
            }
            libc::AF_UNIX => {
                let mut path = bytes.get(2..).unwrap_or_default().to_vec();
                if path.first().is_some_and(|&byte| byte != 0) {
                    let end = path.iter().position(|&byte| byte == 0).unwrap_or(path.len());
                    path.truncate(end);
                }
                Address::Unix(path)
            }
            family => Address::Other(family as u16, bytes.get(2..).unwrap_or_default().to_vec()),
        }
    }
}

/// `socket`, not inherited by other programs.
pub(crate) fn open(family: i32, kind: i32, protocol: i32) -> io::Result<i32> {
    // SAFETY: plain numbers.
    let result = unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, protocol) };
    check(result as isize).map(|it| it as i32)
}

/// `socketpair`
pub(crate) fn pair(family: i32, kind: i32, protocol: i32) -> io::Result<(i32, i32)> {
    let mut files = [0; 2];
    // SAFETY: there is room for two numbers.
    check(
        unsafe { libc::socketpair(family, kind | libc::SOCK_CLOEXEC, protocol, files.as_mut_ptr()) } as isize
    )?;
    Ok((files[0], files[1]))
}

/// `bind`
pub(crate) fn bind(file: i32, address: &Address) -> io::Result<()> {
    let raw = Raw::of(address)?;
    // SAFETY: the address has the length that is given.
    check(unsafe { libc::bind(file, raw.pointer(), raw.length) } as isize).map(drop)
}

/// `connect`
pub(crate) fn connect(file: i32, address: &Address) -> io::Result<()> {
    let raw = Raw::of(address)?;
    // SAFETY: the address has the length that is given.
    check(unsafe { libc::connect(file, raw.pointer(), raw.length) } as isize).map(drop)
}

/// `listen`
pub(crate) fn listen(file: i32, backlog: i32) -> io::Result<()> {
    // SAFETY: plain numbers.
    check(unsafe { libc::listen(file, backlog) } as isize).map(drop)
}

/// `shutdown`
pub(crate) fn shutdown(file: i32, how: i32) -> io::Result<()> {
    // SAFETY: plain numbers.
    check(unsafe { libc::shutdown(file, how) } as isize).map(drop)
}

/// `accept`: the new socket, not inherited, and who connected.
pub(crate) fn accept(file: i32) -> io::Result<(i32, Address)> {
    let mut raw = Raw::room();
    // SAFETY: there is room for the length that is given.
    let made = unsafe {
        libc::accept4(file, (&raw mut raw.storage).cast(), &raw mut raw.length, libc::SOCK_CLOEXEC)
    };
    let made = check(made as isize)?;
    Ok((made as i32, raw.address()))
}

/// `getsockname`, or with `peer` `getpeername`.
pub(crate) fn name(file: i32, peer: bool) -> io::Result<Address> {
    let mut raw = Raw::room();
    // SAFETY: there is room for the length that is given.
    let result = unsafe {
        let (place, length) = ((&raw mut raw.storage).cast(), &raw mut raw.length);
        if peer { libc::getpeername(file, place, length) } else { libc::getsockname(file, place, length) }
    };
    check(result as isize)?;
    Ok(raw.address())
}

/// `sendto`; without an address `send`.
pub(crate) fn send(file: i32, data: &[u8], flags: i32, to: &Address) -> io::Result<usize> {
    let raw = Raw::of(to)?;
    let place = if *to == Address::None { ptr::null() } else { raw.pointer() };
    // SAFETY: data and address have the lengths that are given.
    check(unsafe { libc::sendto(file, data.as_ptr().cast(), data.len(), flags, place, raw.length) })
}

/// `recvfrom`: how many bytes came, and from whom.
pub(crate) fn receive(file: i32, into: &mut [u8], flags: i32) -> io::Result<(usize, Address)> {
    let mut raw = Raw::room();
    // SAFETY: there is room for as much as is said.
    let count = check(unsafe {
        libc::recvfrom(
            file,
            into.as_mut_ptr().cast(),
            into.len(),
            flags,
            (&raw mut raw.storage).cast(),
            &raw mut raw.length,
        )
    })?;
    Ok((count, raw.address()))
}

/// `setsockopt`
pub(crate) fn set_option(file: i32, level: i32, option: i32, value: &[u8]) -> io::Result<()> {
    let length = value.len() as libc::socklen_t;
    // SAFETY: the value has the length that is given.
    let result = unsafe { libc::setsockopt(file, level, option, value.as_ptr().cast(), length) };
    check(result as isize).map(drop)
}

/// `getsockopt`, of at most `size` bytes.
pub(crate) fn option(file: i32, level: i32, option: i32, size: usize) -> io::Result<Vec<u8>> {
    let mut value = vec![0u8; size];
    let mut length = size as libc::socklen_t;
    // SAFETY: there is room for as much as is said.
    let result = unsafe { libc::getsockopt(file, level, option, value.as_mut_ptr().cast(), &raw mut length) };
    check(result as isize)?;
    value.truncate(length as usize);
    Ok(value)
}

/// What `getaddrinfo` finds: family, type, protocol, canonical name, address.
pub(crate) type Found = (i32, i32, i32, String, Address);

/// `getaddrinfo`; the error is the number and text of its own.
pub(crate) fn find(
    host: Option<&std::ffi::CStr>,
    service: Option<&std::ffi::CStr>,
    [family, kind, protocol, flags]: [i32; 4],
) -> Result<Vec<Found>, (i32, String)> {
    // SAFETY: the hints are numbers and null pointers; the list is read before it is freed, and each address in it has
    // the length that it says.
    unsafe {
        let mut hints: libc::addrinfo = std::mem::zeroed();
        (hints.ai_family, hints.ai_socktype) = (family, kind);
        (hints.ai_protocol, hints.ai_flags) = (protocol, flags);
        let mut list = ptr::null_mut();
        let pointer = |text: Option<&std::ffi::CStr>| text.map_or(ptr::null(), |it| it.as_ptr());
        let result = libc::getaddrinfo(pointer(host), pointer(service), &raw const hints, &raw mut list);
        if result != 0 {
            let text = std::ffi::CStr::from_ptr(libc::gai_strerror(result)).to_string_lossy();
            return Err((result, text.into_owned()));
        }
        let mut all = Vec::new();
        let mut at = list;
        while let Some(it) = at.as_ref() {
            let mut raw = Raw::room();
            let length = (it.ai_addrlen as usize).min(size_of::<libc::sockaddr_storage>());
            ptr::copy_nonoverlapping(it.ai_addr.cast::<u8>(), (&raw mut raw.storage).cast::<u8>(), length);
            raw.length = length as libc::socklen_t;
            let name = if it.ai_canonname.is_null() {
                String::new()
            } else {
                std::ffi::CStr::from_ptr(it.ai_canonname).to_string_lossy().into_owned()
            };
            all.push((it.ai_family, it.ai_socktype, it.ai_protocol, name, raw.address()));
            at = it.ai_next;
        }
        libc::freeaddrinfo(list);
        Ok(all)
    }
}

/// `getnameinfo`: host and service.
pub(crate) fn names(address: &Address, flags: i32) -> Result<(String, String), (i32, String)> {
    let raw = Raw::of(address).map_err(|error| (libc::EAI_FAMILY, error.to_string()))?;
    let (mut host, mut service) = ([0u8; 1025], [0u8; 32]);
    // SAFETY: address and buffers have the lengths that are given; texts end with a zero.
    unsafe {
        let result = libc::getnameinfo(
            raw.pointer(),
            raw.length,
            host.as_mut_ptr().cast(),
            host.len() as libc::socklen_t,
            service.as_mut_ptr().cast(),
            service.len() as libc::socklen_t,
            flags,
        );
        if result != 0 {
            let text = std::ffi::CStr::from_ptr(libc::gai_strerror(result)).to_string_lossy();
            return Err((result, text.into_owned()));
        }
    }
    let text = |bytes: &[u8]| {
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    };
    Ok((text(&host), text(&service)))
}
