//! The interpreter: one loop over internal instructions.
//!
//! Calls of Python code by Python code stay in the loop and use no native stack. The current frame's registers,
//! next instruction and code are in local variables; `Frame::next` of the frames below says where they go on.
//!
//! Every register always holds a value, so nothing that code does, verified or not, can read what is no value. The
//! code object checks (`load::verify`) that registers named by instructions are within the window.
#![expect(unsafe_code, reason = "registers and instructions are read through pointers")]

mod arguments;
mod attributes;
mod caches;
mod calls;
mod containers;
mod fast;
pub(crate) mod frames;
mod generators;
pub(crate) mod kernel;
mod named;
mod ops;
mod patterns;
mod rest;
mod run;
pub(crate) mod signals;
pub(crate) mod sockets;
mod stack;
pub(crate) mod system;
pub(crate) mod threads;
mod thrown;
pub(crate) mod tracing;
mod unwind;
pub(crate) mod watch;
mod window;

pub(crate) use attributes::is_member_of_structure;
pub(crate) use stack::Stack;
pub(crate) use stack::{Frame, Leave};
