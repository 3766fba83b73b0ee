use super::*;
use crate::target::{Target, Version};
use crate::value::testing::parse;

/// Do two constants agree? Any NaN is like any other: which one an operation gives is the processor's.
fn same(a: &Const<'_>, b: &Const<'_>) -> bool {
    let float = |a: f64, b: f64| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
    match (a, b) {
        (Const::Float(a), Const::Float(b)) => float(*a, *b),
        (Const::Complex(a), Const::Complex(b)) => float(a.re, b.re) && float(a.im, b.im),
        _ => format!("{a:?}") == format!("{b:?}"),
    }
}

fn compare(fixture: &str, target: Target) {
    let arena = Bump::new();
    let rules = target.complex_rules();
    let mut wrong = Vec::new();
    for line in fixture.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let value = |text| parse(&arena, text).0;
        let (left, right) = (value(words[1]), value(words[2]));
        let op = match words[0] {
            "+" => Operator::Add,
            "-" => Operator::Sub,
            "*" => Operator::Mult,
            "/" => Operator::Div,
            "//" => Operator::FloorDiv,
            "%" => Operator::Mod,
            "**" => Operator::Pow,
            "<<" => Operator::LShift,
            ">>" => Operator::RShift,
            "|" => Operator::BitOr,
            "^" => Operator::BitXor,
            _ => Operator::BitAnd,
        };
        let result =
            if words[0] == "[]" { item(&arena, left, right) } else { binary(&arena, op, left, right, rules) };
        let right = match (&result, words[3]) {
            (None, "-") => true,
            (Some(result), expected) if expected != "-" => same(result, &value(expected)),
            _ => false,
        };
        if !right {
            wrong.push(format!("{line}\n    {result:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

#[test]
fn as_cpython_3_13() {
    compare(include_str!("../../../fixtures/values/arithmetic-3.13.txt"), Target::newest(Version::V3_13));
}

#[test]
fn as_cpython_3_14() {
    compare(include_str!("../../../fixtures/values/arithmetic-3.14.txt"), Target::newest(Version::V3_14));
}

#[test]
fn slices() {
    let arena = Bump::new();
    let text = Const::Str("aäbc".into());
    let part = |number: Option<i64>| number.map_or(Const::None, Const::Int);
    let cases = [
        ((None, None, None), "aäbc"),
        ((None, None, Some(-1)), "cbäa"),
        ((Some(1), Some(-1), None), "äb"),
        ((Some(-100), Some(100), Some(2)), "ab"),
        ((Some(100), Some(-100), Some(-3)), "ca"),
        ((Some(3), Some(1), None), ""),
        ((Some(0), None, Some(i64::MAX)), "a"),
    ];
    for ((start, stop, step), expected) in cases {
        let result = slice(&arena, text, [part(start), part(stop), part(step)]);
        assert!(matches!(result, Some(Const::Str(text)) if text.to_str() == Some(expected)), "{expected}");
    }
    assert!(slice(&arena, text, [Const::None, Const::None, Const::Int(0)]).is_none());
    assert!(slice(&arena, text, [Const::None, Const::Float(1.0), Const::None]).is_none());
}

/// The largest strings that are folded, and the first that are not.
#[test]
fn limits() {
    let arena = Bump::new();
    let rules = Target::newest(Version::V3_13).complex_rules();
    let text = |len: usize| Const::Bytes(arena.alloc_slice_fill_copy(len, b'x'));
    let times = |left, right| binary(&arena, Operator::Mult, left, right, rules).is_some();
    assert!(times(text(1), Const::Int(4096)) && times(Const::Int(2), text(2048)));
    assert!(!times(text(1), Const::Int(4097)) && !times(Const::Int(2), text(2049)));
    assert!(times(text(5000), Const::Int(0)) && !times(text(5000), Const::Int(1)));
    assert!(!times(text(1), Const::Int(-1)) && times(text(0), Const::Int(-1)));
    let items = |len: usize| Const::Tuple(arena.alloc_slice_fill_copy(len, Const::None));
    assert!(times(items(128), Const::Int(2)) && !times(items(129), Const::Int(2)));
    let nested = Const::Tuple(arena.alloc_slice_fill_copy(4, items(127)));
    assert!(times(nested, Const::Int(2)) && !times(nested, Const::Int(3)));
}

#[test]
fn unary_operators() {
    let arena = Bump::new();
    let shown = |op, operand| unary(&arena, op, operand).map(|value| format!("{value:?}"));
    let min = Const::Int(i64::MIN);
    assert_eq!(
        shown(UnaryOperator::USub, min).as_deref(),
        Some("BigInt(BigIntLit { negative: false, digits: [0, 2147483648] })")
    );
    assert_eq!(shown(UnaryOperator::Invert, Const::True).as_deref(), Some("Int(-2)"));
    assert_eq!(shown(UnaryOperator::USub, Const::Float(0.0)).as_deref(), Some("Float(-0.0)"));
    assert_eq!(shown(UnaryOperator::UAdd, Const::True).as_deref(), Some("Int(1)"));
    assert_eq!(shown(UnaryOperator::Not, Const::Str("".into())).as_deref(), Some("True"));
    assert_eq!(shown(UnaryOperator::Invert, Const::Float(1.0)), None);
    assert_eq!(shown(UnaryOperator::UAdd, Const::Str("".into())), None);
}

/// A last bit that changed within 3.12 and 3.13.
#[test]
fn complex_powers_of_older_releases() {
    let lines = [
        "** fc008000000000000 c00000000000000003ff0000000000000 c3f942076d6a62b173fa3b4592b7fa4de",
        "** fc008000000000000 c00000000000000003ff0000000000000 c3f942076d6a62b183fa3b4592b7fa4de",
    ];
    for version in [Version::V3_8, Version::V3_9, Version::V3_10, Version::V3_11] {
        compare(lines[0], Target::newest(version));
    }
    compare(lines[0], Target { version: Version::V3_12, micro: 1 });
    compare(lines[1], Target { version: Version::V3_12, micro: 15 });
    compare(lines[1], Target::newest(Version::V3_15));
}
