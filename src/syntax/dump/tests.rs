use super::facts::NODES;
use super::*;

/// The facts are those of the ast module's docstrings.
#[test]
fn facts_are_those_of_the_references() {
    let shown = |node: &NodeFacts| {
        let fields: Vec<String> = node
            .fields
            .iter()
            .map(|field| {
                let mark = match field.quantity {
                    Quantity::One => "",
                    Quantity::Optional => "?",
                    Quantity::Many => "*",
                };
                format!("{}{mark} {}", field.kind, field.name)
            })
            .collect();
        if fields.is_empty() { node.name.to_owned() } else { format!("{}({})", node.name, fields.join(", ")) }
    };
    let ours: Vec<String> = NODES.iter().map(|node| shown(node)).collect();
    for fixture in [
        include_str!("../../../fixtures/syntax/asdl-3.13.txt"),
        include_str!("../../../fixtures/syntax/asdl-3.14.txt"),
    ] {
        for line in fixture.lines() {
            // 3.14 writes `expr?*` for lists whose items may be None.
            let line = line.replace("?*", "*");
            assert!(ours.contains(&line), "{line}");
        }
    }
    assert_eq!(include_str!("../../../fixtures/syntax/asdl-3.14.txt").lines().count(), NODES.len());
}
