//! `_pyrvm_net`: sockets by descriptor, for `_socket` in Python (`stdlib/_socket.py`). Addresses are tuples of a family's
//! number and its parts.

use super::processes::int32;
use crate::builtins::positional;
use crate::interp::sockets::{self, Address};
use crate::object::{Bytes, NativeFn, Tuple};
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};
use std::ffi::CString;
use std::io;
use std::net::{SocketAddrV4, SocketAddrV6};

fn told<T>(vm: &Vm, result: io::Result<T>) -> R<T> {
    result.map_err(|error| vm.os_error(&error, None))
}

/// `(family, …)`: 2 with address and port, 10 with address, port, flow and scope, 1 with bytes, others with bytes.
fn address(vm: &Vm, value: &Value) -> R<Address> {
    let Some(tuple) = value.get::<Tuple>() else { return Ok(Address::None) };
    let items = &tuple.items;
    let number = |index: usize| items.get(index).and_then(|it| vm.as_i64(it)).unwrap_or(0);
    let wrong = || vm.raise(crate::builtins::exceptions::Exc::OSError, "illegal IP address string");
    let host = || items.get(1).map(|it| vm.text_of(it)).unwrap_or_default();
    let data =
        || items.get(1).and_then(|it| it.get::<Bytes>()).map(|it| it.data.to_vec()).unwrap_or_default();
    Ok(match number(0) as i32 {
        libc::AF_INET => {
            Address::Inet(SocketAddrV4::new(host().parse().map_err(|_| wrong())?, number(2) as u16))
        }
        libc::AF_INET6 => Address::Inet6(SocketAddrV6::new(
            host().parse().map_err(|_| wrong())?,
            number(2) as u16,
            number(3) as u32,
            number(4) as u32,
        )),
        libc::AF_UNIX => Address::Unix(data()),
        family => Address::Other(family as u16, data()),
    })
}

fn shown(vm: &Vm, address: &Address) -> Value {
    match address {
        Address::None => NONE,
        Address::Inet(it) => {
            let row =
                vec![vm.int(libc::AF_INET.into()), vm.str(&it.ip().to_string()), vm.int(it.port().into())];
            vm.tuple(row)
        }
        Address::Inet6(it) => vm.tuple(vec![
            vm.int(libc::AF_INET6.into()),
            vm.str(&it.ip().to_string()),
            vm.int(it.port().into()),
            vm.int(it.flowinfo().into()),
            vm.int(it.scope_id().into()),
        ]),
        Address::Unix(path) => vm.tuple(vec![vm.int(libc::AF_UNIX.into()), vm.bytes(path.clone())]),
        Address::Other(family, rest) => vm.tuple(vec![vm.int((*family).into()), vm.bytes(rest.clone())]),
    }
}

fn ints<const N: usize>(vm: &Vm, values: &[Value]) -> R<[i32; N]> {
    let mut all = [0; N];
    for (place, value) in all.iter_mut().zip(values) {
        *place = int32(vm, value)?;
    }
    Ok(all)
}

