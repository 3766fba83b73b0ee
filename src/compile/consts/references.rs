//! Which objects are written with `FLAG_REF`, and in which order a frozenset's elements are.
//!
//! CPython sets the flag when an object has more than one reference at the time of writing, or is an interned
//! string (`w_ref`, `Python/marshal.c`). By then the compiler's own references are gone. What is left: one for
//! each place in a container that is reachable from the module's code object; one more for the module's code
//! object itself, which the caller holds, for `co_code`, which the code object keeps a copy of, and for what
//! the process shares (small ints and the like); and, while a frozenset is written, one for each element from
//! the list in which they are sorted.

use super::ConstPool;
use super::values::is_latin1_char;
use crate::code::{Object, ObjectId, Objects, Range};
use crate::compile::recipe::{FrozensetKeys, InternedStrings};
use crate::marshal::{WriteError, Writer};

/// Objects that are written as a type code alone: `None`, `False`, `True`, `...`.
const BARE: usize = 4;

impl ConstPool<'_> {
    /// Appends the marshalled module to `out`, whose code object is `root`. The pool can only be recycled
    /// afterwards.
    ///
    /// # Errors
    /// When a constant is nested too deeply to be marshalled, or too long; `out` ends with a part of it then.
    pub fn write(
        &mut self,
        root: ObjectId,
        writer: &mut Writer,
        out: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        let on_the_way = match (self.recipe.interned_strings, self.recipe.frozenset_keys) {
            (InternedStrings::Immortal, FrozensetKeys::AllFlagged) => self.sort_flat_frozensets()?,
            (InternedStrings::Immortal, FrozensetKeys::WithOwnFlags) => self.frozensets.is_empty(),
            (InternedStrings::Immortal, FrozensetKeys::Iterated | FrozensetKeys::Unsorted) => true,
            // Interning makes no mark, so that marks have to be taken back first.
            (InternedStrings::Mortal, _) => false,
        };
        if on_the_way {
            self.mark_root(root);
            return writer.write_sharing(&mut self.objects, root, out);
        }
        self.finish(root)?;
        writer.write(&self.objects, root, out)
    }

    /// Puts the elements of all frozensets in order, where that does not depend on what else there is: where each
    /// element is written with `FLAG_REF` and has no parts.
    fn sort_flat_frozensets(&mut self) -> Result<bool, WriteError> {
        if self.frozensets.is_empty() {
            return Ok(true);
        }
        let mut writer = Writer::new();
        let mut before = Vec::new();
        for &id in &self.frozensets {
            let Object::FrozenSet(range) = self.objects.get(id) else { continue };
            if self.objects.children(range).iter().any(|&element| self.objects.get(element).has_parts()) {
                return Ok(false);
            }
            before.clear();
            let Objects { objects, children, .. } = &mut self.objects;
            for element in &children[range.indexes()] {
                let entry = &mut objects[element.index()];
                before.push((*element, entry.flag_ref));
                entry.flag_ref = !entry.object.is_bare();
            }
            sort_by_keys(&mut self.objects, range, &mut writer)?;
            for &(element, flag_ref) in &before {
                self.objects.objects[element.index()].flag_ref = flag_ref;
            }
        }
        Ok(true)
    }

    /// Notes a reference to the module's code object that its holder has, besides the writer's.
    fn mark_root(&mut self, root: ObjectId) {
        self.objects.objects[root.index()].flag_ref = self.target.version.module_references() > 1;
    }

    /// Decides every flag, for a file whose module code object is `root`. Nothing may be added afterwards.
    ///
    /// # Errors
    /// When a constant is nested too deeply to be marshalled.
    pub fn finish(&mut self, root: ObjectId) -> Result<(), WriteError> {
        let mut todo = std::mem::take(&mut self.ids);
        todo.clear();
        let mut frozensets = std::mem::take(&mut self.class_list);
        frozensets.clear();
        let keys = self.recipe.frozenset_keys;
        let mortal = self.recipe.interned_strings == InternedStrings::Mortal;
        if mortal {
            self.forget_interning();
        }
        self.mark_root(root);
        let Objects { form, objects, children, codes, .. } = &mut self.objects;
        todo.push(root);
        while let Some(id) = todo.pop() {
            let object = objects[id.index()].object;
            // Counts a reference: the second one makes the flag, the first one goes on to what is inside.
            let mut refer = |to: ObjectId| {
                let entry = &mut objects[to.index()];
                if entry.seen {
                    entry.flag_ref = true;
                    return;
                }
                entry.seen = true;
                if entry.object.has_parts() {
                    todo.push(to);
                }
            };
            match object {
                Object::Tuple(range) => children[range.indexes()].iter().copied().for_each(refer),
                Object::FrozenSet(range) => {
                    for &element in &children[range.indexes()] {
                        refer(element);
                        if keys.holds_elements() {
                            refer(element);
                        }
                    }
                    frozensets.push(id.0);
                }
                Object::Slice(parts) => parts.into_iter().for_each(refer),
                Object::Code(index) => {
                    let code = &codes[index as usize];
                    let fields = form.fields.iter().filter(|field| !field.is_number());
                    fields.for_each(|&field| refer(code.object(field)));
                }
                _ => {}
            }
        }
        for entry in &mut objects[..BARE] {
            entry.flag_ref = false;
        }
        if mortal {
            self.add_references_of_the_interpreter();
        }
        self.ids = todo;
        let result = if keys.is_sorted() { self.sort_frozensets(&frozensets) } else { Ok(()) };
        if keys == FrozensetKeys::WithOwnFlags {
            for &id in &frozensets {
                if let Object::FrozenSet(range) = self.objects.get(ObjectId(id)) {
                    for index in range.indexes() {
                        let element = self.objects.children[index];
                        let bare = element.index() < BARE;
                        self.objects.objects[element.index()].flag_ref |= !bare;
                    }
                }
            }
        }
        self.class_list = frozensets;
        result
    }

    /// Takes back that interned strings are marked as such.
    fn forget_interning(&mut self) {
        for entry in &mut self.objects.objects {
            if matches!(entry.object, Object::Str { interned: true, .. }) {
                entry.flag_ref = false;
            }
        }
    }

    /// Marks the interned strings that modules of the interpreter itself refer to, those of one character, which
    /// it keeps, those of `unicodedata` once the source needed it, and the names that the symbol table has for the kinds of comprehensions that it has met. Braces are
    /// interned once an annotation was turned into text.
    fn add_references_of_the_interpreter(&mut self) {
        const KINDS: [&[u8]; 4] = [b"genexpr", b"listcomp", b"setcomp", b"dictcomp"];
        let target = self.target;
        let met = KINDS.map(|kind| {
            self.objects.codes.iter().any(|code| match self.objects.get(code.name) {
                Object::Str { text, .. } => {
                    text.as_bytes().strip_prefix(b"<").and_then(|it| it.strip_suffix(b">")) == Some(kind)
                }
                _ => false,
            })
        });
        let has_unparsed = self.has_unparsed;
        let character_data = self.character_data;
        for entry in &mut self.objects.objects {
            if let Object::Str { text, interned } = &mut entry.object
                && has_unparsed
                && matches!(text.as_bytes(), b"{" | b"}")
            {
                *interned = true;
            }
            if let Object::Str { text, interned: true, .. } = entry.object
                && !entry.flag_ref
            {
                let text = text.as_bytes();
                let is_kept = KINDS.iter().zip(met).any(|(&kind, met)| met && kind == text);
                entry.flag_ref = is_latin1_char(text)
                    || is_kept
                    || target.has_interned(text)
                    || target.version.interns_with_character_data(character_data, text);
            }
        }
    }

    /// Puts the elements of frozensets in the order of their own marshalled forms (bpo-37596), inner ones first.
    fn sort_frozensets(&mut self, frozensets: &[u32]) -> Result<(), WriteError> {
        let mut writer = Writer::new();
        let mut done = hashbrown::HashSet::new();
        for &id in frozensets {
            self.sort_elements(ObjectId(id), &mut writer, &mut done)?;
        }
        Ok(())
    }

    fn sort_elements(
        &mut self,
        id: ObjectId,
        writer: &mut Writer,
        done: &mut hashbrown::HashSet<u32>,
    ) -> Result<(), WriteError> {
        let range = match self.objects.get(id) {
            Object::Tuple(range) => range,
            Object::FrozenSet(range) => {
                if !done.insert(id.0) {
                    return Ok(());
                }
                range
            }
            _ => return Ok(()),
        };
        for index in range.start..range.start + range.len {
            self.sort_elements(self.objects.children[index as usize], writer, done)?;
        }
        if !matches!(self.objects.get(id), Object::FrozenSet(_)) {
            return Ok(());
        }
        sort_by_keys(&mut self.objects, range, writer)
    }
}

/// Puts elements in the order of their own marshalled forms.
fn sort_by_keys(objects: &mut Objects<'_>, range: Range, writer: &mut Writer) -> Result<(), WriteError> {
    let mut written = Vec::new();
    let mut keyed = Vec::with_capacity(range.len as usize);
    for &element in objects.children(range) {
        let mut key = Vec::new();
        writer.write_alone(objects, element, &mut written, &mut key)?;
        keyed.push((key, element));
    }
    keyed.sort();
    for (place, (_, element)) in objects.children[range.indexes()].iter_mut().zip(keyed) {
        *place = element;
    }
    Ok(())
}
