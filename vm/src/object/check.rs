//! Is the heap sound? Builds with debug assertions ask after every program.
//!
//! Every cell of every page is an object or in the free list of its size; every object has a layout and a type that there
//! are; whatever an object refers to is an object; and no object is referred to by more than it counts. (By fewer it may
//! be: native code and the interpreter hold references too.)
#![expect(unsafe_code, reason = "it looks at objects that it holds no reference to")]

use super::Kind;
use super::visit::borrowed;
use crate::value::Header;
use crate::vm::Vm;
use std::collections::HashMap;

impl Vm {
    /// Looks at the whole heap.
    ///
    /// # Errors
    /// The first thing that is wrong, in words.
    pub fn check_heap(&self) -> Result<(), String> {
        let objects = self.heap.survey()?;
        let mut seen: HashMap<u64, u32> = objects.iter().map(|&(object, _)| (object as u64, 0)).collect();
        for &(object, class) in &objects {
            self.check_header(object, class, &seen)?;
        }
        for &(object, _) in &objects {
            // SAFETY: the object is alive, and its header was found to be one.
            let value = unsafe { borrowed(object) };
            let mut stray = None;
            value.visit(&mut |child| {
                if child.is_object() {
                    match seen.get_mut(&child.word()) {
                        Some(times) => *times += 1,
                        None => stray = Some(child.word()),
                    }
                }
            });
            if let Some(word) = stray {
                return Err(format!("{} refers to {word:#x}, where no object is", self.described(object)));
            }
        }
        for &(object, _) in &objects {
            let times = seen.get(&(object as u64)).copied().unwrap_or(0);
            // SAFETY: as above.
            let count = unsafe { &*object }.count.get();
            if times > count {
                let what = self.described(object);
                return Err(format!("{what} is referred to {times} times or more and counts {count}"));
            }
        }
        Ok(())
    }

    /// Has the object a layout, the size class of its page, and a type?
    fn check_header(
        &self,
        object: *const Header,
        class: usize,
        known: &HashMap<u64, u32>,
    ) -> Result<(), String> {
        // SAFETY: the cell holds at least a header; its layout is read as a number, which any byte is.
        let layout = unsafe { (&raw const (*object).kind).cast::<u8>().read() };
        if usize::from(layout) >= Kind::COUNT {
            return Err(format!("the object at {object:p} has layout {layout}, which there is not"));
        }
        // SAFETY: all fields of the header are valid now.
        let header = unsafe { &*object };
        if usize::from(header.class) != class {
            return Err(format!(
                "the object at {object:p} says it has class {}, its page {class}",
                header.class
            ));
        }
        let ty = header.ty.get();
        // SAFETY: `known` are the objects that there are, and an object starts with its header.
        let right = known.contains_key(&(ty as u64)) && unsafe { (*ty).header.kind == Kind::Type };
        if !right {
            return Err(format!(
                "the type of the object at {object:p}, layout {:?}, is no type",
                header.kind
            ));
        }
        Ok(())
    }

    /// An object in words: its type's name and layout.
    fn described(&self, object: *const Header) -> String {
        // SAFETY: `check_header` found the header to be right.
        let header = unsafe { &*object };
        let name = self.name_of_type(header.type_of());
        format!("the {name} at {object:p} (layout {:?})", header.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_count_is_found() {
        let vm = Vm::new();
        let inner = vm.list(Vec::new());
        let outer = vm.list(vec![inner.clone(), inner.clone()]);
        assert_eq!(vm.check_heap(), Ok(()));
        let count = &inner.header().expect("a list is an object").count;
        count.set(1);
        let wrong = vm.check_heap();
        count.set(3);
        drop((inner, outer));
        let message = wrong.expect_err("two references and a count of 1");
        assert!(message.contains("referred to 2 times or more and counts 1"), "{message}");
    }

    #[test]
    fn a_type_that_is_none_is_found() {
        let vm = Vm::new();
        let (list, other) = (vm.list(Vec::new()), vm.dict());
        let header = list.header().expect("a list is an object");
        let right = header.ty.get();
        header.ty.set(other.word() as *const _);
        let wrong = vm.check_heap();
        header.ty.set(right);
        assert!(wrong.is_err_and(|it| it.contains("is no type")));
    }
}