fn address_error(vm: &Vm, (number, text): (i32, String)) -> crate::vm::Raised {
    let args = [vm.int(number.into()), vm.str(&text)];
    let class = vm
        .builtin_module("_socket")
        .and_then(|it| vm.get_attribute(&it.unwrap_or(NONE), &vm.intern("gaierror")));
    match class.and_then(|class| vm.call_with(&class, &args)) {
        Ok(exception) => vm.raise_value(exception),
        Err(raised) => raised,
    }
}

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("socket", |vm, args| {
        let [family, kind, protocol] = ints(vm, positional(vm, "socket", args, 3, 3)?)?;
        Ok(vm.int(told(vm, sockets::open(family, kind, protocol))?.into()))
    }),
    ("socketpair", |vm, args| {
        let [family, kind, protocol] = ints(vm, positional(vm, "socketpair", args, 3, 3)?)?;
        let (one, other) = told(vm, sockets::pair(family, kind, protocol))?;
        Ok(vm.tuple(vec![vm.int(one.into()), vm.int(other.into())]))
    }),
    ("bind", |vm, args| {
        let values = positional(vm, "bind", args, 2, 2)?;
        let (file, to) = (int32(vm, &values[0])?, address(vm, &values[1])?);
        told(vm, sockets::bind(file, &to))?;
        Ok(NONE)
    }),
    ("connect", |vm, args| {
        let values = positional(vm, "connect", args, 2, 2)?;
        let (file, to) = (int32(vm, &values[0])?, address(vm, &values[1])?);
        told(vm, vm.blocking(|| sockets::connect(file, &to)))?;
        Ok(NONE)
    }),
    ("listen", |vm, args| {
        let [file, backlog] = ints(vm, positional(vm, "listen", args, 2, 2)?)?;
        told(vm, sockets::listen(file, backlog))?;
        Ok(NONE)
    }),
    ("shutdown", |vm, args| {
        let [file, how] = ints(vm, positional(vm, "shutdown", args, 2, 2)?)?;
        told(vm, sockets::shutdown(file, how))?;
        Ok(NONE)
    }),
    ("accept", |vm, args| {
        let [file] = ints(vm, positional(vm, "accept", args, 1, 1)?)?;
        let (made, from) = told(vm, vm.retried(|| sockets::accept(file))?)?;
        Ok(vm.tuple(vec![vm.int(made.into()), shown(vm, &from)]))
    }),
    ("getsockname", |vm, args| {
        let [file] = ints(vm, positional(vm, "getsockname", args, 1, 1)?)?;
        Ok(shown(vm, &told(vm, sockets::name(file, false))?))
    }),
    ("getpeername", |vm, args| {
        let [file] = ints(vm, positional(vm, "getpeername", args, 1, 1)?)?;
        Ok(shown(vm, &told(vm, sockets::name(file, true))?))
    }),
    ("send", |vm, args| {
        let values = positional(vm, "send", args, 4, 4)?;
        let (file, flags) = (int32(vm, &values[0])?, int32(vm, &values[2])?);
        let (data, to) = (vm.bytes_of(&values[1])?, address(vm, &values[3])?);
        let count = told(vm, vm.retried(|| sockets::send(file, &data, flags, &to))?)?;
        Ok(vm.int_of_usize(count))
    }),
    ("recv", |vm, args| {
        let [file, size, flags] = ints(vm, positional(vm, "recv", args, 3, 3)?)?;
        let size = usize::try_from(size).unwrap_or(0);
        vm.check_room(size)?;
        let result = vm.retried(|| {
            let mut data = vec![0; size];
            let (count, from) = sockets::receive(file, &mut data, flags)?;
            data.truncate(count);
            Ok((data, from))
        })?;
        let (data, from) = told(vm, result)?;
        Ok(vm.tuple(vec![vm.bytes(data), shown(vm, &from)]))
    }),
    ("setsockopt", |vm, args| {
        let values = positional(vm, "setsockopt", args, 4, 4)?;
        let [file, level, option] = ints(vm, &values[..3])?;
        let data = match vm.as_i64(&values[3]) {
            Some(number) => (number as i32).to_ne_bytes().to_vec(),
            None => vm.bytes_of(&values[3])?,
        };
        told(vm, sockets::set_option(file, level, option, &data))?;
        Ok(NONE)
    }),
    ("getsockopt", |vm, args| {
        let [file, level, option, size] = ints(vm, positional(vm, "getsockopt", args, 4, 4)?)?;
        let size = usize::try_from(size).unwrap_or(0);
        let data = told(vm, sockets::option(file, level, option, if size == 0 { 4 } else { size }))?;
        match (size, data.first_chunk::<4>()) {
            (0, Some(number)) => Ok(vm.int(i32::from_ne_bytes(*number).into())),
            (0, None) => Ok(vm.int(data.first().copied().unwrap_or(0).into())),
            _ => Ok(vm.bytes(data)),
        }
    }),
    ("getaddrinfo", |vm, args| {
        let values = positional(vm, "getaddrinfo", args, 6, 6)?;
        let optional = |value: &Value| -> R<Option<CString>> {
            if value.is_none() {
                return Ok(None);
            }
            let data = match value.get::<Bytes>() {
                Some(bytes) => bytes.data.to_vec(),
                None => vm.text_of(value).into_bytes(),
            };
            CString::new(data).map(Some).map_err(|_| vm.value_error("embedded null character"))
        };
        let (host, service) = (optional(&values[0])?, optional(&values[1])?);
        let hints = ints(vm, &values[2..])?;
        let found = vm.blocking(|| sockets::find(host.as_deref(), service.as_deref(), hints));
        let found = found.map_err(|error| address_error(vm, error))?;
        let row = found.iter().map(|(family, kind, protocol, name, address)| {
            let numbers = [family, kind, protocol].map(|it| vm.int((*it).into()));
            let mut parts = numbers.to_vec();
            parts.extend([vm.str(name), shown(vm, address)]);
            vm.tuple(parts)
        });
        Ok(vm.list(row.collect()))
    }),
    ("getnameinfo", |vm, args| {
        let values = positional(vm, "getnameinfo", args, 2, 2)?;
        let (of, flags) = (address(vm, &values[0])?, int32(vm, &values[1])?);
        let found = vm.blocking(|| sockets::names(&of, flags));
        let (host, service) = found.map_err(|error| address_error(vm, error))?;
        Ok(vm.tuple(vec![vm.str(&host), vm.str(&service)]))
    }),
];

/// `_pyrvm_net`
pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    Ok(())
}
