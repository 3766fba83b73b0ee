//! The names that the interpreter itself looks up.

use crate::value::Value;

macro_rules! names {
    ($($field:ident = $text:literal,)*) => {
        /// Interned strings, by what they say.
        #[expect(missing_docs, reason = "each is the text that it holds")]
        pub struct Names {
            $(pub $field: Value,)*
        }

        impl Names {
            /// Makes them; `intern` gives the string of a text.
            pub(crate) fn new(mut intern: impl FnMut(&str) -> Value) -> Names {
                Names { $($field: intern($text),)* }
            }
        }
    };
}

names! {
    abs = "__abs__", add = "__add__", and = "__and__", annotate = "__annotate__",
    annotate_func = "__annotate_func__", annotations = "__annotations__", args = "args", bases = "__bases__",
    bool = "__bool__", build_class = "__build_class__", builtins = "__builtins__", bytes = "__bytes__",
    call = "__call__", cause = "__cause__", class = "__class__", class_getitem = "__class_getitem__",
    classcell = "__classcell__", classdictcell = "__classdictcell__", close = "close", closure = "__closure__",
    code = "__code__", contains = "__contains__", context = "__context__", del = "__del__",
    delattr = "__delattr__", delete = "__delete__", delitem = "__delitem__", dict = "__dict__",
    dir = "__dir__", divmod = "__divmod__", doc = "__doc__", defaults = "__defaults__", end = "end",
    enter = "__enter__", eq = "__eq__", exit = "__exit__", file = "__file__", firstlineno = "__firstlineno__",
    float = "__float__", floordiv = "__floordiv__", flush = "flush", format = "__format__", ge = "__ge__",
    get = "__get__", getattr = "__getattr__", getattribute = "__getattribute__", getitem = "__getitem__",
    globals = "__globals__", gt = "__gt__", hash = "__hash__", iadd = "__iadd__", iand = "__iand__",
    ifloordiv = "__ifloordiv__", ilshift = "__ilshift__", imatmul = "__imatmul__", imod = "__imod__",
    imul = "__imul__", index = "__index__", init = "__init__", init_subclass = "__init_subclass__",
    instancecheck = "__instancecheck__", int = "__int__", invert = "__invert__", ior = "__ior__",
    ipow = "__ipow__", irshift = "__irshift__", isub = "__isub__", iter = "__iter__", itruediv = "__itruediv__",
    ixor = "__ixor__", key = "key", keys = "keys", kwdefaults = "__kwdefaults__", le = "__le__", len = "__len__",
    length_hint = "__length_hint__", lshift = "__lshift__", lt = "__lt__", main = "__main__",
    match_args = "__match_args__", matmul = "__matmul__", metaclass = "metaclass", missing = "__missing__",
    mod_ = "__mod__", module = "__module__", mro = "__mro__", mro_entries = "__mro_entries__", mul = "__mul__",
    name = "__name__", ne = "__ne__", neg = "__neg__", new = "__new__", next = "__next__", notes = "__notes__",
    or = "__or__", package = "__package__", pos = "__pos__", pow = "__pow__", prepare = "__prepare__",
    qualname = "__qualname__", radd = "__radd__", rand = "__rand__", rdivmod = "__rdivmod__", repr = "__repr__",
    reverse = "reverse", reversed = "__reversed__", rfloordiv = "__rfloordiv__", rlshift = "__rlshift__",
    rmatmul = "__rmatmul__", rmod = "__rmod__", rmul = "__rmul__", ror = "__ror__", round = "__round__",
    rpow = "__rpow__", rrshift = "__rrshift__", rshift = "__rshift__", rsub = "__rsub__",
    rtruediv = "__rtruediv__", rxor = "__rxor__", self_ = "__self__", sep = "sep", set = "__set__",
    set_name = "__set_name__", setattr = "__setattr__", setitem = "__setitem__", slots = "__slots__",
    spec = "__spec__", start = "start", static_attributes = "__static_attributes__", str = "__str__",
    strict = "strict", sub = "__sub__", subclasscheck = "__subclasscheck__", suppress = "__suppress_context__",
    traceback = "__traceback__", truediv = "__truediv__", trunc = "__trunc__", type_params = "__type_params__",
    value = "value", weakref = "__weakref__", wrapped = "__wrapped__", xor = "__xor__", func = "__func__",
    default = "default", send = "send", throw = "throw", name_plain = "name", obj = "obj", empty = "",
    aenter = "__aenter__", aexit = "__aexit__", await_ = "__await__", stdout = "stdout", stderr = "stderr", ceil = "__ceil__", floor = "__floor__",
    write = "write", underscore = "_",
}
