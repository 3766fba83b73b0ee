//! Rows of a type's attributes that show a cell of what a stream keeps, and set it. Each stands for `own(vm, name, it)?`
//! of the file that it is used in.

/// A `Cell<bool>`; what is deleted is false.
macro_rules! flag {
    ($name:literal, $field:ident) => {
        (
            $name,
            Access {
                read: |vm, it| Ok(Value::bool(own(vm, $name, it)?.$field.get())),
                write: Some(|vm, it, value| {
                    let flag = value.map_or(Ok(false), |value| vm.truth(value))?;
                    own(vm, $name, it)?.$field.set(flag);
                    Ok(())
                }),
            },
        )
    };
}

/// A `Cell<usize>`; what is deleted or no count is 0.
macro_rules! count {
    ($name:literal, $field:ident) => {
        (
            $name,
            Access {
                read: |vm, it| Ok(vm.int_of_usize(own(vm, $name, it)?.$field.get())),
                write: Some(|vm, it, value| {
                    let count = value.map_or(Ok(0), |it| index(vm, it))?;
                    own(vm, $name, it)?.$field.set(usize::try_from(count).unwrap_or(0));
                    Ok(())
                }),
            },
        )
    };
}

/// A `Slot` that `None` empties.
macro_rules! slot {
    ($name:literal, $field:ident) => {
        (
            $name,
            Access {
                read: |vm, it| Ok(own(vm, $name, it)?.$field.get().unwrap_or(NONE)),
                write: Some(|vm, it, value| {
                    own(vm, $name, it)?.$field.set(value.filter(|it| !it.is_none()).cloned());
                    Ok(())
                }),
            },
        )
    };
}

/// Bytes that are read and written as said; what is deleted is empty.
macro_rules! bytes {
    ($name:literal, |$buffer:ident| $read:expr, |$to:ident, $data:ident| $write:expr) => {
        (
            $name,
            Access {
                read: |vm, it| {
                    let $buffer = own(vm, $name, it)?;
                    Ok(vm.bytes($read))
                },
                write: Some(|vm, it, value| {
                    let $to = own(vm, $name, it)?;
                    let $data = value.map_or(Ok(Vec::new()), |value| vm.bytes_of(value))?;
                    $write;
                    Ok(())
                }),
            },
        )
    };
}
