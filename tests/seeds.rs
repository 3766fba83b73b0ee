//! The instructions that articles on CPython show for small functions of 3.8 and 3.9, byte for byte.

use pyrsc::code::{Object, Objects};
use pyrsc::compile::{Options, Session};
use pyrsc::target::{Target, Version};
use pyrsc::value::PyStr;

/// The bytecode of the function that `source` defines first.
fn function(source: &str, version: Version) -> Vec<u8> {
    let mut session = Session::new();
    let options = Options::new(Target::newest(version));
    let compiled =
        session.compile(source.as_bytes(), PyStr::from("a.py"), &options).expect("a valid program");
    code_of_first_function(&compiled.objects)
}

/// Functions are finished before the module.
fn code_of_first_function(objects: &Objects<'_>) -> Vec<u8> {
    match objects.get(objects.codes.first().expect("a code object").code) {
        Object::Bytes(bytes) => bytes.to_vec(),
        other => panic!("co_code is {other:?}"),
    }
}

#[test]
fn add_nums_of_3_8() {
    let source = "def add_nums(a, b):\n    c = a + b\n    return c\n";
    let shown = [0x7c, 0, 0x7c, 1, 0x17, 0, 0x7d, 2, 0x7c, 2, 0x53, 0];
    assert_eq!(function(source, Version::V3_8), shown);
}

#[test]
fn g_of_3_9() {
    let source = "def g(x):\n    return x + 3\n";
    assert_eq!(function(source, Version::V3_9), [124, 0, 100, 1, 23, 0, 83, 0]);
}

#[test]
fn loops_and_conditions_of_3_8() {
    // LOAD_FAST 0; LOAD_CONST 1; COMPARE_OP 4; POP_JUMP_IF_FALSE 18; …; JUMP_ABSOLUTE 0
    let source = "def f(n):\n    while n > 0:\n        n = n - 1\n    return n\n";
    let shown = [124, 0, 100, 1, 107, 4, 114, 18, 124, 0, 100, 2, 24, 0, 125, 0, 113, 0, 124, 0, 83, 0];
    assert_eq!(function(source, Version::V3_8), shown);
    assert_eq!(function(source, Version::V3_9), shown);
}

#[test]
fn closures_of_3_9() {
    // LOAD_CLOSURE 0; BUILD_TUPLE 1; LOAD_CONST 1 and 2; MAKE_FUNCTION 8; RETURN_VALUE
    let source = "def make_add_x(x):\n    return lambda y: x + y\n";
    let mut session = Session::new();
    let options = Options::new(Target::newest(Version::V3_9));
    let compiled =
        session.compile(source.as_bytes(), PyStr::from("a.py"), &options).expect("a valid program");
    let codes = &compiled.objects.codes;
    let bytes = |index: usize| match compiled.objects.get(codes[index].code) {
        Object::Bytes(bytes) => bytes,
        other => panic!("co_code is {other:?}"),
    };
    assert_eq!(bytes(0), [136, 0, 124, 0, 23, 0, 83, 0]);
    assert_eq!(bytes(1), [135, 0, 102, 1, 100, 1, 100, 2, 132, 8, 83, 0]);
}

/// Both releases write these instructions for the function that `source` defines.
fn both(source: &str, shown: &[u8]) {
    for version in [Version::V3_8, Version::V3_9] {
        assert_eq!(function(source, version), shown, "{version:?}: {source}");
    }
}

#[test]
fn example_functions_of_3_8_and_3_9() {
    // Loads of locals, a constant, a global; arithmetic; a call; RETURN_VALUE.
    both(
        "def hello_world():\n    print(\"Hello, World!\")\n",
        &[116, 0, 100, 1, 131, 1, 1, 0, 100, 0, 83, 0],
    );
    both(
        "def example_expr(two, four):\n    return (four - two) / two\n",
        &[124, 1, 124, 0, 24, 0, 124, 0, 27, 0, 83, 0],
    );
    both(
        "def f(y):\n    z = 10\n    return x + y + z\n",
        &[100, 1, 125, 1, 116, 0, 124, 0, 23, 0, 124, 1, 23, 0, 83, 0],
    );
}

#[test]
fn factorial_of_3_8_and_3_9() {
    // COMPARE_OP 1 and POP_JUMP_IF_FALSE 12; LOAD_GLOBAL 0, CALL_FUNCTION 1, BINARY_MULTIPLY
    let source = "def factorial(n):\n    if n <= 1:\n        return 1\n    return n * factorial(n - 1)\n";
    let shown = [
        124, 0, 100, 1, 107, 1, 114, 12, 100, 1, 83, 0, 124, 0, 116, 0, 124, 0, 100, 1, 24, 0, 131, 1, 20, 0,
        83, 0,
    ];
    both(source, &shown);
}

#[test]
fn add_nums_with_if_and_while() {
    // POP_JUMP_IF_FALSE 18 and JUMP_FORWARD 4
    let source =
        "def add_nums(a, b):\n    if a > b:\n        c = a + b\n    else:\n        c = b\n    return c\n";
    let shown = [
        124, 0, 124, 1, 107, 4, 114, 18, 124, 0, 124, 1, 23, 0, 125, 2, 110, 4, 124, 1, 125, 2, 124, 2, 83, 0,
    ];
    both(source, &shown);
    // POP_JUMP_IF_FALSE 18 and JUMP_ABSOLUTE 0
    let source = "def add_nums(a, b):\n    while a < b:\n        a = a + b\n    return a\n";
    let shown = [124, 0, 124, 1, 107, 0, 114, 18, 124, 0, 124, 1, 23, 0, 125, 0, 113, 0, 124, 0, 83, 0];
    both(source, &shown);
}

#[test]
fn module_that_defines_and_calls() {
    // LOAD_CONST 0 and 1, MAKE_FUNCTION 0, STORE_NAME 0; LOAD_NAME 1 and 0, two calls, POP_TOP
    let source = "def f(x):\n    return x + 1\n\nprint(f(1))\n";
    let shown = [100, 0, 100, 1, 132, 0, 90, 0, 101, 1, 101, 0, 100, 2, 131, 1, 131, 1, 1, 0, 100, 3, 83, 0];
    for version in [Version::V3_8, Version::V3_9] {
        let mut session = Session::new();
        let options = Options::new(Target::newest(version));
        let compiled =
            session.compile(source.as_bytes(), PyStr::from("a.py"), &options).expect("a valid program");
        // The module is finished last.
        let module = compiled.objects.codes.last().expect("a code object");
        match compiled.objects.get(module.code) {
            Object::Bytes(bytes) => assert_eq!(bytes, shown, "{version:?}"),
            other => panic!("co_code is {other:?}"),
        }
    }
}
