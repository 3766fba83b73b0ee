"""What `site` puts into `builtins`, for programs that start without it because there is nothing else for it to do."""
import _sitebuiltins
import sys

quit = _sitebuiltins.Quitter('quit', 'Ctrl-D (i.e. EOF)')
exit = _sitebuiltins.Quitter('exit', 'Ctrl-D (i.e. EOF)')
copyright = _sitebuiltins._Printer('copyright', sys.copyright)
credits = _sitebuiltins._Printer('credits', 'pyrvm runs the standard library of CPython, by its authors: see license().')
license = _sitebuiltins._Printer('license', 'Type `pyrvm --license` for the licence of the standard library.')
help = _sitebuiltins._Helper()
