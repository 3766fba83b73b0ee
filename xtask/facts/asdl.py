"""Writes fixtures/syntax/asdl-VERSION.txt: the node classes of the ast module and their fields, as their docstrings give them.

python3.14 xtask/facts/asdl.py > fixtures/syntax/asdl-3.14.txt
"""

import ast

for name in sorted(dir(ast)):
    node = getattr(ast, name)
    if isinstance(node, type) and issubclass(node, ast.AST) and "_field_types" in vars(node):
        if node._fields or node._attributes:
            print(" ".join(node.__doc__.split()))
