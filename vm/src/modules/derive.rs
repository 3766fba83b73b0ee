//! `_pyrvm_derive`: keys made of passwords, for `_hashlib`, which checks what it gives.

use crate::builtins::positional;
use crate::object::NativeFn;
use crate::value::{NONE, Value};
use crate::vm::{R, Vm};

/// How many bytes a hash has; `None` where it is not known.
fn digest_size(name: &str) -> Option<usize> {
    Some(match name.to_ascii_lowercase().replace('-', "_").as_str() {
        "md5" => 16,
        "sha1" => 20,
        "sha224" | "sha3_224" => 28,
        "sha256" | "sha3_256" => 32,
        "sha384" | "sha3_384" => 48,
        "sha512" | "sha3_512" => 64,
        _ => return None,
    })
}

fn pbkdf2(name: &str, password: &[u8], salt: &[u8], rounds: u32, out: &mut [u8]) -> bool {
    match name.to_ascii_lowercase().replace('-', "_").as_str() {
        "md5" => pbkdf2::pbkdf2_hmac::<md5::Md5>(password, salt, rounds, out),
        "sha1" => pbkdf2::pbkdf2_hmac::<sha1::Sha1>(password, salt, rounds, out),
        "sha224" => pbkdf2::pbkdf2_hmac::<sha2::Sha224>(password, salt, rounds, out),
        "sha256" => pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, salt, rounds, out),
        "sha384" => pbkdf2::pbkdf2_hmac::<sha2::Sha384>(password, salt, rounds, out),
        "sha512" => pbkdf2::pbkdf2_hmac::<sha2::Sha512>(password, salt, rounds, out),
        "sha3_224" => pbkdf2::pbkdf2_hmac::<sha3::Sha3_224>(password, salt, rounds, out),
        "sha3_256" => pbkdf2::pbkdf2_hmac::<sha3::Sha3_256>(password, salt, rounds, out),
        "sha3_384" => pbkdf2::pbkdf2_hmac::<sha3::Sha3_384>(password, salt, rounds, out),
        "sha3_512" => pbkdf2::pbkdf2_hmac::<sha3::Sha3_512>(password, salt, rounds, out),
        _ => return false,
    }
    true
}

const FUNCTIONS: &[(&str, NativeFn)] = &[
    ("digest_size", |vm, args| {
        let name = vm.text_of(&positional(vm, "digest_size", args, 1, 1)?[0]);
        Ok(digest_size(&name).map_or(NONE, |size| vm.int_of_usize(size)))
    }),
    ("pbkdf2", |vm, args| {
        let values = positional(vm, "pbkdf2_hmac", args, 5, 5)?;
        let name = vm.text_of(&values[0]);
        let (password, salt) = (vm.buffer(&values[1])?.into_owned(), vm.buffer(&values[2])?.into_owned());
        let number = |at: usize| vm.as_i64(&values[at]).unwrap_or(0);
        let rounds = u32::try_from(number(3)).unwrap_or(u32::MAX);
        let length = usize::try_from(number(4)).unwrap_or(0);
        vm.check_room(length)?;
        let mut out = vec![0; length];
        let known = vm.blocking(|| pbkdf2(&name, &password, &salt, rounds, &mut out));
        if known { Ok(vm.bytes(out)) } else { Err(vm.value_error(format!("unsupported hash type {name}"))) }
    }),
    ("scrypt", |vm, args| {
        let values = positional(vm, "scrypt", args, 6, 6)?;
        let (password, salt) = (vm.buffer(&values[0])?.into_owned(), vm.buffer(&values[1])?.into_owned());
        let number = |at: usize| vm.as_i64(&values[at]).unwrap_or(0);
        let size = |at: usize| u32::try_from(number(at)).unwrap_or(0);
        let length = usize::try_from(number(5)).unwrap_or(0);
        let wrong = || vm.value_error("Invalid parameter combination for n, r, p, maxmem.");
        // The length that parameters name is that of a hash that is stored; any may be made.
        let params = scrypt::Params::new(u8::try_from(number(2)).unwrap_or(0), size(3), size(4), 32);
        let params = params.map_err(|_| wrong())?;
        vm.check_room(length)?;
        let mut out = vec![0; length];
        let made = vm.blocking(|| scrypt::scrypt(&password, &salt, &params, &mut out).is_ok());
        if made { Ok(vm.bytes(out)) } else { Err(wrong()) }
    }),
];

pub(crate) fn fill(vm: &Vm, module: &Value) -> R<()> {
    vm.put_functions(module, FUNCTIONS);
    Ok(())
}
