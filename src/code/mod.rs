//! Code objects and the constants they hold: one graph for what was read and for what was compiled.
//!
//! A marshalled file is a graph of objects. [`Objects`] holds it flat: objects are numbered, containers
//! name their elements by number, and each object remembers how it is written (`flag_ref`, type code).
//! An object that occurs in two places is one number; two equal objects with two numbers are written
//! twice. That is all that the marshal writer needs to reproduce back-references.

mod objects;

pub use objects::{Code, Entry, Object, ObjectId, Objects, Range, flags};
