//! Exception types.

use super::types::{Maker, TypeRef, Types};
use crate::heap::Heap;
use crate::object::instance::Shapes;
use crate::object::{Kind, Type, TypeFlags};
use crate::value::Object;

macro_rules! exceptions {
    ($($name:ident: $base:ident,)*) => {
        /// An exception type of the interpreter's own.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[expect(missing_docs, reason = "each is named as in Python")]
        pub enum Exc {
            BaseException,
            $($name,)*
        }

        /// Their names and bases.
        const ALL: &[(&str, Exc)] = &[$((stringify!($name), Exc::$base),)*];
    };
}

exceptions! {
    Exception: BaseException,
    SystemExit: BaseException,
    KeyboardInterrupt: BaseException,
    GeneratorExit: BaseException,
    ArithmeticError: Exception,
    FloatingPointError: ArithmeticError,
    OverflowError: ArithmeticError,
    ZeroDivisionError: ArithmeticError,
    AssertionError: Exception,
    AttributeError: Exception,
    BufferError: Exception,
    EOFError: Exception,
    ImportError: Exception,
    ModuleNotFoundError: ImportError,
    LookupError: Exception,
    IndexError: LookupError,
    KeyError: LookupError,
    MemoryError: Exception,
    NameError: Exception,
    UnboundLocalError: NameError,
    OSError: Exception,
    FileNotFoundError: OSError,
    ReferenceError: Exception,
    RuntimeError: Exception,
    NotImplementedError: RuntimeError,
    RecursionError: RuntimeError,
    StopIteration: Exception,
    StopAsyncIteration: Exception,
    SyntaxError: Exception,
    IndentationError: SyntaxError,
    TabError: IndentationError,
    SystemError: Exception,
    TypeError: Exception,
    ValueError: Exception,
    UnicodeError: ValueError,
    Warning: Exception,
    DeprecationWarning: Warning,
    RuntimeWarning: Warning,
    SyntaxWarning: Warning,
    UserWarning: Warning,
}

/// Exception types, by [`Exc`].
pub struct ExceptionTypes(Vec<TypeRef>);

impl ExceptionTypes {
    pub(crate) fn new(heap: &Heap, shapes: &Shapes, types: &Types, version: &mut u32) -> ExceptionTypes {
        let flags = TypeFlags::BASE.with(TypeFlags::ATTRIBUTES).with(TypeFlags::EXCEPTION);
        let mut maker = Maker { heap, shapes, version };
        let mut made: Vec<TypeRef> = Vec::with_capacity(ALL.len() + 1);
        let mut make = |name, base: &Object<Type>| {
            maker.make(&types.type_, &types.dict, &types.str, (name, Kind::Exception, base, flags))
        };
        made.push(make("BaseException", &types.object));
        for &(name, base) in ALL {
            let ty = make(name, &made[base as usize]);
            made.push(ty);
        }
        ExceptionTypes(made)
    }

    /// A type.
    pub fn get(&self, of: Exc) -> &TypeRef {
        &self.0[of as usize]
    }

    /// All with their names.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&'static str, &TypeRef)> {
        let names = std::iter::once("BaseException").chain(ALL.iter().map(|&(name, _)| name));
        names.zip(&self.0)
    }
}
